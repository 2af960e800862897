import Addresses
import Checks
package import Events
import Inventory

/// When verdicts are shown: after what has changed has settled.
extension WatchModel {
    /// The two ends of a handover are heard one after the other, and journald tells of a daemon's words a quarter of a second
    /// after the kernel has told of the addresses. So a verdict waits: one that is well until nothing has changed for
    /// `calm`, every other one for `doubt` and for the look that follows the change, and none longer than `longest`.
    /// Milliseconds.
    private static let (calm, doubt, longest) = (80, 450, 1500)

    /// - `time`: when what changed happened.
    mutating func disturb(_ index: Int, at time: UTCTime, seen now: UTCTime) {
        let state = clusters[index]
        let results = state.cluster.nodes.compactMap { node in
            nodes[node.id]?.result.map { (node.id, $0) }
        }
        clusters[index].judged = state.questions.map {
            ownership(of: $0, nodes: results, observers: state.observers)
        }
        clusters[index].cause = state.cause ?? time
        clusters[index].firstSeen = state.firstSeen ?? now
        clusters[index].lastSeen = now
    }

    /// Whether verdicts wait for being shown.
    package var isUnsettled: Bool { clusters.contains { $0.cause != nil } }

    /// Shows the verdicts that have settled, and tells those that changed.
    package mutating func settle(at now: UTCTime) -> [WatchEvent] {
        clusters.indices.flatMap { index -> [WatchEvent] in
            guard let cause = clusters[index].cause, isSettled(index, at: now) else { return [] }
            (clusters[index].cause, clusters[index].firstSeen) = (nil, nil)
            return show(index, cause: min(cause, now), at: now)
        }
    }

    private func isSettled(_ index: Int, at now: UTCTime) -> Bool {
        let state = clusters[index]
        guard let first = state.firstSeen, let last = state.lastSeen else { return true }
        func hasPassed(_ milliseconds: Int, since time: UTCTime) -> Bool {
            time.adding(milliseconds: milliseconds) <= now
        }
        // A clock that was set back must not hold a verdict up.
        if now < first || hasPassed(Self.longest, since: first) { return true }
        if state.judged.allSatisfy({ $0.verdict == .owned }) { return hasPassed(Self.calm, since: last) }
        return hasPassed(Self.doubt, since: last) && state.lookDue == nil && state.lookBegan == nil
    }

    private mutating func show(_ index: Int, cause: UTCTime, at now: UTCTime) -> [WatchEvent] {
        let before = Dictionary(clusters[index].shown.map { ($0.ownership.vip, $0) }) { first, _ in first }
        var changes: [VerdictChange] = []
        clusters[index].shown = clusters[index].judged.map { ownership in
            let old = before[ownership.vip]
            if let old, old.ownership.isSettled(like: ownership) {
                return Shown(ownership: ownership, since: old.since)
            }
            let since =
                old != nil
                ? cause
                : ownership.ownedFor.map { now.adding(milliseconds: -$0 * 1000) }
            let gap = clusters[index].gaps[ownership.vip].flatMap { gap in gap.to.map { $0 - gap.from } }
            if gap != nil { clusters[index].gaps[ownership.vip] = nil }
            changes.append(VerdictChange(from: old, to: ownership, since: since, gap: gap))
            return Shown(ownership: ownership, since: since)
        }
        return VerdictChange.events(of: changes, in: clusters[index].cluster.name, at: cause, seen: now)
    }
}

extension VIPOwnership {
    /// Whether another verdict says the same.
    fileprivate func isSettled(like other: VIPOwnership) -> Bool {
        verdict == other.verdict && holders == other.holders
    }
}

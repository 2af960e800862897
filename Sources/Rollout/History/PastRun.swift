package import Events
package import Facts
package import Remote

/// One run of haops, as the nodes' journals record it.
package struct PastRun: Sendable {
    /// The part that all of its names have in common: `k3x9f2`.
    package let id: String
    /// `name@host`.
    package let who: String
    /// The nodes' parts, sorted by cluster and name.
    package private(set) var parts: [NodePart] = []

    init(id: String, who: String) {
        self.id = id
        self.who = who
    }

    /// What the run did on one node.
    package struct NodePart: Sendable {
        package var node: HostID
        package var cluster: String
        /// The run's name on this node.
        package var name: RunID
        /// The journal's entries, in its order.
        package var entries: [RunJournal.Entry]
        /// Whether the run holds the node's lock now.
        package var isUnderWay: Bool
    }

    mutating func add(_ part: NodePart) {
        parts.append(part)
        parts.sort { ($0.cluster, $0.node, $0.name) < ($1.cluster, $1.node, $1.name) }
    }

    /// How a run ended, in increasing severity.
    package enum Outcome: String, Hashable, Comparable, Sendable, CaseIterable {
        case done
        /// A gate refused, and nothing was changed.
        case refused
        case interrupted
        /// The run broke off: the operator's machine or connection was lost.
        case unfinished
        /// The run broke off, and a node has restored its old files automatically.
        case wentBack = "went back by itself"
        case failed
        case unknown
        case underWay = "under way"

        package static func < (left: Outcome, right: Outcome) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    package var names: [RunID] { Set(parts.map(\.name)).sorted() }
    package var clusters: [String] { Set(parts.map(\.cluster)).sorted() }
    package var purposes: [String] { Set(parts.flatMap(\.entries).map(\.what)).sorted() }
    /// The addresses that the run's connections came from.
    package var addresses: [String] { Set(parts.flatMap(\.entries).compactMap(\.from)).sorted() }
    package var outcome: Outcome { parts.map(\.outcome).max() ?? .unknown }

    /// Why the run ended as it did, where a journal says so.
    package var reasons: [String] {
        var seen: Set<String> = []
        return parts.compactMap { $0.end?.why }.filter { seen.insert($0).inserted }
    }

    /// The shortest name that identifies this run even if another run has the same id.
    var shortestName: String { names.first?.text ?? id }

    /// When the run began: by the operator's clock if a name contains it, else by the nodes' clocks.
    package var began: UTCTime {
        names.compactMap(\.began).min() ?? parts.compactMap(\.entries.first?.time).min()
            ?? UTCTime(millisecondsSince1970: 0)
    }

    /// The longest time for which any node took part, by that node's clock.
    package var duration: Duration {
        parts.map { part in
            let times = part.entries.map(\.time)
            guard let first = times.min(), let last = times.max() else { return .zero }
            return last - first
        }.max() ?? .zero
    }
}

extension PastRun.NodePart {
    /// Whether a change was taken back, or the failure of a drill has ended.
    private static func isBack(_ event: String) -> Bool {
        event.hasPrefix("restored (") || event.hasPrefix("ended (")
    }

    /// How the run ended on this node; `nil` when it did not end here.
    package var end: RunEnd? { entries.lazy.reversed().compactMap { RunEnd(event: $0.event) }.first }

    /// The result on the node, in one or two words.
    package var fate: String {
        if isUnderWay { return "under way" }
        // A rollback at the next boot happens after the end of the run.
        if entries.last.map({ Self.isBack($0.event) }) == true { return "went back by itself" }
        return end?.fate ?? (isOneStep ? "done" : "unfinished")
    }

    package var outcome: PastRun.Outcome {
        if isUnderWay { return .underWay }
        guard let end else {
            if isOneStep { return .done }
            return entries.contains { Self.isBack($0.event) } ? .wentBack : .unfinished
        }
        // Nobody has confirmed a change that was to be confirmed.
        if entries.last.map({ Self.isBack($0.event) }) == true, end.fate == "changed" { return .wentBack }
        switch end.outcome ?? end.fate {
        case "done", "nothing to do", "changed", "untouched": return .done
        case "refused", "unreachable", "not begun": return .refused
        case "interrupted": return .interrupted
        case "unknown": return .unknown
        default: return .failed
        }
    }

    /// Work of a single step has no separate end in the journal.
    private var isOneStep: Bool {
        entries.count == 1 && entries[0].event.hasPrefix("broke the lock of ")
    }

    /// How long the work on this node took, including its gates, by the node's own clock. Time spent on other nodes
    /// is not counted.
    ///
    /// - Returns: `nil` where nothing was done.
    package var duration: Duration? {
        let work = entries.filter { !Self.isAside($0.event) }
        guard let first = work.first, var last = work.first(where: { Self.endsTurn($0.event) }) ?? work.last
        else { return nil }
        // An override is one line in the journal; its duration lasts until the addresses had moved.
        if work.count == 1, let end = entries.last(where: { RunEnd(event: $0.event) != nil }) { last = end }
        return max(.zero, last.time - first.time)
    }

    private static func endsTurn(_ event: String) -> Bool {
        event == "verified" || event == "confirmed" || event == "mended" || isBack(event)
    }

    private static func isAside(_ event: String) -> Bool {
        event == "staged" || event.hasPrefix("put off ") || event.hasPrefix("took over ")
            || RunEnd(event: event) != nil
    }
}

extension RunJournal.Entry {
    /// The event in words that do not require knowledge of the scripts.
    package var words: String {
        if let end = RunEnd(event: event) {
            return "end of the run here: \(end.fate)" + (end.why.map { ", because: \($0)" } ?? "")
        }
        return switch event {
        case "staged": "new files copied to the node"
        case "preparing": "change begins: current files are backed up"
        case "changing": "automatic rollback scheduled; files are replaced"
        case "changed": "files replaced, daemons reloaded or restarted"
        case "verified": "verified; automatic rollback kept until every node is done"
        case "confirmed": "verified; automatic rollback cancelled"
        case "held": "verified; automatic rollback kept until somebody confirms"
        case "restoring (haops)": "old files are restored"
        case "restored (haops)": "old files are in force again"
        case "restoring (timer)": "automatic rollback begins: the change was not confirmed in time"
        case "restored (timer)": "old files are in force again, by the automatic rollback"
        case "restoring (boot)": "automatic rollback begins at boot: the change was not confirmed"
        case "restored (boot)": "old files are in force again, since the boot"
        case "mending": "keepalived is being restored"
        case "mended": "keepalived was restored"
        case "announced": "addresses announced to the network"
        case "ending (haops)": "the failure is ended"
        case "ended (haops)": "the failure has ended"
        case "ending (timer)": "the failure is ended by the node: its time is up"
        case "ended (timer)": "the failure has ended, by the node itself"
        case "ending (boot)": "the failure is ended at boot"
        case "ended (boot)": "the failure has ended, with the boot"
        default: handOver ?? event
        }
    }

    /// `handover of VI_1: 51` in words.
    private var handOver: String? {
        let start = "handover of "
        guard event.hasPrefix(start), let colon = event.lastIndex(of: ":"),
            let number = Int(event[event.index(after: colon)...].trimmingPrefix(" "))
        else { return nil }
        let instance = event[event.index(event.startIndex, offsetBy: start.count)..<colon]
        return number == 0
            ? "override of \(instance) ends"
            : "override of \(instance): its priority here is changed by \(number > 0 ? "+" : "")\(number)"
    }
}

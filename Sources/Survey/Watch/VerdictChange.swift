import Addresses
import Checks
import Events
import Remote

/// An address whose verdict or owner has changed.
struct VerdictChange {
    var from: WatchModel.Shown?
    var to: VIPOwnership
    /// Since when it is so, as far as that is known.
    var since: UTCTime?
    /// How long no node had the address in between, by the kernels.
    var gap: Duration?

    /// What is alike in several addresses is told once.
    private struct Likeness: Hashable {
        var from: VIPOwnership.Verdict?
        var to: VIPOwnership.Verdict
        var owners: [HostID]
        var formerOwners: [HostID]
        var reason: String
    }

    private var likeness: Likeness {
        Likeness(
            from: from?.ownership.verdict, to: to.verdict, owners: to.holders,
            formerOwners: from?.ownership.holders ?? [], reason: to.reason)
    }

    /// - `time`: when what led to the changes happened.
    static func events(
        of changes: [VerdictChange], in cluster: String, at time: UTCTime, seen: UTCTime
    ) -> [WatchEvent] {
        changes.map(\.likeness).uniqued().compactMap { likeness in
            let alike = changes.filter { $0.likeness == likeness }
            return alike.first.map { first in
                var event = WatchEvent(
                    .verdict, at: first.from == nil ? seen : time, seen: seen, cluster: cluster,
                    words: first.words(for: alike.map(\.to.vip), at: time))
                event.addresses = alike.map(\.to.vip)
                event.instance = first.to.instance
                event.from = first.from?.ownership.verdict.rawValue
                event.to = first.to.verdict.rawValue
                event.owners = first.to.holders
                event.isFirst = first.from == nil
                event.weight =
                    first.to.verdict.isBad ? .bad : first.to.verdict == .owned ? .good : .warning
                return event
            }
        }
    }

    private func words(for vips: [IPAddress], at time: UTCTime) -> String {
        let head = (vips.first?.description ?? "") + (vips.count > 1 ? " and \(vips.count - 1) more" : "")
        let owners = joined(to.holders.map(\.name))
        let state =
            to.verdict == .owned ? "owned by \(owners)" : "\(to.verdict.rawValue): \(to.reason)"
        guard let from else {
            return "\(head) \(state)" + (since.map { ", for \((time - $0).elapsed)" } ?? "")
        }
        let former = joined(from.ownership.holders.map(\.name))
        let was =
            from.ownership.verdict == .owned ? "owned by \(former)" : from.ownership.verdict.rawValue
        return "\(head) \(state); was \(was)" + (from.since.map { " for \((time - $0).elapsed)" } ?? "")
            + (gap.map { "; nobody had it for \($0.brief)" } ?? "")
    }
}

import Checks
import Remote
import Survey

extension PluginAnswer {
    /// What a monitor is told of all addresses.
    ///
    /// - `silent`: how many machines did not answer.
    static func who(
        _ ownerships: [VIPOwnership], silent: Int, pending: PendingLines = PendingLines([:])
    ) -> PluginAnswer {
        let dark = ownerships.filter(\.verdict.isCritical)
        let stale = ownerships.filter { $0.verdict == .staleARP }
        let unknown = ownerships.filter { $0.verdict == .unknown }
        let state: PluginAnswer.State =
            !dark.isEmpty
            ? .critical
            : !stale.isEmpty ? .warning : !unknown.isEmpty || ownerships.isEmpty ? .unknown : .ok
        let loud = dark + stale + unknown
        let message =
            loud.isEmpty
            ? (ownerships.isEmpty
                ? "no virtual IP is known"
                : ownerships.map {
                    "\($0.vip) on \($0.trueOwner?.name ?? "?")\($0.answer == .notProbed ? " (not probed)" : "")"
                }.joined(separator: ", "))
            : loud.map { "\($0.vip) \($0.verdict.rawValue): \($0.reason)" }.joined(separator: "; ")
        let owned = ownerships.count { $0.verdict == .owned }
        return PluginAnswer(
            state, ([message] + pending.sentences).joined(separator: "; "),
            performance: "vips=\(ownerships.count) owned=\(owned) unreachable=\(silent)")
    }
}

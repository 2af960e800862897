import Checks
import Remote
import Survey

extension PluginAnswer {
    private static func obstacles(_ ownership: VIPOwnership) -> [String] {
        ownership.standbys.map { "\($0.node) cannot take over: \($0.obstacle ?? "")" }
    }

    /// What a monitor is told of all addresses.
    ///
    /// - `silent`: how many machines did not answer.
    static func who(
        _ ownerships: [VIPOwnership], silent: Int, pending: PendingLines = PendingLines([:])
    ) -> PluginAnswer {
        let dark = ownerships.filter(\.verdict.isCritical)
        let stale = ownerships.filter { $0.verdict == .staleARP }
        let unknown = ownerships.filter { $0.verdict == .unknown }
        // With its owner, the service would end. A silent node makes the verdict unknown by itself.
        let alone = ownerships.filter { ownership in
            ownership.verdict == .owned && !ownership.standbys.isEmpty
                && ownership.standbys.allSatisfy { $0.obstacle != nil }
        }
        let state: PluginAnswer.State =
            !dark.isEmpty
            ? .critical
            : !stale.isEmpty
                ? .warning
                : !unknown.isEmpty || ownerships.isEmpty ? .unknown : alone.isEmpty ? .ok : .warning
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
            state,
            ([message] + alone.flatMap(Self.obstacles).uniqued() + pending.sentences).joined(separator: "; "),
            performance: "vips=\(ownerships.count) owned=\(owned) unreachable=\(silent)")
    }
}

import Checks
import Rollout
import Survey

extension PluginAnswer {
    /// What a monitor is told of all nodes and addresses.
    static func status(_ statuses: [ClusterStatus]) -> PluginAnswer {
        let nodes = statuses.flatMap(\.nodes)
        let verdicts = statuses.flatMap(\.survey.ownerships)
        func words(_ ownership: VIPOwnership) -> String { "\(ownership.vip) \(ownership.verdict.rawValue)" }
        let critical =
            verdicts.filter(\.verdict.isCritical).map(words)
            + nodes.filter(\.isBad).map { "\($0.host) \($0.trouble.joined(separator: ", "))" }
        let stale = verdicts.filter { $0.verdict == .staleARP }.map(words)
        let drifted = nodes.filter { !$0.drift.isEmpty }.map {
            "\($0.host) \($0.drift.joined(separator: ", "))"
        }
        let warned = nodes.flatMap { node in node.warnings.map { "\(node.host) \($0)" } }
        let silent = nodes.filter { !$0.isReachable }
        let unknown =
            silent.map { "\($0.host) does not answer" }
            + nodes.flatMap { node in node.unanswered.map { "\(node.host) \($0)" } }
            + verdicts.filter { $0.verdict == .unknown }.map { "\($0.vip) unknown: \($0.reason)" }
        let pending = nodes.flatMap { node in node.runs.map { "\(node.host): \($0)" } }
        let loud = critical + stale + unknown + warned + pending
        let (state, message): (PluginAnswer.State, [String]) =
            !critical.isEmpty
            ? (.critical, loud)
            : !stale.isEmpty
                ? (.warning, loud)
                : !unknown.isEmpty
                    ? (.unknown, loud)
                    : !drifted.isEmpty || !pending.isEmpty || !warned.isEmpty
                        ? (.warning, warned + drifted + pending)
                        : (.ok, ["\(nodes.count) nodes as they should be"])
        return PluginAnswer(
            state, message.joined(separator: "; "),
            performance: "nodes=\(nodes.count) unreachable=\(silent.count) drifted=\(drifted.count)")
    }
}

import Keepalived

/// A check whose failure does not move the address.
///
/// - Condition: With the check failing, the best node's priority is still at least as high as every peer's. Equal
///   priorities do not cause a failover.
/// - Why: The service fails and the address stays on its node.
/// - Remedy: Choose weights so that the failed node falls below its peer.
struct PeerWeightGap: PeerRule {
    static let id = "x-weight-gap"

    func check(_ peers: Peers) -> [Finding] {
        guard let owner = peers.members.max(by: { ($0.priority ?? 0) < ($1.priority ?? 0) }),
            !owner.instance.isOwner
        else { return [] }
        let others = peers.members.filter { $0.node.name != owner.node.name }
        guard let best = others.compactMap(\.priority).max() else { return [] }
        let checks = owner.arithmetic.tracked.filter { $0.weight != 0 }
        let together = owner.arithmetic.outcome(failing: Set(checks.map(\.name)))
        return checks.compactMap { check in
            guard case .priority(let failed) = owner.arithmetic.outcome(failing: [check.name]), failed >= best
            else { return nil }
            let comparison = failed == best ? "equals" : "is still above"
            var helps = false
            if case .priority(let all) = together { helps = all < best }
            var finding = peers.finding(
                Self.id, .error,
                at: { instance in
                    instance.trackScripts.first { $0.name == check.name }?.location
                        ?? instance.priority.location
                },
                "\(owner.instance.name): when `\(check.name)` fails on \(owner.node.name), its priority \(failed) \(comparison) the \(best) of its peer",
                effect: helps
                    ? "the address moves only when every check fails"
                    : "the address stays on the node whose service is down",
                fix: "let the weight take the priority below \(best): \(advice(owner, check, best))")
            finding.wantedNumber = wantedWeight(owner, check, best)
            return finding
        }
    }

    /// The weight to write for a script that lowers the priority too little.
    private func wantedWeight(
        _ owner: Peers.Member, _ check: PriorityArithmetic.Weight, _ best: Int
    ) -> Finding.WantedNumber? {
        guard let normal = owner.priority, check.weight < 0, normal - best < 253,
            let entry = owner.instance.trackScripts.first(where: { $0.name == check.name }),
            let location = entry.hasOwnWeight
                ? entry.location : owner.node.configuration.script(named: check.name)?.weight.location
        else { return nil }
        return Finding.WantedNumber(
            location: location, current: "\(check.weight)", text: "\(-(normal - best + 1))")
    }

    private func advice(_ owner: Peers.Member, _ check: PriorityArithmetic.Weight, _ best: Int) -> String {
        guard let normal = owner.priority else { return "change the weight" }
        let weight = normal - best + 1
        return check.weight < 0
            ? "use a weight of -\(weight) or less"
            : "use a weight above \(owner.instance.priority.value - best) on every node"
    }
}

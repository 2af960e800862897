import Inventory
import Remote

/// The order of work and the moves of addresses, as they are told before they happen.
struct Forecast {
    var plan: ClusterPlan
    var view: ClusterView

    init(_ plan: ClusterPlan, view: ClusterView) {
        self.plan = plan
        self.view = view
    }

    func stepsAndMoves() -> (steps: [PlanStep], moves: [PredictedMove]) {
        guard !plan.isEmpty else { return ([], []) }
        var steps = [PlanStep("lock the nodes"), PlanStep("stage the new files on every node")]
        for node in plan.nodes where !node.packages.isEmpty {
            steps.append(PlanStep(node: node.node.id, "install \(node.packages.joined(separator: ", "))"))
        }
        steps.append(PlanStep("validate on every node"))
        var moves: [PredictedMove] = []
        let together = plan.together
        if !together.isEmpty { add(together, &steps, &moves) }
        for node in plan.nodes where !node.isEmpty && !together.contains(node.node.id) {
            add(node, &steps, &moves)
        }
        return (steps, moves)
    }

    /// Nodes that are changed at once.
    private func add(_ together: [HostID], _ steps: inout [PlanStep], _ moves: inout [PredictedMove]) {
        let nodes = plan.nodes.filter { together.contains($0.node.id) }
        for node in nodes {
            steps.append(
                PlanStep(
                    node: node.node.id,
                    "together with the others: keep the old set, arm a revert, "
                        + work(node).joined(separator: ", ")))
        }
        steps.append(PlanStep("verify one owner for every address, call the reverts off"))
        guard let settings = plan.cluster.keepalived else { return }
        for node in nodes
        where node.files.contains(where: { $0.effect == .failover }) || node.dividesInPlace
            || node.keepalived == .restart
        {
            for instance in view.owned(by: node.node.id, in: plan.cluster) {
                let highest = instance.priorities.values.max() ?? 100
                moves.append(
                    PredictedMove(
                        instance: instance.name, from: node.node.id, to: nil, means: .election,
                        outageMilliseconds: 30 * settings.advertInterval + 1000 * (256 - highest) / 256))
            }
        }
    }

    private func add(_ node: NodePlan, _ steps: inout [PlanStep], _ moves: inout [PredictedMove]) {
        let id = node.node.id
        let cluster = plan.cluster
        let leaving = node.disturbsService ? view.owned(by: id, in: cluster).map { prediction($0, node) } : []
        moves += leaving
        for move in leaving where move.means == .handover {
            steps.append(PlanStep(node: id, "hand `\(move.instance)` over to `\(move.to?.name ?? "")`"))
        }
        steps.append(
            PlanStep(node: id, "keep the old set, arm a revert, " + work(node).joined(separator: ", ")))
        steps.append(PlanStep(node: id, "verify one owner for every address, call the revert off"))
        for move in leaving where move.means == .handover {
            steps.append(PlanStep(node: id, "take `\(move.instance)` back"))
        }
    }

    private func work(_ node: NodePlan) -> [String] {
        var work: [String] = []
        let replaced = node.files.filter { $0.kind != .notLoaded }
        if !replaced.isEmpty {
            work.append("replace \(replaced.count) file\(replaced.count == 1 ? "" : "s")")
        }
        if !node.sysctls.isEmpty { work.append("set \(node.sysctls.map(\.key).joined(separator: ", "))") }
        work += node.firewall.descriptions
        if node.haproxy != .none { work.append("\(node.haproxy.rawValue) haproxy") }
        if node.keepalived != .none { work.append("\(node.keepalived.rawValue) keepalived") }
        return work
    }

    private func prediction(_ instance: VRRPInstance, _ node: NodePlan) -> PredictedMove {
        let id = node.node.id
        guard
            let successor = view.successor(
                of: instance, leaving: id, besides: plan.leaving, in: plan.cluster)
        else {
            return PredictedMove(
                instance: instance.name, from: id, to: nil,
                means: plan.leaving.contains(id) ? .end : .nobody, outageMilliseconds: nil)
        }
        // What the successor gets in this run before the owner's turn counts: haops' configuration follows.
        let follows =
            view.nodes[successor]?.follows.contains(instance.name) == true
            || plan.nodes.contains { other in
                other.node.id == successor
                    && other.files.contains { $0.role == .keepalivedConfig && $0.contents != nil }
            }
        if plan.cluster.keepalived?.preempt == false || !follows {
            let skew = 1000 * (256 - (instance.priorities[successor] ?? 100)) / 256
            return PredictedMove(
                instance: instance.name, from: id, to: successor, means: .stop,
                outageMilliseconds: node.keepalived >= .restart ? skew : 0)
        }
        return PredictedMove(
            instance: instance.name, from: id, to: successor, means: .handover, outageMilliseconds: 0)
    }
}

import Events
import Facts
import Inventory
import Keepalived
import Remote

/// Predicts the order of work and the moves of addresses.
struct Forecast {
    var plan: ClusterPlan
    var view: ClusterView
    private var upcoming: UpcomingInstances

    init(_ plan: ClusterPlan, view: ClusterView, facts: [HostID: HostFacts]) {
        self.plan = plan
        self.view = view
        upcoming = UpcomingInstances(plan, view: view, facts: facts)
    }

    /// Writes the forecast into a plan. While a node does not answer there is no forecast: that node may own
    /// instances.
    func complete(_ plan: inout ClusterPlan) {
        guard !plan.isEmpty else { return }
        guard view.isComplete, plan.unreachable.isEmpty else {
            let silent = Set(view.silent.keys).union(plan.unreachable.keys).sorted()
            plan.notes.append(
                "the order of work and the moves are not known while \(silent.listed) \(silent.count == 1 ? "does" : "do") not answer"
            )
            return
        }
        (plan.steps, plan.moves) = stepsAndMoves()
        plan.returns = returns(after: plan.moves)
        plan.notes += plan.moves.compactMap(doubt)
    }

    private func stepsAndMoves() -> (steps: [PlanStep], moves: [PredictedMove]) {
        var steps = [
            PlanStep("lock the cluster", stage: .lock),
            PlanStep("on every node: stage the new files", stage: .stage),
        ]
        for node in plan.nodes where !node.packages.isEmpty {
            steps.append(
                PlanStep(
                    node: node.node.id, "install \(node.packages.joined(separator: ", "))", stage: .install))
        }
        steps.append(PlanStep("on every node: validate them", stage: .validate))
        var moves: [PredictedMove] = []
        let together = plan.together
        if !together.isEmpty { add(together, &steps, &moves) }
        for node in plan.nodes where !node.isEmpty && !together.contains(node.node.id) {
            add(node, &steps, &moves)
        }
        if plan.nodes.contains(where: { !$0.isEmpty }) {
            steps.append(
                PlanStep("confirm, and cancel the automatic rollbacks of all changed nodes", stage: .confirm))
        }
        return (steps, moves)
    }

    /// Adds the work on nodes that are changed at the same time.
    private func add(_ together: [HostID], _ steps: inout [PlanStep], _ moves: inout [PredictedMove]) {
        let nodes = plan.nodes.filter { together.contains($0.node.id) }
        for node in nodes {
            steps.append(
                PlanStep(
                    node: node.node.id,
                    "together with the others: back up the current files, schedule the automatic rollback, "
                        + work(node).joined(separator: ", "), stage: .change))
        }
        steps.append(PlanStep("verify one owner for every address", stage: .verify))
        for node in nodes
        where node.files.contains(where: { $0.effect == .failover }) || node.breaksPeerCompatibilityInPlace
            || node.keepalived == .restart
        {
            for instance in view.owned(by: node.node.id, in: plan.cluster) {
                moves.append(
                    PredictedMove(
                        instance: instance.name, from: node.node.id, to: nil, means: .election,
                        outageMilliseconds: silence(ofElecting: instance, among: nodes)))
            }
        }
    }

    /// All nodes start waiting at the same time: the one with the shortest master-down time takes the instance.
    private func silence(ofElecting instance: VRRPInstance, among nodes: [NodePlan]) -> Int? {
        let waits = nodes.compactMap { node -> OutagePrediction? in
            let next = upcoming.instance(instance, on: node.node.id)
            return next.map {
                OutagePrediction(
                    of: node.keepalived == .restart ? .electionAfterRestart : .electionAfterReload,
                    successor: $0.timers.masterDownTime(priority: $0.priority))
            }
        }
        return waits.map(\.longest).min()?.wholeMilliseconds
    }

    private func add(_ node: NodePlan, _ steps: inout [PlanStep], _ moves: inout [PredictedMove]) {
        let id = node.node.id
        let cluster = plan.cluster
        let leaving = node.disturbsService ? view.owned(by: id, in: cluster).map { prediction($0, node) } : []
        moves += leaving
        for move in leaving where move.means == .handover {
            steps.append(
                PlanStep(
                    node: id, "hand `\(move.instance)` over to `\(move.to?.name ?? "")`", stage: .handOver))
        }
        steps.append(
            PlanStep(
                node: id,
                "back up the current files, schedule the automatic rollback, "
                    + work(node).joined(separator: ", "), stage: .change))
        steps.append(PlanStep(node: id, "verify one owner for every address", stage: .verify))
        for move in leaving where move.means == .handover {
            steps.append(PlanStep(node: id, "take `\(move.instance)` back", stage: .giveBack))
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
            var move = PredictedMove(
                instance: instance.name, from: id, to: nil,
                means: plan.leaving.contains(id) ? .end : .nobody, outageMilliseconds: nil)
            if node.keepalived == .restart, let own = upcoming.instance(instance, on: id) {
                move.outageMilliseconds =
                    OutagePrediction(
                        of: .electionAfterRestart,
                        successor: own.timers.masterDownTime(priority: own.priority)
                    ).longest.wholeMilliseconds
            }
            return move
        }
        // Files that the successor gets in this run before the owner's turn count: haops' configuration follows the
        // handover file.
        let follows =
            view.nodes[successor]?.follows.contains(instance.name) == true
            || plan.nodes.contains { other in
                other.node.id == successor
                    && other.files.contains { $0.role == .keepalivedConfig && $0.contents != nil }
            }
        if plan.cluster.keepalived?.preempt == false || !follows {
            return PredictedMove(
                instance: instance.name, from: id, to: successor, means: .stop,
                outageMilliseconds: node.keepalived >= .restart
                    ? skew(of: instance, from: id, to: successor) : 0)
        }
        return PredictedMove(
            instance: instance.name, from: id, to: successor, means: .handover, outageMilliseconds: 0)
    }

    /// The time between an owner's advert of priority 0 and its successor's first advert.
    private func skew(of instance: VRRPInstance, from owner: HostID, to successor: HostID) -> Int {
        let last = view.timers(of: instance, on: owner, in: plan.cluster)
        let wait =
            upcoming.instance(instance, on: successor).map {
                $0.timers.masterDownTime(priority: $0.priority, hearing: last)
            } ?? view.masterDownTime(of: instance, on: successor, in: plan.cluster)
        return OutagePrediction(of: .stop, successor: wait).longest.wholeMilliseconds
    }

    /// A note for a move without a successor, when some nodes cannot say which role they have.
    private func doubt(_ move: PredictedMove) -> String? {
        guard move.means == .nobody else { return nil }
        let unknown = view.nodesOfUnknownRole.subtracting([move.from]).sorted()
        guard !unknown.isEmpty else { return nil }
        return "it is not known whether \(unknown.listed) can take `\(move.instance)` over"
    }

    // MARK: What nodes do by themselves afterwards

    /// Nodes of higher priority that preempt the owner once the work is done.
    private func returns(after moves: [PredictedMove]) -> [PredictedMove] {
        (plan.cluster.keepalived?.instances ?? []).compactMap { instance in
            guard let owner = view.owner(of: instance) else { return nil }
            let move = moves.first { $0.instance == instance.name && $0.from == owner }
            let holder: HostID
            switch move?.means {
            // An elected owner has the highest priority; after an end there is no owner to preempt.
            case .election, .end: return nil
            case .stop:
                holder = (work(on: owner)?.keepalived ?? .none) >= .restart ? move?.to ?? owner : owner
            case .handover, .nobody, .preempt, nil: holder = owner
            }
            guard let claimant = upcoming.claimant(of: instance, from: holder),
                isTouched(claimant.node) || isTouched(holder)
            else { return nil }
            var taken = PredictedMove(
                instance: instance.name, from: holder, to: claimant.node, means: .preempt,
                outageMilliseconds: 0)
            // A node that owns the instance only during the work keeps it.
            if move?.means != .handover || move?.to != claimant.node {
                let starts = (work(on: claimant.node)?.keepalived ?? .none) >= .restart
                taken.delay = PredictedMove.Delay(
                    milliseconds: claimant.after.wholeMilliseconds, after: starts ? .start : .change)
            }
            return taken
        }
    }

    private func work(on node: HostID) -> NodePlan? { plan.nodes.first { $0.node.id == node } }

    private func isTouched(_ node: HostID) -> Bool { work(on: node)?.disturbsService == true }
}

extension Duration {
    var wholeMilliseconds: Int {
        Int(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
    }
}

import Checks
import Facts
import Inventory
import Keepalived
import Remote

/// Predicts what nodes do by themselves once a fix has started or restarted their keepalived. Pure.
struct FixForecast {
    private let plan: FixPlan
    private let view: ClusterView
    private var upcoming: UpcomingInstances

    /// - `observation`: the observation that the plan was made from.
    init(_ plan: FixPlan, _ observation: ClusterObservation) {
        self.plan = plan
        let nodes = FixPlanner(cluster: plan.cluster, observation: observation, findings: []).nodes
        view = ClusterViewer.view(of: plan.cluster, nodes: nodes, observers: [])
        let facts = Dictionary(observation.nodes.compactMap { node in node.before.map { (node.id, $0) } }) {
            $1
        }
        var works: [HostID: UpcomingInstances.Work] = [:]
        if let change = plan.change {
            works = UpcomingInstances(change, view: view, facts: facts).works
        }
        for action in plan.actions {
            guard let told = action.told else { continue }
            var work = works[action.node] ?? UpcomingInstances.Work(keepalived: .none)
            work.keepalived = max(work.keepalived, told)
            works[action.node] = work
        }
        upcoming = UpcomingInstances(cluster: plan.cluster, view: view, facts: facts, works: works)
    }

    /// Returns no prediction for a cluster with unanswered nodes, or when the plan does nothing.
    func returns() -> [PredictedMove] {
        guard view.isComplete, plan.hasWork else { return [] }
        return (plan.cluster.keepalived?.instances ?? []).flatMap { instance in
            guard let owner = plan.owners[instance.name] else {
                return firstOwner(of: instance).map { [$0] } ?? []
            }
            // An owner whose keepalived is restarted sends priority 0, and another node owns the addresses meanwhile.
            var moves: [PredictedMove] = []
            var holder = owner
            if action(of: owner) >= .restart, let next = heir(of: instance, leaving: owner) {
                let last = view.timers(of: instance, on: owner, in: plan.cluster)
                let wait = next.upcoming.timers.masterDownTime(
                    priority: next.upcoming.priority, hearing: last)
                moves.append(
                    PredictedMove(
                        instance: instance.name, from: owner, to: next.node, means: .stop,
                        outageMilliseconds: OutagePrediction(of: .stop, successor: wait).longest
                            .wholeMilliseconds))
                holder = next.node
            }
            if let claimant = upcoming.claimant(of: instance, from: holder),
                action(of: claimant.node) != .none || holder != owner
            {
                var move = PredictedMove(
                    instance: instance.name, from: holder, to: claimant.node, means: .preempt,
                    outageMilliseconds: 0)
                move.delay = PredictedMove.Delay(
                    milliseconds: claimant.after.wholeMilliseconds,
                    after: action(of: claimant.node) >= .restart ? .start : .change)
                moves.append(move)
            }
            return moves
        }
    }

    private func action(of node: HostID) -> DaemonAction { upcoming.works[node]?.keepalived ?? .none }

    /// The node that takes an instance without an owner, of the nodes whose keepalived is started.
    private func firstOwner(of instance: VRRPInstance) -> PredictedMove? {
        let started = plan.cluster.nodes.map(\.id).filter { action(of: $0) >= .restart }
            .compactMap { node in upcoming.instance(instance, on: node).map { (node: node, upcoming: $0) } }
        guard let first = started.max(by: { $0.upcoming.priority < $1.upcoming.priority }) else { return nil }
        let wait = first.upcoming.timers.masterDownTime(priority: first.upcoming.priority).value
        var move = PredictedMove(
            instance: instance.name, from: first.node, to: first.node, means: .election,
            outageMilliseconds: wait.wholeMilliseconds)
        move.delay = PredictedMove.Delay(milliseconds: wait.wholeMilliseconds, after: .start)
        return move
    }

    /// The running node with the highest priority, apart from the owner.
    private func heir(
        of instance: VRRPInstance, leaving owner: HostID
    ) -> (node: HostID, upcoming: UpcomingInstances.Upcoming)? {
        plan.cluster.nodes.map(\.id)
            .filter { $0 != owner && view.nodes[$0]?.keepalivedRuns == true }
            .compactMap { node in upcoming.instance(instance, on: node).map { (node, $0) } }
            .max { $0.1.priority < $1.1.priority }
    }
}

extension FixPlan.Action {
    /// What happens to the node's keepalived.
    fileprivate var told: DaemonAction? {
        switch self {
        case .giveWay, .restart: .restart
        case .clear(_, _, let starts, _): starts ? .start : nil
        case .start: .start
        case .announce: nil
        }
    }
}

import Addresses
import Checks
import Events
import Facts
package import Inventory
package import Remote
import Survey

extension Rollout {
    /// Plans a drill. Changes nothing; the preconditions state, line by line, whether it is allowed.
    ///
    /// - `nodes`: the nodes that are to fail; none means the owner.
    /// - `check`: which of several checks is to fail.
    /// - `insists`: do it although nobody may serve meanwhile.
    package func planDrill(
        of cluster: Cluster, _ failure: DrillCase, on nodes: [HostID] = [], check: String? = nil,
        insists: Bool = false
    ) async throws(InterruptedQuestion) -> DrillPlan {
        let look = try await ClusterViewer(transport: transport, cluster: cluster)
            .question(asking: Dictionary(cluster.nodes.map { ($0.id, [PendingFact()]) }) { $1 })
        let outcome = try await ReadinessSurvey(fleet: Fleet(source: "", clusters: [cluster]))
            .take(in: SurveyContext(transport: transport))
        var pending: [HostID: PendingWork] = [:]
        for (node, facts) in look.answers {
            pending[node.id] = (try? facts.get())?.known(PendingFact.self)
        }
        var plan = DrillPlanner(
            cluster: cluster, failure: failure, view: look.view, readiness: outcome.clusters[0],
            pending: pending, unreachable: look.unreachable
        ).plan(on: nodes, check: check)
        plan.isInsisted = insists
        let ports = ServedPorts(of: cluster, nodes: look.answers.map(\.facts))
        for index in plan.instances.indices {
            for address in plan.instances[index].addresses {
                plan.instances[index].ports[address] = ports[address]
            }
        }
        for (node, facts) in look.answers {
            for interface in (try? facts.get())?.known(InterfacesFact.self) ?? [] {
                if let mac = interface.mac { plan.linkOwners[mac] = node.id }
            }
        }
        if failure == .crash {
            for node in plan.nodes {
                let facts = look.answers.first { $0.node.id == node }?.facts
                let interfaces = (try? facts?.get())?.known(InterfacesFact.self) ?? []
                let devices = interfaces.filter { $0.isUp && $0.name != "lo" }.map(\.name)
                plan.devices[node] = devices
                plan.preconditions.append(
                    Precondition(
                        "the interfaces of `\(node)` are known", !devices.isEmpty,
                        devices.isEmpty ? "it did not say" : devices.joined(separator: ", ")))
            }
        }
        return plan
    }

    /// Makes the failure, measures, lets the node end it, and proves that all is as before.
    ///
    /// - `interval`: between two questions to an address.
    /// - `here`: asks from this machine too.
    /// - `interrupt`: ends the failure at once.
    package func carryOut(
        _ plan: DrillPlan, interval: Duration = .milliseconds(10), here: LocalProbes? = nil,
        timing: RolloutTiming? = nil,
        interrupt: Interrupt = Interrupt()
    ) async -> RolloutReport {
        if !plan.unreachable.isEmpty {
            return .unreachable(plan.unreachable)
        }
        guard !plan.isRefused else { return RolloutReport(outcome: .refused(plan.objections)) }
        return await locked(
            plan.cluster, "drill \(plan.failure.rawValue) on \(plan.nodeNames)",
            expectingLossOn: plan.failure.cutsConnection ? Set(plan.nodes) : []
        ) { context, lost in
            guard
                var fresh = try? await planDrill(
                    of: plan.cluster, plan.failure, on: plan.nodes, check: plan.check,
                    insists: plan.isInsisted
                )
            else { return RolloutReport(outcome: .interrupted) }
            guard fresh.unreachable.isEmpty else {
                return .unreachable(fresh.unreachable)
            }
            // The lock that is there now is this run's own.
            fresh.preconditions.removeAll { $0.what == DrillPlanner.nothingPending }
            let waits = await reasonsToWaitUnderLock(plan.cluster)
            guard !fresh.isRefused, waits.isEmpty else {
                return RolloutReport(outcome: .refused(fresh.objections + waits))
            }
            guard fresh.fingerprint == plan.fingerprint else {
                return RolloutReport(
                    outcome: .refused(["the cluster has changed since the plan was made: make it again"]))
            }
            let operations = NodeOperations(
                transport: transport, clock: clock, context: context,
                timing: timing ?? RolloutTiming(plan.cluster))
            return await DrillRunner(
                plan: fresh, interval: interval, operations: operations,
                events: events.on(cluster: plan.cluster.name), here: here
            ).run { interrupt.isRequested ? .interrupt : lost.isRequested ? .lostLock : nil }
        }
    }
}

import Events
import Facts
package import Inventory
package import Remote

/// Takes servers of haproxy out of service and back, on all balancers of a cluster or on none; see Decisions/0021.
extension Rollout {
    /// Asks which servers there are and works out what becomes of them. Changes nothing.
    ///
    /// - `reason`: kept on the nodes, for later readers.
    package func planServers(
        _ change: ServerChange, _ selectors: [ServerSelector], in cluster: Cluster, reason: String
    ) async throws(InterruptedQuestion) -> ServerPlan {
        let transport = transport
        let answers = try await transport.question(cluster.nodes.map(\.target), window: 64) {
            await transport.facts(of: $0, Probe(.servers))
        }
        return ServerPlanner.plan(
            change, selectors, in: cluster, reason: reason, facts: Array(zip(cluster.nodes, answers)),
            who: `operator`.name, since: UTCTime.now.iso8601InSeconds)
    }

    /// Carries a plan out under the cluster's lock. It is made again there; if it differs from the one that was shown, nothing
    /// is done.
    package func carryOut(
        _ plan: ServerPlan, timing: RolloutTiming? = nil, interrupt: Interrupt = Interrupt()
    ) async -> RolloutReport {
        guard plan.unreachable.isEmpty else { return .unreachable(plan.unreachable) }
        guard plan.obstacles.isEmpty else { return RolloutReport(outcome: .refused(plan.obstacles)) }
        guard !plan.isEmpty else { return await nothingToDo(on: plan.cluster) }
        return await locked(plan.cluster, plan.purpose) { context, lost in
            guard
                let fresh = try? await planServers(
                    plan.change, plan.selectors, in: plan.cluster, reason: plan.reason)
            else { return RolloutReport(outcome: .interrupted) }
            guard fresh.unreachable.isEmpty else { return .unreachable(fresh.unreachable) }
            let waits = await reasonsToWaitUnderLock(plan.cluster)
            guard waits.isEmpty else { return RolloutReport(outcome: .refused(waits)) }
            guard fresh.fingerprint == plan.fingerprint else {
                return RolloutReport(
                    outcome: .refused(["the servers have changed since the plan was made: make it again"]))
            }
            let operations = NodeOperations(
                transport: transport, clock: clock, context: context,
                timing: timing ?? RolloutTiming(plan.cluster))
            return await ServerRunner(
                plan: fresh, operations: operations, events: events.on(cluster: plan.cluster.name)
            ).run { interrupt.isRequested || lost.isRequested }
        }
    }

    /// Waits until drained servers have no session on any node, and completes the report of their drain: what is left when the
    /// time is up, and where.
    package func awaitNoSessions(
        _ plan: ServerPlan, within limit: Duration, interrupt: Interrupt, _ report: inout RolloutReport
    ) async {
        guard report.outcome == .done || report.outcome == .nothingToDo else { return }
        let events = events.on(cluster: plan.cluster.name)
        let step = events.begin(.awaitSessions)
        let deadline = clock.deadline(after: limit)
        var heard: SessionCount?
        // A busy server has another number every second.
        var quiet = clock.deadline(after: .zero)
        while true {
            let count = await SessionCount.take(of: plan.servers, in: plan.cluster, over: transport)
            if count.isZero { return step.ends() }
            if count != heard, quiet.hasPassed() {
                step.waits(for: "the end of \(count.words); at most \(deadline.remaining.roughly)")
                quiet = clock.deadline(after: .seconds(5))
            }
            heard = count
            if interrupt.isRequested || Task.isCancelled {
                step.fails("interrupted")
                report.outcome = .interrupted
                report.notes.append("it stays drained; \(count.words) were left")
                return
            }
            guard !deadline.hasPassed() else { break }
            try? await clock.sleep(for: min(.seconds(1), max(deadline.remaining, .milliseconds(10))))
        }
        let what = heard?.words ?? "sessions"
        step.fails("after \(limit.roughly): \(what)")
        report.left.append("after \(limit.roughly) it still has \(what), and stays drained")
    }
}

/// The sessions that servers have on the nodes of a cluster.
struct SessionCount: Hashable, Sendable {
    /// By node; `nil` where it did not say.
    var nodes: [HostID: Int?]

    var isZero: Bool { nodes.allSatisfy { $0.value == 0 } }

    /// "3 sessions (lb1 2, lb2 1)".
    var words: String {
        let sum = nodes.values.compactMap(\.self).reduce(0, +)
        let each = nodes.sorted { $0.key < $1.key }.filter { $0.value != 0 }.map { node, count in
            "\(node) \(count.map(String.init) ?? "unknown")"
        }
        return "\(sum) session\(sum == 1 ? "" : "s") (\(each.joined(separator: ", ")))"
    }

    static func take(
        of servers: [ServerName], in cluster: Cluster, over transport: any Transport
    ) async -> SessionCount {
        let answers = await fanOut(over: cluster.nodes.map(\.target), window: 64) {
            await transport.facts(of: $0, Probe(.sessions))
        }
        let counts = zip(cluster.nodes, answers).map { node, answer -> (HostID, Int?) in
            let rows = (try? answer.get())?.known(HAProxyHealthFact.self)?.rows ?? []
            let counts = servers.map { name in
                rows.first { $0.proxy == name.backend && $0.server == name.server }?.sessions
            }
            return (node.id, counts.contains(nil) ? nil : counts.compactMap(\.self).reduce(0, +))
        }
        return SessionCount(nodes: Dictionary(counts) { first, _ in first })
    }
}

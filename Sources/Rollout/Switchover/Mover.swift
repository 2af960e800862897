import Events
import Facts
import Inventory
import Keepalived
import Remote

/// Writes a switchover's priority numbers, waits for the addresses to move, and restores the numbers if they do not.
struct Mover: Sendable {
    typealias PriorityOverride = SwitchoverPlan.PriorityOverride

    var plan: SwitchoverPlan
    var operations: NodeOperations
    var events: EventEmitter

    /// - `isInterrupted`: read before each number; once all are written, the move is finished.
    func move(isInterrupted: @Sendable () -> Bool) async -> RolloutReport {
        var report = RolloutReport(outcome: .done)
        let why = plan.reason.isEmpty ? "switchover" : plan.reason
        let view = await operations.look(plan.cluster)
        // A successor that holds the addresses and does not answer for them has not taken them over.
        var gate = operations
        gate.answerGate = await operations.access.answerGate(for: plan.cluster)
        // The overrides before this run: a failed move must not lose an earlier override.
        var former: [PriorityOverride] = []
        // Until the addresses are seen to answer, each number expires: a move may cut haops off.
        var unsettled: [PriorityOverride] = []
        for priorityOverride in plan.overrides {
            if isInterrupted() { return await backOut(to: former, .interrupted) }
            let handOver = events.begin(.handOver, node: priorityOverride.node)
            former.append(
                PriorityOverride(
                    instance: priorityOverride.instance, node: priorityOverride.node,
                    value: view.nodes[priorityOverride.node]?.overrides[priorityOverride.instance] ?? 0))
            // A node that steps down is in FAULT until its number is restored.
            let isFault = priorityOverride.value < -253
            let event = await operations.set(
                priorityOverride, in: plan.cluster, why: why,
                expires: isFault ? operations.timing.revertAfter : operations.timing.handover,
                before: isFault ? 0 : former.last?.value ?? 0)
            if !isFault, priorityOverride.value != 0 { unsettled.append(priorityOverride) }
            switch event {
            case .succeeded, .saw: handOver.ends()
            case .unknown(let error):
                handOver.isUnknown(error)
                return await backOut(to: former, .unknown(event.reasons))
            default:
                handOver.fails(event.reasons.joined(separator: "; "))
                return await backOut(to: former, .failed(event.reasons))
            }
        }
        let verify = events.begin(.verify)
        let arrived = await gate.settle(
            plan.cluster, within: operations.timing.election + operations.timing.settle
        ) {
            view in
            plan.moves.compactMap { move in
                guard let to = move.to, view.nodes[to]?.roles[move.instance] != .master else { return nil }
                return Problem(node: to, "does not take `\(move.instance)` over")
            }
        }
        // A node that stepped down is in FAULT until its number is restored: that is expected.
        guard case .succeeded = arrived else {
            verify.fails(arrived.reasons.joined(separator: "; "))
            return await backOut(to: former, .failed(arrived.reasons))
        }
        for priorityOverride in unsettled {
            let event = await operations.set(priorityOverride, in: plan.cluster, why: why, expires: nil)
            guard event.isSuccess else {
                verify.fails(event.reasons.joined(separator: "; "))
                return await backOut(to: former, .failed(event.reasons))
            }
        }
        for release in plan.releases {
            if case .succeeded = await operations.set(
                release, in: plan.cluster, why: "", expires: nil)
            {
                continue
            }
            report.notes.append("`\(release.node)`: the old override of `\(release.instance)` is still there")
        }
        // If nothing was written since, the owners were just verified.
        let settled =
            plan.releases.isEmpty
            ? arrived : await operations.settle(plan.cluster, within: operations.timing.settle) { _ in [] }
        if case .succeeded = settled {
            verify.ends()
        } else {
            verify.fails(settled.reasons.joined(separator: "; "))
            report.outcome = .failed(settled.reasons)
        }
        for move in plan.moves {
            report.fates[move.from] = .changed
            if let to = move.to { report.fates[to] = .changed }
        }
        await operations.finish(plan.cluster.nodes, report.end)
        return report
    }

    /// Restores the earlier numbers. When that succeeds, the value of a number whose writing failed is known again.
    private func backOut(to former: [PriorityOverride], _ outcome: RolloutOutcome) async -> RolloutReport {
        var report = RolloutReport(outcome: outcome)
        var isBack = true
        for priorityOverride in former.reversed() {
            let event = await operations.set(
                priorityOverride, in: plan.cluster, why: "as before \(operations.context.what)", expires: nil)
            if case .succeeded = event { continue }
            isBack = false
            report.notes.append(
                "`\(priorityOverride.node)`: the override of `\(priorityOverride.instance)` could not be taken back: haops switchover --release"
            )
        }
        if plan.target != nil {
            report.notes += plan.edits.map {
                "`\($0.node)`: priority \($0.value) of `\($0.instance)` stays written: haops switchover --release"
            }
        }
        let settled = await operations.settle(plan.cluster, within: operations.timing.settle) { _ in [] }
        if case .unknown(let reasons) = outcome, isBack { report.outcome = .failed(reasons) }
        if case .failed(let reasons) = settled { report.outcome = report.outcome.adding(reasons) }
        let written = Set(former.map(\.node))
        await operations.finish(plan.cluster.nodes) { [report] node in
            var end = report.end(on: node)
            if written.contains(node) { end.fate = isBack ? "taken back" : "not taken back" }
            return end
        }
        return report
    }
}

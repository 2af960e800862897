import Events
import Facts
import Inventory
import Remote

/// Sets servers on all nodes of a cluster whose lock is held, or on none: what was done is taken back when one fails.
struct ServerRunner: Sendable {
    var plan: ServerPlan
    var operations: NodeOperations
    var events: EventEmitter

    /// - `isInterrupted`: read before each node.
    func run(isInterrupted: @Sendable () -> Bool) async -> RolloutReport {
        var report = RolloutReport(outcome: .done)
        for part in plan.nodes { report.fates[part.node.id] = part.isEmpty ? .alreadyRight : .untouched }
        var done: [ServerPlan.NodePart] = []
        for part in plan.nodes where !part.isEmpty {
            if isInterrupted() {
                await takeBack(done, .interrupted, &report)
                break
            }
            done.append(part)
            let step = events.begin(.setServers, node: part.node.id, plan.purpose)
            let event = await set(
                part.keptAfter, part.lines(of: plan.change), on: part.node, plan.purpose, "set its servers")
            step.ends(with: event)
            guard event.isSuccess else {
                await takeBack(done, .failed(event.reasons), &report)
                break
            }
            report.fates[part.node.id] = .changed
        }
        await operations.finish(plan.cluster.nodes, report.end)
        return report
    }

    /// Restores what was, the last node first.
    private func takeBack(
        _ parts: [ServerPlan.NodePart], _ outcome: RolloutOutcome, _ report: inout RolloutReport
    ) async {
        report.outcome = outcome
        for part in parts.reversed() {
            let step = events.begin(.takeServersBack, node: part.node.id)
            let event = await set(
                part.keptBefore, part.linesBack(of: plan.change), on: part.node,
                "taken back: \(plan.purpose)", "take its servers back")
            step.ends(with: event)
            if event.isSuccess {
                report.fates[part.node.id] = .restored
                continue
            }
            let why = event.reasons.joined(separator: "; ")
            // Whether a node that does not answer has done what it was told first is not known either.
            let isKnown = if case .failed = event { true } else { false }
            report.fates[part.node.id] = isKnown ? .broken(why) : .unknown(why)
            let names = plan.servers.map(\.description).joined(separator: ", ")
            let hint =
                "hint: \(names) may be other there than on the other nodes: run the same again once the node can do it; haops status shows what is kept"
            let reason = "\(why)\n\(hint)"
            report.outcome =
                isKnown
                ? report.outcome.adding([reason]) : .unknown(report.outcome.reasons + [reason])
        }
    }

    private func set(
        _ kept: [KeptServer], _ lines: String, on node: Node, _ event: String, _ operation: String
    ) async -> RolloutState.Event {
        await operations.insist(
            node, [.servers, .keep], [("KEPT", KeptServer.file(kept)), ("SERVERS", lines), ("EVENT", event)],
            operation, input: Array(Self.resident(root: operations.context.root).utf8))
    }

    /// The script on the node that sets what is kept again.
    static func resident(root: String = "") -> String {
        let nobody = NodeScript.Context(run: "", who: "", what: "", root: root)
        return NodeScript(nobody, [.servers, .reapply]).text
    }
}

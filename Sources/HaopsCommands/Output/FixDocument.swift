import Checks
import Inventory
import Remote
import Rollout

/// What `fix` found, what it does about it, and what it leaves to its operator.
struct FixDocument: OutputDocument, Codable {
    struct ClusterEntry: Codable, Sendable {
        var cluster: String
        var findings: [String]
        /// Of a split-brain, which would return while they are there.
        var causes: [String]
        var actions: [Action]
        /// What is done about each finding.
        var treatments: [Entry]
        var nodes: [PlanDocument.Node]
        var steps: [PlanDocument.Step]
        var moves: [PlanDocument.Move]

        init(_ plan: FixPlan) {
            cluster = plan.cluster.name
            findings = plan.findings
            causes = plan.causes
            actions = plan.actions.map {
                Action(node: $0.node.name, what: $0.sentence, why: $0.reason)
            }
            treatments = plan.remediations.map(Entry.init)
            nodes = (plan.change?.nodes ?? []).filter { !$0.isEmpty }.map {
                PlanDocument.Node($0, of: plan.cluster.name)
            }
            steps = plan.steps.enumerated().map { index, step in
                PlanDocument.Step(
                    cluster: plan.cluster.name, number: index + 1, node: step.node?.name, what: step.what)
            }
            moves = plan.moves.map {
                PlanDocument.Move($0, of: plan.cluster.name)
            }
        }
    }

    struct Action: Codable, Sendable {
        var node: String
        var what: String
        var why: String
    }

    struct Entry: Codable, Sendable {
        var id: String
        @Word<Finding.Severity> var severity: String
        var nodes: [String]
        var message: String
        /// ``seen`` in words.
        var evidence: [String]
        var seen: [FindingsDocument.Seen]
        @Word<Remediation.Means> var means: String
        /// What the operator has to do.
        var edit: String?
        /// Why it is left to the operator.
        var why: String?

        init(_ remediation: Remediation) {
            let finding = remediation.finding
            id = finding.id
            severity = finding.severity.rawValue
            nodes = finding.nodes
            message = finding.message
            evidence = finding.evidence.map(\.description)
            seen = finding.evidence.map(FindingsDocument.Seen.init)
            means = remediation.means.rawValue
            edit = remediation.edit
            why = remediation.why
        }
    }

    var clusters: [ClusterEntry]

    var table: Table {
        Table(
            columns: ["cluster", "node", "action"],
            rows: clusters.flatMap { entry in
                entry.steps.map { [entry.cluster, $0.node ?? "-", $0.what].map { Table.Cell($0) } }
            })
    }
}

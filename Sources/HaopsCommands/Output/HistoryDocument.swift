import Events
import Facts
import Remote
import Rollout

/// The runs that the nodes' journals tell of.
struct HistoryDocument: OutputDocument {
    struct Run: Codable, Sendable {
        var run: String
        /// One for each cluster that it changed.
        var names: [String]
        var began: String
        var who: String
        var from: [String]
        var what: String
        @Word<PastRun.Outcome> var outcome: String
        var reasons: [String]
        var seconds: Int
        var clusters: [String]
        var nodes: [Node]
    }

    struct Node: Codable, Sendable {
        var node: String
        var cluster: String
        /// The run's name there.
        var name: String
        var fate: String
        @Word<PastRun.Outcome> var outcome: String
        var seconds: Int?
        var steps: IfPresent<[Step]>
    }

    struct Step: Codable, Sendable {
        var time: String
        var event: String
    }

    var runs: [Run]
    /// How many are not shown.
    var older: Int
    var journals: JournalsDocument

    private enum CodingKeys: CodingKey { case runs, older }

    static var schema: JSONSchema {
        RunStepsDocument.runs.with(.object([.init(name: "older", schema: .integer)])).with(
            .of(JournalsDocument.self))
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(runs, forKey: .runs)
        try members.encode(older, forKey: .older)
        try journals.encode(to: encoder)
    }

    var table: Table {
        Table(
            columns: ["time", "run", "who", "from", "what", "outcome", "cluster", "node", "fate", "seconds"],
            rows: runs.flatMap { run in
                run.nodes.map { node in
                    [
                        run.began, run.run, run.who, run.from.joined(separator: ","), run.what, run.outcome,
                        node.cluster, node.node, node.fate, node.seconds.map(String.init) ?? "",
                    ].map { Table.Cell($0) }
                }
            })
    }
}

/// One run, step by step.
struct RunStepsDocument: OutputDocument {
    /// This one alone.
    var runs: [HistoryDocument.Run]
    var journals: JournalsDocument

    private enum CodingKeys: CodingKey { case runs }

    static var schema: JSONSchema { runs.with(.of(JournalsDocument.self)) }

    fileprivate static var runs: JSONSchema {
        .object([.init(name: "runs", schema: .array(.of(HistoryDocument.Run.self)))])
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(runs, forKey: .runs)
        try journals.encode(to: encoder)
    }

    /// By time; what a node wrote in one second stays in its order.
    var table: Table {
        let steps = runs.flatMap(\.nodes).flatMap { node in
            (node.steps.value ?? []).map { (node: node, step: $0) }
        }
        let sorted = steps.enumerated()
            .sorted { ($0.element.step.time, $0.offset) < ($1.element.step.time, $1.offset) }
            .map(\.element)
        return Table(
            columns: ["time", "run", "cluster", "node", "event"],
            rows: sorted.map { node, step in
                [step.time, node.name, node.cluster, node.node, step.event].map { Table.Cell($0) }
            })
    }
}

/// What the journals hold, and what of them is missing: a part of every document of `history`.
struct JournalsDocument: Codable, Sendable {
    struct Journal: Codable, Sendable {
        var node: String
        var cluster: String
        var lines: Int
        var unreadableLines: [String]
        var olderLinesGone: Bool
    }

    var complete: Bool
    var unreachable: [String]
    var journals: [Journal]

    init(_ found: HistorySurvey.Journals) {
        complete = found.isComplete
        unreachable = found.unread.map(\.host.name)
        journals = found.sources.map { source in
            Journal(
                node: source.node.name, cluster: source.cluster, lines: source.journal.entries.count,
                unreadableLines: source.journal.unreadable.map(\.description),
                olderLinesGone: source.journal.isCut)
        }
    }
}

extension HistoryDocument.Run {
    init(_ run: PastRun, withSteps: Bool = false) {
        self.init(
            run: run.id, names: run.names.map(\.text), began: run.began.iso8601InSeconds, who: run.who,
            from: run.addresses, what: run.purposes.joined(separator: ", "), outcome: run.outcome.rawValue,
            reasons: run.reasons.map(\.concealed), seconds: Int(run.duration.components.seconds),
            clusters: run.clusters,
            nodes: run.parts.map { HistoryDocument.Node($0, withSteps: withSteps) })
    }
}

extension HistoryDocument.Node {
    init(_ part: PastRun.NodePart, withSteps: Bool) {
        let steps = part.entries.map {
            HistoryDocument.Step(time: $0.time.iso8601InSeconds, event: $0.event.concealed)
        }
        self.init(
            node: part.node.name, cluster: part.cluster, name: part.name.text, fate: part.fate,
            outcome: part.outcome.rawValue, seconds: part.duration.map { Int($0.components.seconds) },
            steps: IfPresent(withSteps ? steps : nil))
    }
}

import Remote

/// What a command did on each node.
struct ExecDocument: OutputDocument {
    /// Of a node that ran it.
    struct Output: Codable, Sendable {
        var exit: Int?
        var signal: String?
        /// Whether it was not waited for, as it printed too much.
        var cut: Bool
        var stdout: String
        var stderr: String
    }

    struct Node: Encodable, Sendable {
        var node: String
        var result: Result<CommandOutput, RemoteError>

        func encode(to encoder: any Encoder) throws {
            switch result {
            case .success(let output):
                try Head(node: node, reachable: true).encode(to: encoder)
                try Output(output).encode(to: encoder)
            case .failure(let error):
                try Head(node: node, reachable: false).encode(to: encoder)
                try Silence(error: error.description).encode(to: encoder)
            }
        }

        static var schema: JSONSchema {
            .anyOf([JSONSchema.of(Output.self), .of(Silence.self)].map { JSONSchema.of(Head.self).with($0) })
        }
    }

    /// Of every node.
    private struct Head: Codable {
        var node: String
        var reachable: Bool
    }

    /// Of a node that was not reached.
    private struct Silence: Codable { var error: String }

    var nodes: [Node]

    static var schema: JSONSchema { .object([.init(name: "nodes", schema: .array(Node.schema))]) }

    init(_ outcomes: [(HostID, Result<CommandOutput, RemoteError>)]) {
        nodes = outcomes.map { Node(node: $0.name, result: $1) }
    }

    var table: Table {
        Table(
            columns: ["node", "exit", "output"],
            rows: nodes.map { entry in
                switch entry.result {
                case .success(let output):
                    [entry.node, "\(output.status)", output.text].map { Table.Cell($0) }
                case .failure(let error):
                    [entry.node, "unknown", error.description].map { Table.Cell($0) }
                }
            })
    }
}

extension ExecDocument.Output {
    init(_ output: CommandOutput) {
        (exit, signal, cut) = (nil, nil, false)
        switch output.status {
        case .code(let code): exit = code
        case .signal(let name): signal = name
        case .cut: cut = true
        }
        stdout = output.text
        stderr = output.errorText
    }
}

/// What would be run, under `--dry-run`.
struct ExecPlanDocument: OutputDocument, Codable {
    var wouldRun: String
    var on: [String]

    var table: Table {
        Table(columns: ["node", "command"], rows: on.map { [Table.Cell($0), Table.Cell(wouldRun)] })
    }
}

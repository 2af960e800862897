import Checks

/// What `lint` or `doctor` has found.
struct FindingsDocument: OutputDocument, Codable {
    struct Entry: Codable, Sendable {
        /// `null` where the files are of no inventory, or the nodes of several clusters.
        var cluster: String?
        var id: String
        @Word<Finding.Severity> var severity: String
        var nodes: [String]
        var file: String?
        var line: Int?
        var column: Int?
        var message: String
        var effect: String
        /// ``seen`` in words.
        var evidence: [String]
        var fix: String
        var seen: [Seen]

        /// - `clusters`: the cluster of each node.
        init(_ finding: Finding, in clusters: [String: String] = [:]) {
            let known = Set(finding.nodes.map { clusters[$0] })
            cluster = known.count == 1 ? known.first.flatMap(\.self) : nil
            id = finding.id
            severity = finding.severity.rawValue
            nodes = finding.nodes
            file = finding.file
            line = finding.line
            column = finding.column
            message = finding.message
            effect = finding.effect
            evidence = finding.evidence.map(\.description)
            fix = finding.fix
            seen = finding.evidence.map(Seen.init)
        }
    }

    /// A piece of evidence, with where it comes from.
    struct Seen: Codable, Sendable {
        var source: String
        var node: String?
        var file: String?
        var line: Int?
        var text: String

        init(_ evidence: Evidence) {
            source = evidence.source.name
            node = evidence.node
            if case .file(let path, let line) = evidence.source { (file, self.line) = (path, line) }
            text = evidence.text
        }
    }

    /// A finding that a comment excuses.
    struct Excused: Codable, Sendable {
        var id: String
        var reason: String
    }

    var findings: [Entry]
    var suppressed: [Excused]
    var unreachable: [String]

    var table: Table {
        Table(
            columns: ["severity", "id", "nodes", "place", "message"],
            rows: findings.map {
                [
                    $0.severity, $0.id, $0.nodes.joined(separator: ","),
                    Self.place($0.file, $0.line, $0.column) ?? "-", $0.message,
                ].map { Table.Cell($0) }
            })
    }

    /// `FILE:LINE:COLUMN`, as far as it is known.
    static func place(_ file: String?, _ line: Int?, _ column: Int?) -> String? {
        file.map { ([$0] + [line, column].compactMap { $0.map(String.init) }).joined(separator: ":") }
    }
}

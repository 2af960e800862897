import HAProxy
import Keepalived

/// The comments that suppress findings: `# haops-ignore: ID, ID -- reason` on the line of a finding or on the line
/// above it.
struct Suppressions {
    private struct Place: Hashable {
        var id: String
        var file: String
        var line: Int
    }

    private static let marker = "haops-ignore:"

    private var reasons: [Place: String] = [:]

    /// The reason for suppressing a finding; `nil` if it is not suppressed.
    func reason(for finding: Finding) -> String? {
        guard let file = finding.file, let line = finding.line else { return nil }
        return reasons[Place(id: finding.id, file: file, line: line)]
    }

    /// Reads the comments of all files, and returns findings about malformed comments.
    static func read(from nodes: [LintNode]) -> (Suppressions, [Finding]) {
        var suppressions = Suppressions()
        var complaints: [Finding] = []
        var seen: Set<String> = []
        for node in nodes {
            for file in node.haproxy?.files ?? [] where seen.insert("\(node.name) \(file.path)").inserted {
                for line in file.lines {
                    guard let piece = line.pieces.first(where: { $0.kind == .comment }) else { continue }
                    let text = String(decoding: file.bytes[piece.range], as: UTF8.self)
                    guard text.contains(marker) else { continue }
                    if let (ids, reason) = parse(text) {
                        // A comment alone on its line also applies to the next line.
                        suppressions.add(
                            ids, reason, file: file.path, lines: line.words.isEmpty ? 2 : 1, from: line.number
                        )
                    } else {
                        let start = line.pieces.first?.range.lowerBound ?? piece.range.lowerBound
                        complaints.append(
                            complaint(
                                node,
                                ConfigurationLocation(
                                    file: file.path, line: line.number,
                                    column: piece.range.lowerBound - start + 1)))
                    }
                }
            }
            for path in node.configuration.files {
                guard seen.insert("\(node.name) \(path)").inserted, let bytes = node.sources[path],
                    String(decoding: bytes, as: UTF8.self).contains(marker)
                else { continue }
                let tree = SyntaxTree(file: path, source: bytes, dialect: node.version.dialect)
                for (index, token) in tree.tokens.enumerated() where token.kind == .comment {
                    let text = tree.text(of: index)
                    guard text.contains(marker) else { continue }
                    // A comment alone on its line also applies to the next line.
                    let standsAlone = !tree.tokens[..<index].reversed().prefix { $0.line == token.line }
                        .contains { $0.kind != .space && $0.kind != .lineEnd }
                    let place = tree.location(ofToken: index)
                    if let (ids, reason) = parse(text) {
                        suppressions.add(
                            ids, reason, file: path, lines: standsAlone ? 2 : 1, from: place.line)
                    } else {
                        complaints.append(complaint(node, place))
                    }
                }
            }
        }
        return (suppressions, complaints)
    }

    /// If several comments suppress a finding, the first one gives the reason.
    private mutating func add(
        _ ids: [String], _ reason: String, file: String, lines: Int, from line: Int
    ) {
        for id in ids {
            for line in line..<line + lines {
                let place = Place(id: id, file: file, line: line)
                if reasons[place] == nil { reasons[place] = reason }
            }
        }
    }

    private static func parse(_ text: String) -> (ids: [String], reason: String)? {
        guard let start = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let body = text[text.index(after: start)...]
        let words = body.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\t" })
        guard let dashes = words.firstIndex(of: "--"), dashes > 0, dashes + 1 < words.count else {
            return nil
        }
        return (words[..<dashes].map(String.init), words[(dashes + 1)...].joined(separator: " "))
    }

    private static func complaint(_ node: LintNode, _ place: ConfigurationLocation) -> Finding {
        node.finding(
            "suppression", .warning, at: place, "a `haops-ignore` comment gives no reason",
            effect: "it suppresses nothing",
            fix: "write `# haops-ignore: ID -- why this is correct here`")
    }
}

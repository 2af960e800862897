import Keepalived

/// Runs every rule over the nodes of one cluster.
package struct Linter: Sendable {
    package struct Report: Sendable {
        /// The worst first.
        package var findings: [Finding]
        /// Those that a comment in the file excuses, with the reason given there.
        package var suppressed: [(finding: Finding, reason: String)]
    }

    package init() {}

    /// - `nodes`: peers of each other; one node alone is fine.
    package func run(_ nodes: [LintNode]) -> Report {
        var findings: [Finding] = []
        for node in nodes {
            for rule in LintRules.node { findings += rule.check(node) }
        }
        let groups = Peers.groups(in: nodes)
        for rule in LintRules.peer {
            for group in groups { findings += rule.check(group) }
        }
        let (suppressions, complaints) = Suppression.read(from: nodes)
        let concealment = FindingConcealment(nodes)
        var report = Report(findings: complaints.map(concealment.shown), suppressed: [])
        var seen: Set<Finding> = []
        for finding in findings {
            let shown = concealment.shown(finding)
            guard seen.insert(shown).inserted else { continue }
            if let suppression = suppressions.first(where: { $0.covers(finding) }) {
                report.suppressed.append((shown, concealment.shown(suppression.reason)))
            } else {
                report.findings.append(shown)
            }
        }
        report.findings.sort()
        report.suppressed.sort { $0.finding < $1.finding }
        return report
    }

    /// Every identifier, for documentation and completion.
    package static var ids: [String] {
        (LintRules.node.map { type(of: $0).id } + LintRules.peer.map { type(of: $0).id }).sorted()
    }

    /// Whether a finding is about nodes that do not go together, and not about one node alone.
    package static func isBetweenPeers(_ finding: Finding) -> Bool {
        LintRules.peer.contains { type(of: $0).id == finding.id }
    }
}

/// `# haops-ignore: ID, ID -- reason` on the line of a finding or on the line above it.
struct Suppression {
    static let marker = "haops-ignore:"

    var ids: Set<String>
    var file: String
    var line: Int
    /// Whether nothing but the comment stands on its line, so that the next line is meant.
    var standsAlone: Bool
    var reason: String

    func covers(_ finding: Finding) -> Bool {
        guard finding.file == file, ids.contains(finding.id), let place = finding.line else { return false }
        return place == line || standsAlone && place == line + 1
    }

    static func read(from nodes: [LintNode]) -> ([Suppression], [Finding]) {
        var suppressions: [Suppression] = []
        var complaints: [Finding] = []
        var seen: Set<String> = []
        for node in nodes {
            for path in node.configuration.files {
                guard seen.insert("\(node.name) \(path)").inserted, let bytes = node.sources[path],
                    String(decoding: bytes, as: UTF8.self).contains(marker)
                else { continue }
                let tree = SyntaxTree(file: path, source: bytes, dialect: node.version.dialect)
                for (index, token) in tree.tokens.enumerated() where token.kind == .comment {
                    let text = tree.text(of: index)
                    guard text.contains(marker) else { continue }
                    let standsAlone = !tree.tokens[..<index].reversed().prefix { $0.line == token.line }
                        .contains { $0.kind != .space && $0.kind != .lineEnd }
                    let place = tree.location(ofToken: index)
                    if let suppression = parse(text, at: place, standsAlone) {
                        suppressions.append(suppression)
                    } else {
                        complaints.append(complaint(node, place))
                    }
                }
            }
        }
        return (suppressions, complaints)
    }

    private static func parse(_ text: String, at place: SourceLocation, _ standsAlone: Bool) -> Suppression? {
        guard let start = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let body = text[text.index(after: start)...]
        let words = body.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\t" })
        guard let dashes = words.firstIndex(of: "--"), dashes > 0, dashes + 1 < words.count else {
            return nil
        }
        return Suppression(
            ids: Set(words[..<dashes].map(String.init)), file: place.file, line: place.line,
            standsAlone: standsAlone, reason: words[(dashes + 1)...].joined(separator: " "))
    }

    private static func complaint(_ node: LintNode, _ place: SourceLocation) -> Finding {
        node.finding(
            "suppression", .warning, at: place, "a `haops-ignore` comment gives no reason",
            effect: "it excuses nothing",
            fix: "write `# haops-ignore: ID -- why this is right here`")
    }
}

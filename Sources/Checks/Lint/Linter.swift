import Keepalived

/// Runs every rule over the nodes of one cluster.
package struct Linter: Sendable {
    package struct Report: Sendable {
        /// The most severe first.
        package var findings: [Finding]
        /// Findings that a comment in the file suppresses, with the reason given there.
        package var suppressed: [(finding: Finding, reason: String)]
    }

    package init() {}

    /// - `nodes`: nodes that are peers of each other, or a single node.
    package func run(_ nodes: [LintNode]) -> Report {
        var findings: [Finding] = []
        for node in nodes {
            for rule in LintRules.node { findings += rule.check(node) }
        }
        let groups = Peers.groups(in: nodes)
        for rule in LintRules.peer {
            for group in groups { findings += rule.check(group) }
        }
        let (suppressions, complaints) = Suppressions.read(from: nodes)
        let concealment = FindingConcealment(nodes)
        var report = Report(findings: complaints.map(concealment.shown), suppressed: [])
        var seen: Set<Finding> = []
        for finding in findings {
            let shown = concealment.shown(finding)
            guard seen.insert(shown).inserted else { continue }
            if let reason = suppressions.reason(for: finding) {
                report.suppressed.append((shown, concealment.shown(reason)))
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

    /// Whether a finding is about a mismatch between nodes and not about one node alone.
    package static func isBetweenPeers(_ finding: Finding) -> Bool {
        LintRules.peer.contains { type(of: $0).id == finding.id }
    }
}

import Keepalived

/// Runs every rule over the nodes of one cluster.
package struct Linter: Sendable {
    package struct Report: Sendable {
        /// The most severe first.
        package var findings: [Finding]
        /// Findings that a comment in the file suppresses, with the reason given there.
        package var suppressed: [(finding: Finding, reason: String)]

        /// Says once what is found for several nodes at one place, as in a file that they share.
        package mutating func foldNodes() {
            var places: [Finding: Int] = [:]
            var folded: [Finding] = []
            for finding in findings {
                var key = finding
                key.nodes = []
                if finding.file != nil, let index = places[key] {
                    folded[index].nodes += finding.nodes.filter { !folded[index].nodes.contains($0) }
                } else {
                    places[key] = folded.count
                    folded.append(finding)
                }
            }
            findings = folded.sorted()
        }
    }

    package init() {}

    /// - `nodes`: nodes that are peers of each other, or a single node.
    package func run(_ nodes: [LintNode]) -> Report {
        var findings: [Finding] = []
        for node in nodes {
            for rule in LintRules.node { findings += rule.check(node) }
        }
        let groups = Peers.groups(in: nodes)
        let clusters = groups.flatMap(\.clusters)
        for rule in LintRules.peer {
            for group in rule is PeerRouterID ? groups : clusters { findings += rule.check(group) }
        }
        for rule in LintRules.cluster { findings += rule.check(nodes) }
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

    /// Runs every rule over groups of nodes that have nothing to do with each other: the clusters of a fleet.
    package func run(_ groups: [[LintNode]]) -> Report {
        var report = Report(findings: [], suppressed: [])
        var seen: Set<Finding> = []
        for group in groups {
            let next = run(group)
            report.findings += next.findings.filter { seen.insert($0).inserted }
            report.suppressed += next.suppressed.filter { seen.insert($0.finding).inserted }
        }
        report.findings.sort()
        report.suppressed.sort { $0.finding < $1.finding }
        return report
    }

    /// Every identifier, for documentation and completion.
    package static var ids: [String] {
        (LintRules.node.map { type(of: $0).id } + LintRules.peer.map { type(of: $0).id }
            + LintRules.cluster.map { type(of: $0).id }).sorted()
    }

    /// Whether a finding is about a mismatch between nodes and not about one node alone.
    package static func isBetweenPeers(_ finding: Finding) -> Bool {
        LintRules.peer.contains { type(of: $0).id == finding.id }
            || LintRules.cluster.contains { type(of: $0).id == finding.id }
    }
}

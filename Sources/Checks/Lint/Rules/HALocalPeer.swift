import HAProxy

/// Two nodes that take the same peer for themselves.
///
/// - Condition: `localpeer` has the same name on two nodes of a cluster.
/// - Why: Each takes the other's place in `peers`: they do not connect to each other, and share no stick table.
/// - Remedy: Give each node its own name, or remove `localpeer`, so that it is the host's.
struct HALocalPeer: ClusterRule {
    static let id = "x-ha-localpeer"

    func check(_ nodes: [LintNode]) -> [Finding] {
        var seen: [String: (node: LintNode, location: HAProxyFile.Location)] = [:]
        var findings: [Finding] = []
        for node in nodes {
            guard let haproxy = node.haproxy, !haproxy.peers.isEmpty, let name = haproxy.localPeer,
                let location = haproxy.global("localpeer")?.location
            else { continue }
            if let first = seen[name] {
                findings.append(
                    Finding(
                        id: Self.id, severity: .error, nodes: [first.node.name, node.name],
                        file: location.file,
                        line: location.line, column: location.column,
                        message:
                            "\(first.node.name) and \(node.name) both call themselves the peer `\(name)`",
                        effect: "they do not connect to each other, and share no stick table",
                        fix: "give each node its own `localpeer`",
                        evidence: [
                            Evidence(
                                .file(first.location.file, line: first.location.line), on: first.node.name,
                                "localpeer \(name)"),
                            Evidence(
                                .file(location.file, line: location.line), on: node.name, "localpeer \(name)"),
                        ]))
            } else {
                seen[name] = (node, location)
            }
        }
        return findings
    }
}

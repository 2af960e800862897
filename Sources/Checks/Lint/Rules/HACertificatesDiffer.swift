import HAProxy

/// Two nodes that serve different certificates.
///
/// - Condition: A file that haproxy.cfg names behind `crt`, `crt-list`, `ca-file` or `crl-file` has other bytes on another node of
///   the cluster, or is on one only.
/// - Why: After a failover clients get another certificate: an old one that has expired, or one without their name.
/// - Remedy: Renew it on both nodes, from one source.
struct HACertificatesDiffer: ClusterRule {
    static let id = "x-ha-certificates"

    func check(_ nodes: [LintNode]) -> [Finding] {
        let known = nodes.filter { $0.haproxy != nil && $0.facts?.certificates != nil }
        guard let first = known.first, let mine = first.facts?.certificates else { return [] }
        return known.dropFirst().flatMap { node -> [Finding] in
            let theirs = node.facts?.certificates ?? [:]
            return mine.keys.sorted().compactMap { path in
                // What one node does not name is x-ha-differs'.
                guard let other = theirs[path], let own = mine[path], other != own else { return nil }
                return Finding(
                    id: Self.id, severity: .warning, nodes: [first.name, node.name],
                    file: first.haproxy?.path,
                    message: "`\(path)` on \(first.name) is not the file that \(node.name) has",
                    effect: "after a failover clients get another certificate",
                    fix: "renew it on both nodes, from one source",
                    evidence: [
                        Evidence(.kernel, on: first.name, "sha256 \(own.prefix(12))"),
                        Evidence(.kernel, on: node.name, "sha256 \(other.prefix(12))"),
                    ])
            }
        }
    }
}

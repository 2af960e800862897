import Keepalived

/// A unicast peer that is not an address.
///
/// - Condition: An entry of `unicast_peer` is a host name, is followed directly by other characters, is of the other
///   address family, or stands behind another peer on one line.
/// - Why: keepalived skips the peer, which gets no adverts; without any peer, keepalived falls back to multicast. A
///   `/24` behind the address does no harm: keepalived cuts it off.
/// - Remedy: Write one address per line.
struct UnicastPeerSyntax: NodeRule {
    static let id = "unicast-peer-syntax"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["unicast_peer"]).filter { $0.kind != .reset }.map { problem in
            node.finding(
                Self.id,
                problem.kind == .unknownOption || problem.kind == .missingOptionValue ? .warning : .error,
                at: problem.location, "\(problem.owner): `\(problem.text)` in `unicast_peer` cannot be used",
                effect: problem.consequence, fix: "write one address per line")
        }
    }
}

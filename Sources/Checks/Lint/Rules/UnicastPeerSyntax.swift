import Keepalived

/// A unicast peer that is not an address.
///
/// - Condition: An entry of `unicast_peer` is a host name, is followed directly by other characters, or is of the
///   other address family.
/// - Why: keepalived skips the peer, which gets no adverts; without any peer, keepalived falls back to multicast.
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

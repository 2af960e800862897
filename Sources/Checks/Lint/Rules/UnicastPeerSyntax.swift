import Keepalived

/// A unicast peer that is no address.
///
/// - Condition: An entry of `unicast_peer` is a host name, has something glued to it, or is of the other
///   family.
/// - Why: The peer is skipped and gets no adverts; when it was the only one, keepalived falls back to
///   multicast.
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

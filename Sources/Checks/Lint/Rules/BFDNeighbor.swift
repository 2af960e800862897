import Keepalived

/// A BFD session without a neighbour.
///
/// - Condition: A `bfd_instance` has no `neighbor_ip`.
/// - Why: keepalived disables the session, so what tracks it never learns of a failure; 2.2.7 crashes.
/// - Remedy: Add `neighbor_ip ADDRESS`.
struct BFDNeighbor: NodeRule {
    static let id = "bfd-no-neighbor"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["neighbor_ip"], [.required]).map { problem in
            node.finding(
                Self.id, .error, at: problem.location,
                "the BFD session `\(problem.owner)` has no `neighbor_ip`", effect: problem.consequence,
                fix: "add `neighbor_ip ADDRESS`")
        }
    }
}

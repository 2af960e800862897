import Keepalived

/// `track_interface` names the instance's own interface.
///
/// - Condition: An unweighted or weighted entry for the interface that carries the adverts.
/// - Why: keepalived tracks that interface anyway and ignores the line: this is harmless, but `keepalived -t` fails.
/// - Remedy: Remove the line.
struct TrackOwnInterface: NodeRule {
    static let id = "track-own-if"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["track_interface"], [.reset]).filter { $0.consequence.contains("own interface") }.map {
            problem in
            node.finding(
                Self.id, .info, at: problem.location,
                "\(problem.owner) tracks its own interface `\(problem.text)`",
                effect: "the line is ignored and makes `keepalived -t` report an error",
                fix: "remove the line")
        }
    }
}

import Keepalived

/// Tracking an object that is not defined.
///
/// - Condition: A `track_script`, `track_file`, `track_process` or `track_bfd` entry names an object that is not defined
///   above it.
/// - Why: keepalived ignores the entry (`not found, ignoring`), so a failure is never noticed. Definitions further
///   down do not count.
/// - Remedy: Define it above the instance.
struct TrackUndefined: NodeRule {
    static let id = "script-undefined"

    func check(_ node: LintNode) -> [Finding] {
        let configuration = node.configuration
        let names = Set(
            configuration.scripts.map(\.name) + configuration.trackFiles.map(\.name)
                + configuration.trackProcesses.map(\.name)
                + configuration.others.filter { $0.keyword == "bfd_instance" && $0.words.count > 1 }.map {
                    $0.words[1].text
                })
        return configuration.problems.filter { $0.kind == .notFound && $0.keyword.hasPrefix("track_") }.map {
            problem in
            let isLater = names.contains(problem.text)
            return node.finding(
                Self.id, .error, at: problem.location,
                "\(problem.owner) tracks `\(problem.text)`, which is \(isLater ? "defined only further down" : "not defined")",
                effect: "keepalived ignores the line: nothing is tracked",
                fix: isLater ? "move its definition above the instance" : "define it, or correct the name")
        }
    }
}

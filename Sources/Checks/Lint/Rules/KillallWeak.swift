import Keepalived

/// A check that only tests whether a process exists.
///
/// - Condition: The check is `killall -0 PROGRAM` or `pidof PROGRAM`.
/// - Why: It also matches an old worker that is draining, and does not test whether the service answers.
/// - Remedy: Send a request to the service itself.
struct KillallWeak: NodeRule {
    static let id = "killall-weak"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.scripts.compactMap { script in
            guard let command = script.command else { return nil }
            let program = command.program.split(separator: "/").last.map(String.init) ?? ""
            guard program == "killall" || program == "pidof" else { return nil }
            return node.finding(
                Self.id, .info, at: command.location, "\(script.name) only tests whether a process exists",
                effect: "a process that hangs or drains counts as well",
                fix: "send a request to the service, by its socket or by HTTP")
        }
    }
}

import HAProxy

/// Old processes without an end.
///
/// - Condition: `global` has neither `hard-stop-after` nor `mworker-max-reloads`.
/// - Why: After a reload the old process stays until its last connection ends. Long connections (WebSocket, databases) keep
///   many of them: memory, and old configurations that still serve.
/// - Remedy: Write `hard-stop-after 30m`, or `mworker-max-reloads N` (since 2.0).
struct HAHardStop: NodeRule {
    static let id = "ha-hard-stop"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy, let global = haproxy.sections("global").first,
            haproxy.isListening, haproxy.global("hard-stop-after") == nil,
            haproxy.global("mworker-max-reloads") == nil
        else { return [] }
        return [
            node.finding(
                Self.id, .info, at: global.header, "nothing ends the old processes after a reload",
                effect:
                    "long connections keep old processes, and their configuration, for as long as they last",
                fix: "write `hard-stop-after 30m` in `global`")
        ]
    }
}

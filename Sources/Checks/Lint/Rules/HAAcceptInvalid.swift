import HAProxy

/// Requests that HTTP forbids.
///
/// - Condition: `option accept-invalid-http-request` or `…-response`, or their names since 3.1,
///   `accept-unsafe-violations-in-http-request` and `…-response`, is on.
/// - Why: haproxy and the server may read one message as two different ones (request smuggling).
/// - Remedy: Remove the option, and repair what sends such messages.
struct HAAcceptInvalid: NodeRule {
    static let id = "ha-accept-invalid"

    private static let names = ["accept-invalid-http-", "accept-unsafe-violations-in-http-"]
        .flatMap { ["\($0)request", "\($0)response"] }

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.sections.flatMap(\.statements).compactMap { statement in
            guard statement.keyword == "option", statement.modifier == nil,
                let name = statement.argument(0), Self.names.contains(name)
            else { return nil }
            return node.finding(
                Self.id, .warning, at: statement, "`option \(name)` lets messages pass that HTTP forbids",
                effect: "haproxy and a server may read one message as two different ones",
                fix: "remove it, and repair what sends such messages")
        }
    }
}

import HAProxy

/// Rules behind a `use_backend` that always decides.
///
/// - Condition: `use_backend` with a name that is worked out (`%[…]`) or a fixed one has no `if` or `unless`, and more
///   `use_backend` lines follow it.
/// - Why: The first rule whose condition holds decides. When the name that was worked out is no backend's, haproxy goes to
///   `default_backend`, not to the next rule. `haproxy -c` says nothing.
/// - Remedy: Move it behind the others, or give it a condition: `if { req.hdr(host),map(FILE) -m found }`.
struct HADynamicBackend: NodeRule {
    static let id = "ha-dynamic-backend"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.proxies.compactMap { proxy in
            let rules = proxy.all("use_backend")
            guard
                let index = rules.firstIndex(where: { rule in
                    !rule.isUndecided && rule.arguments.count == 1
                }), index + 1 < rules.count
            else { return nil }
            let later = rules.count - index - 1
            return node.finding(
                Self.id, .warning, at: rules[index],
                "`\(proxy.title)` never reaches the \(later == 1 ? "rule" : "\(later) rules") behind `\(rules[index].text.prefix(60))`",
                effect: "requests that they are meant for go to `default_backend`, or get an error",
                fix: "move this rule behind the others, or give it a condition",
                evidence: [Evidence(at: rules[index + 1].location, String(rules[index + 1].text.prefix(160)))]
            )
        }
    }
}

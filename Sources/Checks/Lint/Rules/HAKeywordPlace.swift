import HAProxy

/// A keyword in a section that has no use for it.
///
/// - Condition: `bind`, `server` or `server-template` stands in `defaults`, `acl` in a `defaults` without a name, `server` in
///   a frontend: errors. `bind`, `use_backend`, `default_backend`, `maxconn` or another keyword of frontends stands in a
///   backend, or one of backends in a frontend: warnings of `haproxy -c`.
/// - Why: haproxy does not start, or ignores the line.
/// - Remedy: Move the line to the section that it is meant for.
struct HAKeywordPlace: NodeRule {
    static let id = "ha-keyword-place"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.sections.flatMap { section in
            section.statements.compactMap { statement in
                guard let severity = severity(statement, in: section) else { return nil }
                return node.finding(
                    Self.id, severity, at: statement,
                    "`\(statement.keyword)` has no meaning in `\(section.title)`",
                    effect: severity == .error ? "haproxy does not start" : "haproxy ignores the line",
                    fix: "move it to the section that it is meant for")
            }
        }
    }

    private func severity(
        _ statement: HAProxyStatement, in section: HAProxyConfiguration.Section
    ) -> Finding.Severity? {
        let keyword = statement.keyword
        switch section.keyword {
        case "defaults":
            if ["bind", "server", "server-template"].contains(keyword) { return .error }
            return keyword == "acl" && section.name.isEmpty ? .error : nil
        case "frontend":
            if keyword == "server" || keyword == "server-template" { return .error }
            return Self.ofBackends.contains(keyword) ? .warning : nil
        case "backend": return Self.ofFrontends.contains(keyword) ? .warning : nil
        default: return nil
        }
    }

    /// What `haproxy -c` of 2.6 says it ignores.
    private static let ofBackends: Set<String> = ["balance", "default-server", "fullconn", "stick", "cookie"]
    private static let ofFrontends: Set<String> = ["bind", "use_backend", "default_backend", "monitor-uri"]
}

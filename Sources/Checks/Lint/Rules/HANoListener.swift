import HAProxy

/// Nothing that clients could reach.
///
/// - Condition: No section has a `bind`; or a frontend has none, while others do.
/// - Why: haproxy does not start without a listener (`haproxy -c` ends with 2). A frontend without one serves nobody.
/// - Remedy: Write `bind`, or read this file together with the others that `-f` names.
struct HANoListener: NodeRule {
    static let id = "ha-no-listener"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        let listeners = haproxy.sections.filter { section in
            section.statements.contains { ["bind", "dgram-bind"].contains($0.keyword) }
                || section.keyword == "peers"
        }
        guard !listeners.isEmpty else {
            return [
                node.finding(
                    Self.id, .warning, at: HAProxyFile.Location(file: haproxy.path, line: 1, column: 1),
                    "no section has a `bind`", effect: "haproxy does not start with this file alone",
                    fix: "write a `bind`")
            ]
        }
        return haproxy.proxies.filter { $0.section.keyword == "frontend" && $0.all("bind").isEmpty }.map {
            proxy in
            node.finding(
                Self.id, .warning, at: proxy.section.header, "`\(proxy.title)` has no `bind`",
                effect: "it serves nobody", fix: "write a `bind`, or make it a backend")
        }
    }
}

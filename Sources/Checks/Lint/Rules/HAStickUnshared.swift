import HAProxy

/// A stick table that the other node does not know.
///
/// - Condition: A `stick-table` has no `peers`. On a node with virtual addresses this is a warning, else a remark.
/// - Why: What it remembers is lost at each reload and at each failover: sessions change their server, counters begin at 0.
/// - Remedy: Write a `peers` section with both nodes, and `peers NAME` behind the table.
struct HAStickUnshared: NodeRule {
    static let id = "ha-stick-unshared"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        let severity: Finding.Severity = node.instances.isEmpty ? .info : .warning
        return haproxy.proxies.flatMap { proxy in
            proxy.all("stick-table").filter { !$0.arguments.contains { $0.value == "peers" } }.map {
                statement in
                node.finding(
                    Self.id, severity, at: statement, "the stick table of `\(proxy.title)` has no `peers`",
                    effect: "what it remembers is lost at a reload and at a failover",
                    fix: "write a `peers` section with both nodes, and `peers NAME` behind the table")
            }
        }
    }
}

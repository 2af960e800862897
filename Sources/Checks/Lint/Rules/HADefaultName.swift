import HAProxy

/// A backend whose name 3.3 uses itself.
///
/// - Condition: A backend that a rule or `default_backend` names is called `default`.
/// - Why: 3.3 and 3.4 until 3.4.2 take the name for a proxy of their own and do not start ("incompatible tcp proxy"). Others
///   serve it.
/// - Remedy: Rename the backend before the upgrade.
struct HADefaultName: NodeRule {
    static let id = "ha-default-name"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        let isBroken = haproxy.version.map {
            $0 >= HAProxyVersion(3, 3) && $0 <= HAProxyVersion(3, 4, 2)
        }
        guard isBroken != false, haproxy.backendUses.contains(where: { $0.name == "default" }) else {
            return []
        }
        return haproxy.proxies.filter { $0.section.keyword == "backend" && $0.name == "default" }.prefix(1)
            .map { proxy in
                node.finding(
                    Self.id, isBroken == true ? .error : .info, at: proxy.section.header,
                    "`backend default` has the name of a proxy of haproxy's own since 3.3",
                    effect: "haproxy 3.3 and 3.4 until 3.4.2 do not start", fix: "rename the backend")
            }
    }
}

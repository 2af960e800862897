import HAProxy

/// A name that is used twice.
///
/// - Condition: Two frontends, or two of backends and `listen` sections, have the same name; since 3.3 any two proxies. Or
///   two servers of a backend have the same name or the same `id`.
/// - Why: haproxy does not start, and a reload leaves the old configuration in force.
/// - Remedy: Rename one of them.
struct HADuplicateName: NodeRule {
    static let id = "ha-duplicate-name"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        let isStrict = haproxy.version.map { $0.branch >= HAProxyVersion(3, 3) } ?? false
        var seen: [String: HAProxyProxy] = [:]
        var findings: [Finding] = []
        for proxy in haproxy.proxies where !proxy.name.isEmpty {
            let first = [
                proxy.isFrontend || isStrict ? "front" : nil, proxy.isBackend || isStrict ? "back" : nil,
            ]
            .compactMap { $0 }.map { "\($0) \(proxy.name)" }
            if let other = first.compactMap({ seen[$0] }).first {
                findings.append(
                    node.finding(
                        Self.id, .error, at: proxy.section.header,
                        "`\(proxy.title)` has the name of `\(other.title)` in line \(other.location.line)",
                        effect: "haproxy does not start", fix: "rename one of them"))
            }
            for key in first where seen[key] == nil { seen[key] = proxy }
            findings += servers(proxy, node)
        }
        return findings
    }

    private func servers(_ proxy: HAProxyProxy, _ node: LintNode) -> [Finding] {
        // Earlier releases take the second one without a word.
        let isRefused = node.haproxy?.version.map { $0.branch >= HAProxyVersion(2, 2) } ?? true
        var names: [String: Int] = [:]
        var ids: [String: Int] = [:]
        var findings: [Finding] = []
        for server in proxy.servers where !server.isTemplate {
            let id = server.options.value("id")
            let twice: (what: String, line: Int)? =
                names[server.name].map { ("the name `\(server.name)`", $0) }
                ?? id.flatMap { id in ids[id].map { ("the id \(id)", $0) } }
            if let twice {
                findings.append(
                    node.finding(
                        Self.id, isRefused ? .error : .warning, at: server.location,
                        "`\(proxy.title)`: two servers have \(twice.what), the first in line \(twice.line)",
                        effect: isRefused ? "haproxy does not start" : "since 2.2 haproxy does not start",
                        fix: "give each its own",
                        evidence: [Evidence(at: server.location, "server \(server.name)")]))
            }
            names[server.name] = names[server.name] ?? server.location.line
            if let id { ids[id] = ids[id] ?? server.location.line }
        }
        return findings
    }
}

import Addresses
import HAProxy
import Keepalived

/// Two nodes that serve the same addresses differently.
///
/// - Condition: Between nodes of a cluster a frontend, backend or `listen` section is on one only, or their `mode`, their
///   `default_backend`, the ports and certificates of their binds, their servers, the servers' order or ids, a stick table or
///   the peers of a `peers` section differ.
/// - Why: After a failover clients meet other servers or none, a session cookie or stick table names another server (ids follow
///   the order), and peers that do not know each other share nothing.
/// - Remedy: Make them the same, from one template; only the local peer's name belongs to one node.
struct HADiffers: ClusterRule {
    static let id = "x-ha-differs"

    func check(_ nodes: [LintNode]) -> [Finding] {
        let known = nodes.filter { $0.haproxy != nil }
        guard let first = known.first, let mine = first.haproxy else { return [] }
        return known.dropFirst().flatMap { node in
            node.haproxy.map { compare(mine, $0, of: first, and: node) } ?? []
        }
    }

    private func compare(
        _ mine: HAProxyConfiguration, _ other: HAProxyConfiguration, of first: LintNode, and second: LintNode
    ) -> [Finding] {
        let left = parts(of: mine)
        let right = parts(of: other)
        let titles = Dictionary(left.map { ($0.title, $0) }) { one, _ in one }
        let others = Dictionary(right.map { ($0.title, $0) }) { one, _ in one }
        var findings: [Finding] = []
        for part in left where others[part.title] == nil {
            findings.append(alone(part, on: first, not: second))
        }
        for part in right where titles[part.title] == nil {
            findings.append(alone(part, on: second, not: first))
        }
        for part in left {
            guard let twin = others[part.title] else { continue }
            for (what, value) in part.values {
                guard let difference = twin.values.first(where: { $0.0 == what })?.1, difference != value
                else {
                    continue
                }
                findings.append(differs(part, twin, what, value, difference, first, second))
            }
        }
        return findings
    }

    private func alone(_ part: Part, on node: LintNode, not other: LintNode) -> Finding {
        Finding(
            id: Self.id, severity: .warning, nodes: [node.name, other.name], file: part.location.file,
            line: part.location.line, column: part.location.column,
            message: "`\(part.title)` is on \(node.name) and not on \(other.name)",
            effect: "after a failover it is not served, or served by others",
            fix: "write it on both, or remove it", evidence: [evidence(part.location, on: node, part.title)])
    }

    private func differs(
        _ part: Part, _ twin: Part, _ what: String, _ mine: [String], _ theirs: [String], _ first: LintNode,
        _ second: LintNode
    ) -> Finding {
        let isOrder = what == "servers" && mine.sorted() == theirs.sorted()
        func list(_ words: [String], besides others: [String]) -> String {
            let own = isOrder ? words : words.filter { !others.contains($0) }
            let text = own.prefix(4).joined(separator: ", ") + (own.count > 4 ? ", …" : "")
            return text.isEmpty ? "nothing more" : text
        }
        return Finding(
            id: Self.id, severity: .warning, nodes: [first.name, second.name], file: part.location.file,
            line: part.location.line, column: part.location.column,
            message:
                "the \(isOrder ? "order of the servers" : what) of `\(part.title)` "
                + (isOrder || !Self.plurals.contains(what) ? "differs: " : "differ: ")
                + "\(first.name) has \(list(mine, besides: theirs)), \(second.name) has \(list(theirs, besides: mine))",
            effect: isOrder
                ? "ids follow the order: a cookie or stick table names another server after a failover"
                : "after a failover clients meet something else", fix: "make them the same",
            evidence: [
                evidence(part.location, on: first, part.title),
                evidence(twin.location, on: second, twin.title),
            ])
    }

    private func evidence(_ location: HAProxyFile.Location, on node: LintNode, _ text: String) -> Evidence {
        Evidence(.file(location.file, line: location.line), on: node.name, text)
    }

    private static let plurals: Set<String> = ["ports", "certificates", "servers", "peers"]

    /// A section, and what must be the same of it.
    private struct Part {
        var title: String
        var location: HAProxyFile.Location
        var values: [(String, [String])]
    }

    private func parts(of file: HAProxyConfiguration) -> [Part] {
        let binds = Dictionary(grouping: file.binds, by: \.section)
        return file.proxies.map { proxy in
            var values: [(String, [String])] = [("mode", [proxy.mode])]
            if proxy.isFrontend {
                values.append(("default backend", [proxy.setting("default_backend")?.argument(0) ?? ""]))
                let own = binds[proxy.title] ?? []
                values.append(("ports", Set(own.map(\.port)).sorted()))
                values.append(
                    ("certificates", Set(own.compactMap { $0.options.value("crt") }).sorted()))
            }
            if proxy.isBackend {
                values.append(("servers", proxy.servers.map(text)))
                values.append(
                    (
                        "stick table",
                        proxy.all("stick-table").map { $0.arguments.map(\.value).joined(separator: " ") }
                    )
                )
            }
            return Part(
                title: "\(proxy.section.keyword) \(proxy.name)", location: proxy.location, values: values)
        }
            + file.peers.map { section in
                Part(
                    title: "peers \(section.name)", location: section.location,
                    values: [("peers", section.peers.map(\.name).sorted())])
            }
    }

    private func text(_ server: HAProxyConfiguration.Server) -> String {
        let id = server.options.value("id").map { " id \($0)" } ?? ""
        return "\(server.name) \(server.endpoint.text)\(id)"
    }
}

import HAProxy

/// A name that nothing has.
///
/// - Condition: `from`, `peers`, `resolvers`, `mailers`, `cache-use`, `cache-store`, `use-fcgi-app` or `http_auth()` names a
///   section that no file has.
/// - Why: haproxy does not start, and a reload leaves the old configuration in force.
/// - Remedy: Correct the name, or write the section.
struct HAUndefinedReference: NodeRule {
    static let id = "ha-undefined-reference"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return sections(haproxy, node) + acls(haproxy, node) + tracks(haproxy, node)
    }

    private func sections(_ haproxy: HAProxyConfiguration, _ node: LintNode) -> [Finding] {
        haproxy.undefinedReferences.map { reference in
            node.finding(
                Self.id, .error, at: reference.statement,
                "there is no `\(reference.kind)` section `\(reference.name)`",
                effect: "haproxy does not start", fix: "correct the name, or write the section")
        }
    }

    private func acls(_ haproxy: HAProxyConfiguration, _ node: LintNode) -> [Finding] {
        haproxy.undefinedACLs.map { name, statement in
            node.finding(
                Self.id, .error, at: statement, word: name, "there is no acl `\(name.value)` in this section",
                effect: "haproxy does not start", fix: "correct the name, or write the `acl` above the line")
        }
    }

    private func tracks(_ haproxy: HAProxyConfiguration, _ node: LintNode) -> [Finding] {
        let proxies = Dictionary(haproxy.proxies.filter(\.isBackend).map { ($0.name, $0) }) { first, _ in
            first
        }
        var names: [String: Set<String>] = [:]
        return haproxy.proxies.flatMap { proxy in
            proxy.servers.compactMap { server in
                guard let track = server.options["track"]?.value, !track.hasVariables else { return nil }
                let parts = track.value.split(separator: "/", maxSplits: 1).map(String.init)
                let backend = parts.count == 2 ? parts[0] : proxy.name
                guard let target = proxies[backend] else { return unknown(track, server, node) }
                // A template's servers have its prefix and a number.
                guard !target.servers.contains(where: \.isTemplate) else { return nil }
                let known = names[backend] ?? Set(target.servers.map(\.name))
                names[backend] = known
                return known.contains(parts.last ?? "") ? nil : unknown(track, server, node)
            }
        }
    }

    private func unknown(
        _ track: HAProxyFile.Word, _ server: HAProxyConfiguration.Server, _ node: LintNode
    ) -> Finding {
        node.finding(
            Self.id, .error, at: server.location,
            "`\(server.name)` tracks `\(track.value)`, which is no server",
            effect: "haproxy does not start", fix: "correct the name",
            evidence: [Evidence(at: server.location, "server \(server.name)")])
    }
}

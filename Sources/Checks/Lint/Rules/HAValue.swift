import HAProxy

/// A value that haproxy refuses or that it cannot do without.
///
/// - Condition: `mode` or `balance` names none of haproxy's, `maxconn` and its like have no number, a port is above 65535, a `weight` above 256, a `bind` or a checked
///   server has no port, an option of `bind` or `server` has no value, a server speaks TLS without `ca-file` and `verify
///   none`, or `bind … ssl` has no certificate.
/// - Why: haproxy does not start, and a reload leaves the old configuration in force.
/// - Remedy: Correct the value.
struct HAValue: NodeRule {
    static let id = "ha-value"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.proxies.flatMap { proxy in
            words(proxy, node) + binds(proxy, haproxy, node) + servers(proxy, haproxy, node)
        }
    }

    private func refused(
        _ node: LintNode, _ statement: HAProxyStatement, _ message: String, fix: String
    ) -> Finding {
        node.finding(
            Self.id, .error, at: statement, message, effect: "haproxy does not start", fix: fix)
    }

    private func words(_ proxy: HAProxyProxy, _ node: LintNode) -> [Finding] {
        proxy.statements.compactMap { statement in
            if Self.numbers.contains(statement.keyword), statement.modifier == nil,
                statement.arguments.isEmpty
            {
                return refused(
                    node, statement, "`\(statement.keyword)` needs a number", fix: "write the number")
            }
            guard let known = Self.words[statement.keyword], let word = statement.arguments.first,
                !word.hasVariables
            else { return nil }
            let name = word.value.prefix { $0 != "(" }
            guard !known.contains(String(name)) else { return nil }
            return refused(
                node, statement, "`\(statement.keyword)` does not know `\(word.value)`",
                fix: "write one of \(known.sorted().joined(separator: ", "))")
        }
    }

    private static let numbers: Set<String> = ["maxconn", "retries", "fullconn", "backlog"]

    private static let words: [String: Set<String>] = [
        "mode": ["tcp", "http", "health", "log", "spop", "syslog", "haterm"],
        "balance": [
            "roundrobin", "static-rr", "leastconn", "first", "source", "uri", "url_param", "hdr", "random",
            "rdp-cookie", "hash", "log-hash", "log-sticky", "sticky",
        ],
    ]

    private func binds(
        _ proxy: HAProxyProxy, _ haproxy: HAProxyConfiguration, _ node: LintNode
    ) -> [Finding] {
        proxy.all("bind").flatMap { statement -> [Finding] in
            guard let word = statement.arguments.first else {
                return [refused(node, statement, "`bind` has no address", fix: "write `bind ADDRESS:PORT`")]
            }
            guard !word.hasVariables else { return [] }
            var findings: [Finding] = []
            for part in word.value.split(separator: ",") {
                guard let endpoint = HAProxyAddress(part) else { continue }
                if endpoint.port == nil {
                    findings.append(
                        refused(node, statement, "`bind \(part)` has no port", fix: "write `\(part):PORT`"))
                } else if let port = endpoint.port.flatMap({ Int($0) }), port > 65535 {
                    findings.append(
                        refused(node, statement, "\(port) is not a port", fix: "write one up to 65535"))
                }
            }
            let options = HAProxyConfiguration.bindOptions(statement)
            if options.has("ssl"), options.unknown.isEmpty,
                !["crt", "crt-list", "default-crt", "generate-certificates"].contains(where: options.has),
                !proxy.statements.contains(where: { $0.keyword == "crt" || $0.keyword == "ssl-f-use" })
            {
                findings.append(
                    refused(
                        node, statement, "`bind \(word.value) ssl` has no certificate",
                        fix: "write `crt FILE` behind it"))
            }
            return findings + incomplete(options, statement, node)
        }
    }

    private func servers(
        _ proxy: HAProxyProxy, _ haproxy: HAProxyConfiguration, _ node: LintNode
    ) -> [Finding] {
        let lines = proxy.statements.filter { $0.keyword == "server" && $0.modifier == nil }
        var findings: [Finding] = lines.filter { $0.arguments.count < 2 }.map { statement in
            refused(
                node, statement, "`server` needs a name and an address",
                fix: "write `server NAME ADDRESS:PORT`")
        }
        let verifies = haproxy.global("ssl-server-verify")?.argument(0) != "none"
        let places = Dictionary(lines.map { ($0.location, $0) }) { first, _ in first }
        for server in proxy.servers {
            guard let statement = places[server.location], !statement.line.hasVariables else { continue }
            let port = server.endpoint.port
            if let number = port.flatMap({ Int($0) }), number > 65535 {
                findings.append(
                    refused(node, statement, "\(number) is not a port", fix: "write one up to 65535"))
            }
            if let weight = server.value("weight").flatMap({ Int($0) }), weight > 256 {
                findings.append(
                    refused(node, statement, "`weight \(weight)` is above 256", fix: "write 0 to 256"))
            }
            let hasCheckPort = ["port", "addr", "track"].contains { server.value($0) != nil }
            if server.has("check"), port == nil, !hasCheckPort, server.options.unknown.isEmpty,
                !proxy.checksChooseTheirPort
            {
                findings.append(
                    refused(
                        node, statement, "server `\(server.name)` has no port that can be checked",
                        fix: "write `ADDRESS:PORT`, or `port PORT`"))
            }
            if server.has("ssl"), verifies, server.value("verify") != "none", server.value("ca-file") == nil,
                server.options.unknown.isEmpty
            {
                findings.append(
                    refused(
                        node, statement, "server `\(server.name)` verifies certificates without a `ca-file`",
                        fix: "write `verify required ca-file FILE`"))
            }
            findings += incomplete(server.options, statement, node)
        }
        return findings
    }

    private func incomplete(
        _ options: HAProxyOptions, _ statement: HAProxyStatement, _ node: LintNode
    ) -> [Finding] {
        options.incomplete.map { option in
            refused(node, statement, "`\(option.name)` has no value", fix: "write its value, or remove it")
        }
    }
}

extension HAProxyProxy {
    /// Whether its check has ports of its own: `tcp-check connect port`, `http-check connect port`.
    fileprivate var checksChooseTheirPort: Bool {
        statements.contains { statement in
            ["tcp-check", "http-check"].contains(statement.keyword)
                && statement.arguments.contains { $0.value == "port" }
        }
    }
}

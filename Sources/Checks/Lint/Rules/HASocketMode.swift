import HAProxy

/// A socket by which every user stops servers.
///
/// - Condition: A `stats socket` has `level admin`, and a `mode` that lets everyone write; or it listens on an address that is
///   not the loopback.
/// - Why: Every user of the machine, or of the network, can take servers out of service and read keys.
/// - Remedy: Write `mode 660` and a `group`.
struct HASocketMode: NodeRule {
    static let id = "ha-socket-mode"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.global.compactMap { statement in
            guard statement.keyword == "stats", statement.argument(0) == "socket",
                let place = statement.argument(1)
            else { return nil }
            let options = statement.arguments.dropFirst(2).map(\.value)
            func value(_ name: String) -> String? {
                options.firstIndex(of: name).flatMap { $0 + 1 < options.count ? options[$0 + 1] : nil }
            }
            guard value("level") == "admin" else { return nil }
            if let endpoint = HAProxyAddress(place), endpoint.port != nil, !place.contains("$") {
                guard endpoint.address?.isLoopback != true, endpoint.host != "localhost" else { return nil }
                return finding(statement, node, "everyone who reaches `\(place)` has the level `admin`")
            }
            guard let mode = value("mode").flatMap({ Int($0, radix: 8) }), mode & 0o002 != 0 else {
                return nil
            }
            return finding(statement, node, "every user of the machine has the level `admin` on `\(place)`")
        }
    }

    private func finding(_ statement: HAProxyStatement, _ node: LintNode, _ message: String) -> Finding {
        node.finding(
            Self.id, .warning, at: statement, message,
            effect: "they can take servers out of service", fix: "write `mode 660` and a `group`")
    }
}

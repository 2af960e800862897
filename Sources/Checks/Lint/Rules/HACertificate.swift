import HAProxy

/// A certificate that is not there.
///
/// - Condition: A file that haproxy.cfg names behind `crt`, `crt-list`, `ca-file` or `crl-file` does not exist on the node.
/// - Why: haproxy does not start, and a reload leaves the old configuration in force: an old certificate is served on.
/// - Remedy: Put the file there, or correct the name.
struct HACertificate: NodeRule {
    static let id = "ha-cert"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy, let sums = node.facts?.certificates else { return [] }
        let missing = sums.filter { $0.value == "missing" }.keys.sorted()
        return missing.compactMap { path in
            guard let statement = haproxy.statement(naming: path) else { return nil }
            return node.finding(
                Self.id, .error, at: statement, "`\(path)` does not exist",
                effect: "haproxy does not start, and a reload leaves the old certificate in force",
                fix: "put the file there, or correct the name")
        }
    }
}

extension HAProxyConfiguration {
    /// The first line that names a file, by its path or by its name below a base directory.
    func statement(naming path: String) -> HAProxyStatement? {
        sections.lazy.flatMap(\.statements).first { statement in
            statement.arguments.contains { word in
                word.value == path || !word.value.isEmpty && path.hasSuffix("/" + word.value)
                    // A directory stands for the certificates in it.
                    || word.value.count > 1
                        && path.hasPrefix(word.value + (word.value.hasSuffix("/") ? "" : "/"))
            }
        }
    }
}

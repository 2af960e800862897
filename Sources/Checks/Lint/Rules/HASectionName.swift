import HAProxy

/// A section whose header haproxy refuses.
///
/// - Condition: A frontend, backend, `listen`, `peers`, `resolvers`, `cache` or `userlist` section has no name, a proxy's name
///   has another character than letters, digits and `-_.:`, more words follow than `from NAME`, or `from` names one of two
///   `defaults` sections.
/// - Why: haproxy does not start, and a reload leaves the old configuration in force.
/// - Remedy: Correct the header.
struct HASectionName: NodeRule {
    static let id = "ha-section-name"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        var defaults: [String: Int] = [:]
        for section in haproxy.sections("defaults") { defaults[section.name, default: 0] += 1 }
        return haproxy.sections.compactMap { section in
            guard let (message, fix) = mistake(in: section, defaults) else { return nil }
            return node.finding(
                Self.id, .error, at: section.header, message, effect: "haproxy does not start", fix: fix)
        }
    }

    private func mistake(
        in section: HAProxyConfiguration.Section, _ defaults: [String: Int]
    ) -> (String, fix: String)? {
        let words = section.header.words
        if Self.named.contains(section.keyword), words.count < 2 {
            return ("`\(section.keyword)` has no name", "write `\(section.keyword) NAME`")
        }
        guard section.isProxy, !words.contains(where: \.hasVariables) else { return nil }
        if let wrong = section.name.unicodeScalars.first(where: { !Self.isAllowed($0) }) {
            return ("the name of `\(section.title)` has `\(wrong)`", "use letters, digits and `-_.:`")
        }
        if words.count > 2, words[2].value != "from" || words.count != 4 {
            return (
                "`\(section.title)` has more words than a name",
                "write an address behind `bind`, in a line of its own"
            )
        }
        if let from = section.from, defaults[from, default: 0] > 1 {
            return (
                "`\(section.title)`: there are \(defaults[from] ?? 2) `defaults \(from)`",
                "rename one of them"
            )
        }
        return nil
    }

    private static let named: Set<String> = [
        "frontend", "backend", "listen", "peers", "resolvers", "cache", "userlist", "mailers", "ring",
        "log-forward", "http-errors", "program",
    ]

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            || "-_.:".unicodeScalars.contains(scalar)
    }
}

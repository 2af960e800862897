/// A frontend, a backend, or a listen section, which is both.
package struct HAProxyProxy: Hashable, Sendable {
    package let section: HAProxyConfiguration.Section
    /// The settings of the `defaults` that counts for it, by ``HAProxyStatement/setting``.
    package let defaults: [String: HAProxyStatement]
    /// The options of `default-server` there.
    let defaultServer: HAProxyOptions
    private let own: [String: HAProxyStatement]

    fileprivate init(_ section: HAProxyConfiguration.Section, _ defaults: Defaults) {
        self.section = section
        self.defaults = defaults.settings
        defaultServer = defaults.server
        var own: [String: HAProxyStatement] = [:]
        for statement in section.statements { own[statement.setting] = statement }
        self.own = own
    }

    package var name: String { section.name }
    package var title: String { section.title }
    package var location: HAProxyFile.Location { section.location }
    package var statements: [HAProxyStatement] { section.statements }
    package var isFrontend: Bool { section.keyword != "backend" }
    package var isBackend: Bool { section.keyword != "frontend" }

    /// The line in force for a setting: the last one of its own, else that of its `defaults`.
    package func setting(_ name: String) -> HAProxyStatement? { own[name] ?? defaults[name] }

    /// Its own last line for a setting.
    package func ownSetting(_ name: String) -> HAProxyStatement? { own[name] }

    /// Whether an option is on.
    package func hasOption(_ name: String) -> Bool {
        setting("option \(name)").map { $0.modifier == nil } ?? false
    }

    /// `tcp`, `http`, `health`, `log`…
    package var mode: String { setting("mode")?.argument(0) ?? "tcp" }

    /// Its own lines that begin with a keyword.
    package func all(_ keyword: String) -> [HAProxyStatement] {
        section.statements.filter { $0.keyword == keyword && $0.modifier == nil }
    }
}

extension HAProxyProxy {
    /// What a `defaults` section sets, with what it takes from others.
    fileprivate struct Defaults {
        var settings: [String: HAProxyStatement] = [:]
        var server = HAProxyOptions()
    }

    /// The settings that proxies take from `defaults`; only these are carried on, so that a long file stays linear.
    private static func isInherited(_ statement: HAProxyStatement) -> Bool {
        HAProxyKeywords.proxy[statement.keyword] != nil
            && (!["option", "timeout", "stats"].contains(statement.keyword)
                || HAProxyKeywords.option[statement.argument(0) ?? ""] != nil
                || HAProxyKeywords.timeout[statement.argument(0) ?? ""] != nil
                || statement.keyword == "stats" && stats.contains(statement.argument(0) ?? ""))
            && !["external-check", "http-check", "tcp-check", "email-alert"].contains(statement.keyword)
    }

    private static let stats: Set<String> = [
        "admin", "auth", "enable", "hide-version", "http-request", "realm", "refresh", "scope",
        "show-desc", "show-legends", "show-modules", "show-node", "uri",
    ]

    /// The proxies of sections with what they inherit.
    ///
    /// Without `from` the latest `defaults` before a proxy counts, whether it has a name or not. With it, which is since
    /// 2.4, the one of that name. A `defaults` section begins with nothing but what it takes by its own `from`.
    static func all(in sections: [HAProxyConfiguration.Section]) -> [HAProxyProxy] {
        var named: [String: Defaults] = [:]
        var latest = Defaults()
        var proxies: [HAProxyProxy] = []
        for section in sections {
            if section.keyword == "defaults" {
                latest = section.from.flatMap { named[$0] } ?? Defaults()
                for statement in section.statements {
                    if statement.keyword == "default-server" {
                        latest.server.merge(
                            HAProxyOptions(
                                statement, after: 0, HAProxyKeywords.server, HAProxyKeywords.serverFlags))
                    } else if isInherited(statement) {
                        latest.settings[statement.setting] = statement
                    }
                }
                if !section.name.isEmpty { named[section.name] = latest }
            } else if section.isProxy {
                proxies.append(HAProxyProxy(section, section.from.map { named[$0] ?? Defaults() } ?? latest))
            }
        }
        return proxies
    }
}

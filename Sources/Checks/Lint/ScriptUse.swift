import Facts
import Keepalived

/// A script that the configuration runs, with the facts about its file.
struct ScriptUse {
    var owner: String
    var command: ScriptCommand
    var isNotify: Bool
    /// Whether haops' notify script runs it instead of keepalived itself.
    var isHook = false
    var path: NodeFacts.Path?
    /// The user that keepalived runs it as; root by default.
    var user = "root"

    var program: String { command.program }
    var location: ConfigurationLocation { command.location }

    static func all(in node: LintNode) -> [ScriptUse] {
        let usual = node.configuration.global.scriptUser?.value
        let fallback = node.facts?.users?.contains("keepalived_script") == true ? "keepalived_script" : "root"
        func use(_ owner: String, _ command: ScriptCommand, _ user: ScriptUser?, isNotify: Bool)
            -> ScriptUse
        {
            ScriptUse(
                owner: owner, command: command, isNotify: isNotify,
                path: node.facts?.paths?[command.program], user: (user ?? usual)?.user ?? fallback)
        }
        let checks = node.configuration.scripts.compactMap { script in
            script.command.map { use(script.name, $0, script.user?.value, isNotify: false) }
        }
        let notifies = node.instances.flatMap { instance in
            instance.notify.map { use(instance.name, $0.command, $0.user, isNotify: true) }
        }
        let groups = node.configuration.syncGroups.flatMap { group in
            group.notify.map { use(group.name, $0.command, $0.user, isNotify: true) }
        }
        let global = node.configuration.global.scripts.map {
            use($0.event, $0.command, $0.user, isNotify: true)
        }
        let called = checks + notifies + groups + global
        return called + hooks(of: called, in: node)
    }

    /// The programs that haops' notify script runs, as the same user as the notify script; each once.
    private static func hooks(of called: [ScriptUse], in node: LintNode) -> [ScriptUse] {
        var seen: Set<String> = []
        return called.flatMap { use in
            hookPaths(of: use, in: node).filter { seen.insert($0).inserted }.map { path in
                var hook = use
                hook.owner = "notify"
                hook.command.arguments = [path]
                hook.command.ignoredWords = []
                hook.path = node.facts?.paths?[path]
                hook.isHook = true
                return hook
            }
        }
    }

    private static func hookPaths(of use: ScriptUse, in node: LintNode) -> [String] {
        guard use.isNotify, let text = use.path?.contents, let script = NotifyHooks(script: text) else {
            return []
        }
        return script.hooks.flatMap { hook in
            guard hook.isDirectory else { return [hook.path] }
            let prefix = hook.path + "/"
            // The known programs in the directory.
            return (node.facts?.paths ?? [:]).values
                .filter { path in
                    path.path.hasPrefix(prefix) && !path.path.dropFirst(prefix.count).contains("/")
                        && !path.isDirectory && path.mode & 0o111 != 0
                }
                .map(\.path).sorted()
        }
    }

    /// The directories whose programs haops' notify script runs, with a trailing slash.
    static func hookDirectories(in node: LintNode) -> [String] {
        Set(
            node.instances.flatMap(\.notify).compactMap { node.facts?.paths?[$0.command.program]?.contents }
                .compactMap(NotifyHooks.init).flatMap(\.hooks).filter(\.isDirectory).map { $0.path + "/" }
        ).sorted()
    }
}

/// Finds `ip addr | grep ADDRESS` in shell text.
enum AddressSearch {
    /// The pattern of a search in the output of `ip` or `ifconfig` whose end is not anchored.
    static func unanchoredPattern(in line: String) -> String? {
        let code = line.drop { $0 == " " || $0 == "\t" }
        guard !code.hasPrefix("#") else { return nil }
        let parts = code.split(separator: "|").map { $0.split(whereSeparator: { $0 == " " || $0 == "\t" }) }
        for (source, filter) in zip(parts, parts.dropFirst()) {
            guard isAddressList(source),
                let grep = filter.firstIndex(where: { $0 == "grep" || $0.hasSuffix("/grep") })
            else { continue }
            guard let word = filter[(grep + 1)...].first(where: { !$0.hasPrefix("-") }) else { continue }
            let pattern = word.filter { $0 != "\"" && $0 != "'" && $0 != ";" && $0 != ")" }
            let isAddress = pattern.first.map { $0.isNumber } ?? false && pattern.contains(".")
            let isVariable = pattern.hasPrefix("$")
            let isFixed =
                pattern.hasSuffix("/") || pattern.hasSuffix("\\b") || pattern.hasSuffix("$") && !isVariable
                || pattern.contains("/")
            if isAddress || isVariable, !isFixed { return pattern }
        }
        return nil
    }

    private static func isAddressList(_ words: [Substring]) -> Bool {
        for (index, word) in words.enumerated() {
            let name = word.split(separator: "/").last ?? word
            if name == "ifconfig" { return true }
            if name == "ip", words[(index + 1)...].contains(where: { $0 == "a" || $0.hasPrefix("addr") }) {
                return true
            }
        }
        return false
    }
}

extension HAProxyFile.Line {
    /// The words as written, with quotes and escapes, as an inventory contains them.
    package var sources: [String] { words.map(\.source) }
}

extension HAProxyFile {
    /// The meaning of a file by section. The result does not depend on the order where haproxy ignores it.
    package var meaning: [String: [String]] {
        let defaults = sections("defaults").first
        var meanings: [String: [String]] = [:]
        for section in sections {
            let key = section.title
            meanings[key, default: []] += Self.meaning(of: section, defaults: defaults)
        }
        // An empty section has no meaning.
        return meanings.filter { !$0.value.isEmpty }
    }

    private static func meaning(of section: Section, defaults: Section?) -> [String] {
        guard section.isProxy else {
            return section.lines.map(\.text)
        }
        func effective(_ keyword: String, _ fallback: String) -> String {
            (section.last(keyword) ?? defaults?.last(keyword))?.sources.dropFirst().joined(separator: " ")
                ?? fallback
        }
        var fixed = ["mode \(effective("mode", "tcp"))"]
        if section.keyword != "frontend" { fixed.append("balance \(effective("balance", "roundrobin"))") }
        if section.keyword != "backend", let line = section.last("default_backend") {
            fixed.append(line.text)
        }
        let special: Set<String> = ["mode", "balance", "default_backend", "bind", "server", "default-server"]
        let binds = section.lines.filter { $0.sources.first == "bind" }.map(\.text)
        let servers = section.lines.filter { ["server", "default-server"].contains($0.sources.first) }
            .map(server)
        return fixed + binds + servers
            + section.lines.filter { !special.contains($0.sources.first ?? "") }.map(\.text)
    }

    /// A server's options, with `check` moved to the front.
    private static func server(_ line: Line) -> String {
        guard line.sources.first == "server", line.sources.count > 3 else { return line.text }
        var options = line.sources.dropFirst(3).map(\.self)
        let isChecked = options.contains("check")
        options.removeAll { $0 == "check" }
        return (line.sources.prefix(3) + (isChecked ? ["check"] : []) + options).joined(separator: " ")
    }
}

extension HAProxyFile {
    /// Whether the inventory has keys for a line, so that only its meaning must be preserved and not its text.
    package static func isModelled(_ line: Line) -> Bool {
        ["mode", "balance", "default_backend", "server"].contains(line.sources.first)
    }
}

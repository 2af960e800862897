/// haproxy.cfg in sections and lines: enough to know what stands where, and to tell whether two say the same.
struct HAProxyFile {
    struct Line {
        var number: Int
        /// As written, without indentation and comment.
        var text: String
        /// Apart at blanks, quotes and escapes kept.
        var words: [String]

        /// `.if`, `.else`, `.endif`, `.notice`…: read before any section is (configuration.txt, 2.4).
        var isDirective: Bool { text.hasPrefix(".") }
    }

    struct Section {
        /// `frontend`, `global`…
        var keyword: String
        var header: Line
        var lines: [Line] = []

        var name: String { header.words.count > 1 ? header.words[1] : "" }

        /// The last line of a keyword of one word, which is the one that counts.
        func last(_ keyword: String) -> Line? { lines.last { $0.words.first == keyword } }
    }

    private(set) var sections: [Section] = []
    /// Lines before the first section.
    private(set) var stray: [Line] = []

    static let keywords: Set<String> = [
        "global", "defaults", "frontend", "backend", "listen", "userlist", "peers", "resolvers", "mailers",
        "cache", "program", "http-errors", "ring", "log-forward", "fcgi-app", "crt-store", "traces", "acme",
        "log-profile",
    ]

    init(_ text: String) {
        // By scalars: to Swift a carriage return and the line feed behind it are one character.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, scalars) in lines.enumerated() {
            let words = Self.words(scalars)
            guard let first = words.first else { continue }
            let line = Line(number: index + 1, text: words.joined(separator: " "), words: words)
            if Self.keywords.contains(first) {
                sections.append(Section(keyword: first, header: line))
            } else if sections.isEmpty {
                stray.append(line)
            } else {
                sections[sections.count - 1].lines.append(line)
            }
        }
    }

    /// Blanks separate outside quotes and unless escaped; `#` begins a comment there (configuration.txt, 2.2).
    private static func words(_ line: Substring.UnicodeScalarView) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Unicode.Scalar?
        var isEscaped = false
        for scalar in line {
            if isEscaped {
                isEscaped = false
            } else if scalar == "\\", quote != "'" {
                isEscaped = true
            } else if scalar == quote {
                quote = nil
            } else if quote == nil, scalar == "\"" || scalar == "'" {
                quote = scalar
            } else if quote == nil, scalar == "#" {
                break
            } else if quote == nil, scalar == " " || scalar == "\t" || scalar == "\r" {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            word.unicodeScalars.append(scalar)
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    func sections(_ keyword: String) -> [Section] { sections.filter { $0.keyword == keyword } }
}

// MARK: - Meaning

extension HAProxyFile {
    /// What a file says, section by section, in words that do not depend on where things stand where haproxy does
    /// not look at the order.
    var meaning: [String: [String]] {
        let defaults = sections("defaults").first
        var meanings: [String: [String]] = [:]
        for section in sections {
            let key = section.header.text
            meanings[key, default: []] += Self.meaning(of: section, defaults: defaults)
        }
        // An empty section says nothing.
        return meanings.filter { !$0.value.isEmpty }
    }

    private static func meaning(of section: Section, defaults: Section?) -> [String] {
        guard ["frontend", "backend", "listen"].contains(section.keyword) else {
            return section.lines.map(\.text)
        }
        func effective(_ keyword: String, _ fallback: String) -> String {
            (section.last(keyword) ?? defaults?.last(keyword))?.words.dropFirst().joined(separator: " ")
                ?? fallback
        }
        var fixed = ["mode \(effective("mode", "tcp"))"]
        if section.keyword != "frontend" { fixed.append("balance \(effective("balance", "roundrobin"))") }
        if section.keyword != "backend", let line = section.last("default_backend") {
            fixed.append(line.text)
        }
        let special: Set<String> = ["mode", "balance", "default_backend", "bind", "server", "default-server"]
        let binds = section.lines.filter { $0.words.first == "bind" }.map(\.text)
        let servers = section.lines.filter { ["server", "default-server"].contains($0.words.first) }
            .map(server)
        return fixed + binds + servers
            + section.lines.filter { !special.contains($0.words.first ?? "") }.map(\.text)
    }

    /// A server's options, `check` first wherever it stands.
    private static func server(_ line: Line) -> String {
        guard line.words.first == "server", line.words.count > 3 else { return line.text }
        var options = line.words.dropFirst(3).map(\.self)
        let isChecked = options.contains("check")
        options.removeAll { $0 == "check" }
        return (line.words.prefix(3) + (isChecked ? ["check"] : []) + options).joined(separator: " ")
    }
}

extension HAProxyFile {
    /// Whether the inventory has keys for a line, so that its text need not come back as it was.
    static func isModelled(_ line: Line) -> Bool {
        ["mode", "balance", "default_backend", "server"].contains(line.words.first)
    }
}

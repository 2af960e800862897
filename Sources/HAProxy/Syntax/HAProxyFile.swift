/// A haproxy.cfg as haproxy divides it: sections, lines and words, with their places.
///
/// The tree keeps every byte, so ``printed`` reproduces the input. Any input can be read; what haproxy would
/// refuse is kept unchanged. What it means is ``HAProxyConfiguration``'s to say.
package struct HAProxyFile: Sendable {
    /// The file's path in locations.
    package let path: String
    package let bytes: [UInt8]
    /// All lines, including those without words.
    package let lines: [Line]
    /// Directives and other non-empty lines before the first section.
    package let preamble: [Line]
    package let sections: [Section]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        lines = LineLexer(bytes).run()
        var preamble: [Line] = []
        var sections: [Section] = []
        for line in lines {
            guard let first = line.words.first else { continue }
            if Section.keywords[first.value] != nil {
                sections.append(Section(header: line))
            } else if sections.isEmpty {
                preamble.append(line)
            } else {
                sections[sections.count - 1].lines.append(line)
            }
        }
        self.preamble = preamble
        self.sections = sections
    }

    /// The file's bytes, reassembled from the pieces of its lines.
    package var printed: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for piece in lines.lazy.flatMap(\.pieces) { result += bytes[piece.range] }
        return result
    }

    /// Whether a text is a haproxy.cfg rather than another program's configuration: its first word begins one of
    /// haproxy's sections, and no brace follows.
    package static func isLikely(_ bytes: [UInt8]) -> Bool {
        for line in LineLexer(bytes).run() where !line.isDirective {
            guard let first = line.words.first else { continue }
            return Section.keywords[first.value] != nil && !line.words.contains { $0.value.contains("{") }
        }
        return false
    }

    package func sections(_ keyword: String) -> [Section] { sections.filter { $0.keyword == keyword } }

    package func location(of line: Line) -> Location {
        Location(file: path, line: line.number, column: line.words.first?.column ?? 1)
    }
}

extension HAProxyFile {
    /// A file, a line and a column in bytes; both are counted from 1.
    package struct Location: Hashable, Sendable {
        package var file: String
        package var line: Int
        package var column: Int

        package init(file: String, line: Int, column: Int) {
            self.file = file
            self.line = line
            self.column = column
        }
    }

    /// A section's header, and its non-empty lines.
    package struct Section: Hashable, Sendable {
        /// What begins a section (configuration.txt, chapters 3, 4, 11 and 12).
        static let keywords = HAProxyKeywords(
            always: """
                global defaults frontend backend listen userlist peers resolvers mailers cache namespace_list
                """,
            since: [
                "2.0": "program", "2.1": "fcgi-app", "2.2": "http-errors ring", "2.3": "log-forward",
                "3.0": "crt-store", "3.1": "traces log-profile", "3.2": "acme", "3.4": "healthcheck",
            ],
            until: ["3.2": "program"])

        package let header: Line
        package internal(set) var lines: [Line] = []

        /// `frontend`, `global`…
        package var keyword: String { header.words.first?.value ?? "" }
        /// Empty for a section without a name.
        package var name: String { header.words.count > 1 ? header.words[1].value : "" }
        /// The header as written: `frontend web`.
        package var title: String { header.text }
        /// Whether it is a frontend, backend or listen section.
        package var isProxy: Bool { ["frontend", "backend", "listen"].contains(keyword) }
        /// The `defaults` section that the header names with `from`.
        package var from: String? { header.from }

        /// The last line that starts with a keyword, which is the effective one for keywords that may occur once.
        package func last(_ keyword: String) -> Line? { lines.last { $0.words.first?.value == keyword } }
    }
}

extension HAProxyFile.Line {
    /// What a section's header has after `from`.
    var from: String? {
        guard let index = words.dropFirst().lastIndex(where: { $0.value == "from" }), index + 1 < words.count
        else { return nil }
        return words[index + 1].value
    }
}

/// A haproxy.cfg as haproxy reads it: sections, lines and words, with their places.
///
/// The tree keeps every byte, so ``printed`` reproduces the input. Any input can be read; what haproxy would
/// refuse is kept unchanged.
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
            if Section.keywords.contains(first.value) {
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
            return Section.keywords.contains(first.value) && !line.words.contains { $0.value.contains("{") }
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
    }

    /// A section's header, and its non-empty lines.
    package struct Section: Hashable, Sendable {
        /// What begins a section (configuration.txt, chapters 3 and 4, and those on peers, caches and so on).
        static let keywords: Set<String> = [
            "global", "defaults", "frontend", "backend", "listen", "userlist", "peers", "resolvers",
            "mailers",
            "cache", "program", "http-errors", "ring", "log-forward", "fcgi-app", "crt-store", "traces",
            "acme",
            "log-profile",
        ]

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
        package var from: String? {
            let words = header.words.map(\.value)
            guard let index = words.dropFirst().lastIndex(of: "from"), index + 1 < words.count else {
                return nil
            }
            return words[index + 1]
        }

        /// The last line that starts with a keyword, which is the effective one for keywords that may occur once.
        package func last(_ keyword: String) -> Line? { lines.last { $0.words.first?.value == keyword } }
    }
}

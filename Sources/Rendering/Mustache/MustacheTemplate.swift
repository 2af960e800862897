import Inventory

/// A template as a tree of nodes with their places.
///
/// The language is that of mustache(5): variables, sections, inverted sections, comments, partials, dotted names,
/// the implicit iterator and the rule of standalone lines. Three things differ, because the output is
/// configuration and not HTML: nothing is escaped, so `{{x}}` and `{{{x}}}` are equal; a tag that names no value
/// is an error; changing delimiters is an error.
struct MustacheTemplate: Sendable {
    indirect enum Node: Sendable {
        case text([UInt8])
        case variable(Tag)
        case section(Tag, inverted: Bool, [Node])
        /// `indentation` has the blanks before a partial on a line of its own.
        case partial(Tag, indentation: [UInt8])
    }

    /// A tag's place and name.
    struct Tag: Sendable {
        /// The tag as written: `{{#frontends}}`.
        var text: String
        /// The parts of the name; empty for the implicit iterator.
        var path: [String]
        var location: SourceLocation
    }

    /// The greatest nesting of sections, which bounds the renderer's recursion.
    static let maximumDepth = 64

    let nodes: [Node]

    /// Parses a template.
    ///
    /// - Parameters:
    ///   - source: UTF-8.
    ///   - name: What errors call the template.
    ///   - indentation: Put before every line that is not empty: a partial's, when it stands on a line of its own.
    /// - Throws: ``RenderingError`` with all syntax errors of the template.
    init(_ source: [UInt8], name: String, indentation: [UInt8] = []) throws(RenderingError) {
        guard String(validating: source, as: UTF8.self) != nil else {
            throw RenderingError([
                .brokenTemplate(SourceLocation(file: name, line: 1, column: 1), "is not UTF-8")
            ])
        }
        var parser = MustacheParser(source: source, name: name, indentation: indentation)
        nodes = parser.parse()
        if !parser.problems.isEmpty { throw RenderingError(parser.problems) }
    }
}

/// One pass over a template's bytes.
private struct MustacheParser {
    let source: [UInt8]
    let name: String
    let indentation: [UInt8]
    var problems: [RenderingError.Problem] = []

    private var position = 0
    private var text: [UInt8] = []
    /// The open sections, with the template itself as the first element; each with its nodes so far.
    private var open: [(tag: MustacheTemplate.Tag?, inverted: Bool, nodes: [MustacheTemplate.Node])] = [
        (nil, false, [])
    ]
    /// The line and column of ``locatedUpTo``. Locations are requested in order, so that one pass finds them all.
    private var line = 1
    private var column = 1
    private var locatedUpTo = 0

    private struct RawTag {
        enum Kind { case variable, section, inverted, close, comment, partial }
        var kind: Kind
        var name: String
        var start: Int
        var end: Int
    }

    private enum Scan {
        case tag(RawTag)
        case broken(cause: String, end: Int)
    }

    init(source: [UInt8], name: String, indentation: [UInt8]) {
        self.source = source
        self.name = name
        self.indentation = indentation
    }

    mutating func parse() -> [MustacheTemplate.Node] {
        var atLineStart = true
        while position < source.count {
            if atLineStart {
                if takeStandaloneTag() { continue }
                if source[position] != UInt8(ascii: "\n"), source[position] != UInt8(ascii: "\r") {
                    text += indentation
                }
                atLineStart = false
            }
            if startsTag(at: position) {
                switch scanTag(at: position) {
                case .tag(let tag):
                    take(tag, indentation: [])
                    position = tag.end
                case .broken(let cause, let end):
                    problems.append(.brokenTemplate(location(of: position, length: 2), cause))
                    position = end
                }
            } else {
                atLineStart = source[position] == UInt8(ascii: "\n")
                text.append(source[position])
                position += 1
            }
        }
        flushText()
        while open.count > 1, let section = open.popLast(), let tag = section.tag {
            problems.append(.brokenTemplate(tag.location, "`\(tag.text)` is never closed"))
        }
        return open[0].nodes
    }

    /// Consumes a standalone tag with its whole line, as in mustache(5). Variables are never standalone, because
    /// they print text.
    private mutating func takeStandaloneTag() -> Bool {
        let start = skipBlanks(from: position)
        guard startsTag(at: start), case .tag(let tag) = scanTag(at: start), tag.kind != .variable else {
            return false
        }
        var end = skipBlanks(from: tag.end)
        if end < source.count, source[end] == UInt8(ascii: "\r") { end += 1 }
        if end < source.count {
            guard source[end] == UInt8(ascii: "\n") else { return false }
            end += 1
        }
        take(tag, indentation: indentation + source[position..<start])
        position = end
        return true
    }

    private mutating func take(_ raw: RawTag, indentation: [UInt8]) {
        let isIterator = raw.name == "."
        let path =
            isIterator
            ? [] : raw.name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let text = String(decoding: source[raw.start..<raw.end], as: UTF8.self)
        let tag = MustacheTemplate.Tag(
            text: text, path: path, location: location(of: raw.start, length: text.count))
        if raw.kind != .comment, path.contains("") || raw.name.utf8.contains(where: { $0 <= 0x20 }) {
            problems.append(.brokenTemplate(tag.location, "`\(tag.text)` holds no name"))
            return
        }
        switch raw.kind {
        case .comment:
            break
        case .variable:
            append(.variable(tag))
        case .partial:
            append(.partial(tag, indentation: indentation))
        case .section, .inverted:
            flushText()
            if open.count > MustacheTemplate.maximumDepth {
                problems.append(.brokenTemplate(tag.location, "sections are nested too deep"))
            }
            open.append((tag, raw.kind == .inverted, []))
        case .close:
            flushText()
            guard let section = open.last, let opening = section.tag else {
                problems.append(
                    .brokenTemplate(tag.location, "`\(tag.text)` closes a section that is not open"))
                return
            }
            guard opening.path == path else {
                problems.append(
                    .brokenTemplate(
                        tag.location,
                        "`\(tag.text)` stands where `\(opening.text)` of line \(opening.location.line) is to be closed"
                    ))
                // The matching outer section is closed, so that one mistake is not reported many times.
                if let index = open.lastIndex(where: { $0.tag?.path == path }) {
                    open.removeSubrange(index...)
                }
                return
            }
            open.removeLast()
            open[open.count - 1].nodes.append(.section(opening, inverted: section.inverted, section.nodes))
        }
    }

    private mutating func append(_ node: MustacheTemplate.Node) {
        flushText()
        open[open.count - 1].nodes.append(node)
    }

    private mutating func flushText() {
        guard !text.isEmpty else { return }
        open[open.count - 1].nodes.append(.text(text))
        text = []
    }

    private func startsTag(at index: Int) -> Bool {
        index + 1 < source.count && source[index] == UInt8(ascii: "{")
            && source[index + 1] == UInt8(ascii: "{")
    }

    private func skipBlanks(from index: Int) -> Int {
        var index = index
        while index < source.count, source[index] == UInt8(ascii: " ") || source[index] == UInt8(ascii: "\t")
        {
            index += 1
        }
        return index
    }

    /// Reads the tag that starts at `start`, which ``startsTag(at:)`` has found.
    private func scanTag(at start: Int) -> Scan {
        var inner = start + 2
        guard inner < source.count else { return .broken(cause: "a tag is never closed", end: source.count) }
        var kind = RawTag.Kind.variable
        var closing: [UInt8] = Array("}}".utf8)
        switch source[inner] {
        case UInt8(ascii: "#"): kind = .section
        case UInt8(ascii: "^"): kind = .inverted
        case UInt8(ascii: "/"): kind = .close
        case UInt8(ascii: "!"): kind = .comment
        case UInt8(ascii: ">"): kind = .partial
        case UInt8(ascii: "&"): break
        case UInt8(ascii: "{"): closing = Array("}}}".utf8)
        case UInt8(ascii: "="): return .broken(cause: "delimiters cannot be changed here", end: inner)
        case UInt8(ascii: "$"), UInt8(ascii: "<"), UInt8(ascii: "*"):
            return .broken(cause: "blocks and parents are not part of this language", end: inner)
        default: inner -= 1
        }
        inner += 1
        var end = inner
        while end + closing.count <= source.count, !source[end..<end + closing.count].elementsEqual(closing) {
            // Only a comment may span several lines: for other tags a missing brace would consume the rest of the
            // template.
            if kind != .comment, source[end] == UInt8(ascii: "\n") {
                return .broken(cause: "a tag is not closed on its line", end: end)
            }
            end += 1
        }
        guard end + closing.count <= source.count else {
            return .broken(cause: "a tag is never closed", end: source.count)
        }
        let words = source[inner..<end].split(separator: UInt8(ascii: " "))
        let name = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        return .tag(RawTag(kind: kind, name: name, start: start, end: end + closing.count))
    }

    /// Lines and columns from 1, columns in characters. Must be called in the order of the template.
    private mutating func location(of offset: Int, length: Int) -> SourceLocation {
        while locatedUpTo < offset {
            if source[locatedUpTo] == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if source[locatedUpTo] & 0xC0 != 0x80 {
                column += 1
            }
            locatedUpTo += 1
        }
        return SourceLocation(file: name, line: line, column: column, length: length)
    }
}

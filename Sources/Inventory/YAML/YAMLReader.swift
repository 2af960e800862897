import CLibYAML

/// The result of reading a YAML text: the tree as far as it could be read, and the problems.
struct YAMLDocument: Sendable {
    /// `nil` when the text is empty or broken.
    var root: YAMLNode?
    var problems: [Problem]

    struct Problem: Sendable {
        var mark: Mark
        var message: String
        var remedy: String?
    }
}

/// Limits on the cost of a text: far above any real inventory, and small enough to be harmless.
struct YAMLLimits: Sendable {
    var bytes = 64 << 20
    var depth = 64
    /// The most values of the tree with all aliases expanded.
    var expandedValues = 8_000_000
    /// The most values that aliases may add, so that a few lines cannot expand to millions.
    var aliasedValues = 200_000

    static let standard = YAMLLimits()
}

/// Reads one YAML document with libyaml's parser into a tree with places.
///
/// Never crashes and never loops, whatever the bytes: depth, size and the expansion of aliases are bounded.
func readYAML(_ bytes: [UInt8], limits: YAMLLimits = .standard) -> YAMLDocument {
    guard bytes.count <= limits.bytes else {
        return YAMLDocument(problem: "the file has more than \(limits.bytes >> 20) MiB")
    }
    if let offset = firstInvalidUTF8(bytes) {
        return YAMLDocument(
            problem: "the file is not UTF-8 text", at: mark(ofByte: offset, in: bytes),
            remedy: "save it as UTF-8")
    }
    var builder = YAMLTreeBuilder(limits: limits)
    let problem = withParserEvents(of: bytes) { builder.take($0) }
    if let problem { builder.problems.append(problem) }
    return YAMLDocument(root: problem == nil ? builder.root : nil, problems: builder.problems)
}

extension YAMLDocument {
    fileprivate init(
        problem: String, at mark: Mark = Mark(line: 1, column: 1, length: 1), remedy: String? = nil
    ) {
        self.init(root: nil, problems: [Problem(mark: mark, message: problem, remedy: remedy)])
    }
}

/// One event of the parser, with its texts copied from C memory.
struct YAMLEvent {
    enum Kind {
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(String, isPlain: Bool)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    var kind: Kind
    var anchor: String?
    var tag: String?
    var mark: Mark
}

/// Runs libyaml over `bytes` and passes each event to `body` until it returns false.
///
/// Returns the problem that stopped the parser, if any. The corresponding C function is `yaml_parser_parse`.
private func withParserEvents(
    of bytes: [UInt8], _ body: (YAMLEvent) -> Bool
) -> YAMLDocument.Problem? {
    // Some editors begin a file with a byte order mark. The parser takes it for text once the encoding is set.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let bytes = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
    // The parser keeps a pointer to itself, so it must not move: it lives on the heap.
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { unsafe parser.deallocate() }
    guard unsafe yaml_parser_initialize(parser) == 1 else {
        return YAMLDocument.Problem(
            mark: Mark(line: 1, column: 1, length: 1), message: "not enough memory to read the file")
    }
    defer { unsafe yaml_parser_delete(parser) }
    return unsafe bytes.withUnsafeBufferPointer { buffer in
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else {
                return unsafe problem(of: parser.pointee, in: bytes)
            }
            defer { unsafe yaml_event_delete(&event) }
            if unsafe event.type == YAML_STREAM_END_EVENT { return nil }
            guard let copy = unsafe YAMLEvent(event) else { continue }
            guard body(copy) else { return nil }
        }
    }
}

extension YAMLEvent {
    /// `nil` for the start of the stream.
    fileprivate init?(_ event: yaml_event_t) {
        unsafe mark = Mark(from: event.start_mark, to: event.end_mark)
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: kind = unsafe .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let value = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            kind = unsafe .scalar(String(decoding: value, as: UTF8.self), isPlain: isPlain)
            anchor = unsafe text(scalar.anchor)
            tag = unsafe text(scalar.tag)
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            anchor = unsafe text(event.data.sequence_start.anchor)
            tag = unsafe text(event.data.sequence_start.tag)
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            anchor = unsafe text(event.data.mapping_start.anchor)
            tag = unsafe text(event.data.mapping_start.tag)
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: return nil
        }
    }
}

private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe String(cString: pointer)
}

extension Mark {
    /// libyaml counts lines and columns from 0. Of a value on several lines only the first character is
    /// underlined.
    fileprivate init(from start: yaml_mark_t, to end: yaml_mark_t) {
        let length = start.line == end.line && end.column > start.column ? end.column - start.column : 1
        self.init(
            line: Int32(clamping: start.line + 1), column: Int32(clamping: start.column + 1),
            length: Int32(clamping: length), lines: Int32(clamping: end.line - start.line + 1))
    }
}

// MARK: - Syntax errors

/// Translates a libyaml error into words for operators.
private func problem(of parser: yaml_parser_t, in bytes: [UInt8]) -> YAMLDocument.Problem {
    let said = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "cannot be read"
    if unsafe parser.error == YAML_READER_ERROR {
        let place = unsafe mark(ofByte: parser.problem_offset, in: bytes)
        return YAMLDocument.Problem(
            mark: place, message: "the file has a character that YAML does not allow: \(said)",
            remedy: "remove it, or write it as an escape between double quotes")
    }
    if unsafe parser.error == YAML_MEMORY_ERROR {
        return YAMLDocument.Problem(
            mark: Mark(line: 1, column: 1, length: 1), message: "not enough memory to read the file")
    }
    let place = unsafe parser.problem_mark
    let began = unsafe parser.context_mark
    if said.contains("unexpected end of stream"), unsafe parser.context != nil {
        // The parser reports the end of the file, but the operator must close the quote.
        return YAMLDocument.Problem(
            mark: Mark(from: began, to: began),
            message: "this is not YAML: the quote that begins here never ends",
            remedy: "close the quote")
    }
    let mark = Mark(from: place, to: place)
    let remedy = remedy(for: said, next: byte(at: place.index, in: bytes))
    var message = "this is not YAML: \(said)"
    if let context = unsafe parser.context.map({ unsafe String(cString: $0) }) {
        let contextLine = began.line + 1
        message += " \(context)" + (contextLine == place.line + 1 ? "" : " that began on line \(contextLine)")
    }
    return YAMLDocument.Problem(mark: mark, message: message, remedy: remedy)
}

private func remedy(for problem: String, next: UInt8?) -> String? {
    if next == UInt8(ascii: "\t") || problem.contains("tab character") {
        return "indent with spaces: YAML allows no tab there"
    }
    if next == UInt8(ascii: "["), problem.contains("',' or") {
        return "between braces a value with brackets needs quotes: `\"198.51.100.[11-14]\"`"
    }
    if problem.contains("',' or") {
        return "separate values with commas, and close the bracket or brace"
    }
    if problem.contains("mapping values are not allowed") {
        return "a value that contains `: ` needs quotes; also check the indentation"
    }
    if problem.contains("could not find expected ':'") {
        return "every key needs a colon and a space behind it: `key: value`"
    }
    if problem.contains("block end") || problem.contains("expected key") {
        return "check the indentation: keys of one mapping start in one column"
    }
    if problem.contains("cannot start any token") {
        return "quote a value that starts with this character"
    }
    return nil
}

/// libyaml's index counts characters; `nil` past the end.
private func byte(at character: Int, in bytes: [UInt8]) -> UInt8? {
    var index = 0
    for byte in bytes where byte & 0xC0 != 0x80 {
        if index == character { return byte }
        index += 1
    }
    return nil
}

/// The place of a byte offset.
private func mark(ofByte offset: Int, in bytes: [UInt8]) -> Mark {
    var line = 1
    var column = 1
    var index = 0
    while index < min(offset, bytes.count) {
        let width = SourceText.breakWidth(at: index, in: bytes)
        if width > 0 {
            line += 1
            column = 1
        } else if bytes[index] & 0xC0 != 0x80 {
            column += 1
        }
        index += max(1, width)
    }
    return Mark(line: Int32(clamping: line), column: Int32(clamping: column), length: 1)
}

private func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
        switch decoder.decode(&iterator) {
        case .scalarValue(let scalar): offset += UTF8.width(scalar)
        case .emptyInput: return nil
        case .error: return offset
        }
    }
}

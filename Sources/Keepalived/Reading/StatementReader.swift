/// A configuration with includes, conditions and definitions resolved: statements in their blocks.
package struct EffectiveConfiguration: Sendable {
    package var statements: [Statement]
    /// Every file that was read, in the order of opening.
    package var files: [String]
    package var diagnostics: [Diagnostic]
}

/// Turns lines into statements by keepalived's own keyword table.
///
/// The table and not the braces decides which words open a block, exactly as in lib/parser.c `process_stream`:
/// the `}` of an unknown block inside an instance ends the instance.
struct StatementReader {
    private struct Frame {
        var node: Grammar.Node
        /// The statement that opened this block.
        var opening: Statement
        var statements: [Statement] = []
        var needsBrace = true
    }

    private var lines: LineReader
    private let grammar: Grammar
    private let version: KeepalivedVersion
    private let dialect: Dialect
    private var frames: [Frame] = []
    private var statements: [Statement] = []
    private var depth = 0
    /// The keyword of the previous line, and whether it was rejected by itself and not as a consequence of an
    /// unknown block.
    private var previous: (keyword: Word, isRejected: Bool)?
    private var recovery: UnknownBlockRecovery?

    init(
        path: String, files: any ConfigurationFiles, configID: String, workingDirectory: String,
        version: KeepalivedVersion
    ) {
        dialect = version.dialect
        lines = LineReader(
            path: path, files: files, configID: configID, workingDirectory: workingDirectory, dialect: dialect
        )
        grammar = .shared
        self.version = version
    }

    mutating func run() -> EffectiveConfiguration {
        var last = ConfigurationLocation(file: "", line: 1, column: 1)
        while let line = lines.next() {
            last = line.start
            read(line)
        }
        if depth > 0 { lines.report(.missingCloseBraces(depth), at: last) }
        while !frames.isEmpty { closeFrame(at: nil) }
        lines.boundDiagnostics()
        return EffectiveConfiguration(
            statements: statements, files: lines.fileNames,
            diagnostics: lines.diagnostics)
    }

    private mutating func read(_ line: LogicalLine) {
        let (words, isQuoteOpen) = line.words()
        if isQuoteOpen { lines.report(.unterminatedQuote, at: line.start) }
        guard let first = words.first else { return }
        let isOpen = first.text == "{" && !first.isQuoted
        let isClose = first.text == "}" && !first.isQuoted
        let before = previous
        previous = isOpen || isClose ? nil : (keyword: first, isRejected: false)
        let follows = follow(isOpen: isOpen, isClose: isClose, behind: before)
        if isOpen { depth += 1 }
        if isClose {
            depth -= 1
            if depth < 0 {
                depth = 0
                if dialect.reportsUnknownKeywords {
                    lines.report(.extraCloseBrace, at: first.location)
                }
            }
        }
        if let frame = frames.last {
            if frame.needsBrace {
                frames[frames.count - 1].needsBrace = false
                if isOpen { return }
                lines.report(.missingOpenBrace, at: first.location)
            }
            if isClose {
                closeFrame(at: first.location)
                return
            }
            if case .values = frame.node.kind {
                add(Statement(kind: .value, words: words))
                return
            }
        }
        if isOpen {
            lines.report(.unexpectedOpenBrace, at: first.location, following: follows)
            return
        }
        addKeyword(words, of: line)
    }

    /// Tracks the text's braces while an unknown block makes keepalived's reading differ from them.
    ///
    /// - Returns: the unknown keyword that a `{` belongs to.
    private mutating func follow(
        isOpen: Bool, isClose: Bool, behind before: (keyword: Word, isRejected: Bool)?
    ) -> ConfigurationLocation? {
        if isClose {
            recovery?.close()
            if recovery?.blocks.isEmpty == true { recovery = nil }
        }
        guard isOpen else { return nil }
        if let before, before.isRejected {
            if recovery == nil {
                recovery = UnknownBlockRecovery(behind: before.keyword, in: visibleBlocks)
            } else {
                recovery?.openUnknown(behind: before.keyword)
            }
            return before.keyword.location
        }
        let cause = recovery.flatMap { $0.explainsBrace(behind: before?.keyword) ? $0.cause : nil }
        recovery?.open(behind: before?.keyword)
        return cause
    }

    /// The blocks around the next line by the text's braces.
    private var visibleBlocks: [UnknownBlockRecovery.Block] {
        recovery?.blocks
            ?? frames.map { UnknownBlockRecovery.Block(keyword: $0.opening.keyword, node: $0.node) }
    }

    private mutating func addKeyword(_ words: [Word], of line: LogicalLine) {
        let name = words[0].text
        let table = frames.last?.node ?? grammar.root
        guard let node = table.children[name] else {
            if dialect.reportsUnknownKeywords { reject(words[0], .unknownKeyword(name)) }
            add(Statement(kind: .unknown, words: words))
            return
        }
        guard node.isKnown(to: version) else {
            reject(
                words[0],
                .keywordOfOtherVersion(
                    name, since: node.since.description, until: node.until?.description))
            add(Statement(kind: .unknown, words: words))
            return
        }
        // A block that is only allowed at the top level ends the recovery, even if a `}` is missing.
        if recovery != nil, frames.isEmpty, node.opensBlock,
            !grammar.root.children.values.contains(where: { $0.children[name] != nil })
        {
            recovery = nil
        }
        var statement = Statement(kind: .keyword, words: words)
        switch node.kind {
        case .word:
            if node.takesScript { statement.scriptWords = ScriptWords.split(line) }
            add(statement)
        case .values:
            if words.count > 1, !node.takesName {
                lines.report(.blockHasExtraWords(name), at: words[1].location)
            }
            frames.append(Frame(node: node, opening: statement))
        case .block:
            frames.append(Frame(node: node, opening: statement))
        }
    }

    private mutating func reject(_ word: Word, _ kind: Diagnostic.Kind) {
        // A word without a letter or a digit, such as the marks of a patch, is no keyword of any block.
        let hasLetters = word.text.utf8.contains { $0.isLetter || $0.isDigit }
        if let recovery, hasLetters, recovery.explains(word.text, for: version) {
            lines.report(kind, at: word.location, following: recovery.cause)
        } else {
            lines.report(kind, at: word.location, in: visibleBlocks.map(\.keyword))
            previous?.isRejected = true
        }
    }

    private mutating func add(_ statement: Statement) {
        if frames.isEmpty {
            statements.append(statement)
        } else {
            frames[frames.count - 1].statements.append(statement)
        }
    }

    private mutating func closeFrame(at end: ConfigurationLocation?) {
        guard let frame = frames.popLast() else { return }
        var statement = frame.opening
        statement.block = frame.statements
        statement.end = end
        add(statement)
    }
}

/// The words of a script line, as lib/parser.c `alloc_strvec_quoted_escaped` splits them.
enum ScriptWords {
    /// - Returns: the words with quotes and escapes resolved, including the keyword; `nil` when a quote is
    ///   unclosed.
    static func split(_ line: LogicalLine) -> [Word]? {
        let text = line.text
        var words: [Word] = []
        var index = text.startIndex
        let end = text.endIndex
        while true {
            while index < end, text[index].isWhiteSpace { index += 1 }
            guard index < end else { return words }
            let start = index
            var bytes: [UInt8] = []
            var quote: UInt8?
            var isQuoted = false
            while index < end {
                let byte = text[index]
                if byte == ASCII.backslash {
                    guard index + 1 < end else { return nil }
                    index = escape(text, index + 1, into: &bytes)
                    continue
                }
                if byte == quote {
                    quote = nil
                } else if quote == nil, byte == ASCII.quote || byte == ASCII.apostrophe {
                    quote = byte
                    isQuoted = true
                } else if quote == nil, byte.isWhiteSpace {
                    break
                } else {
                    bytes.append(byte)
                }
                index += 1
            }
            if quote != nil { return nil }
            words.append(Word(bytes.configurationText, at: line.location(at: start), isQuoted: isQuoted))
        }
    }

    /// Splits the text of one word once more, as keepalived does with a quoted script and its arguments.
    static func split(_ word: Word) -> [Word]? {
        split(
            LogicalLine(
                text: word.text.configurationBytes[...], lineStart: 1 - word.location.column,
                file: word.location.file, number: word.location.line))
    }

    private static func escape(_ text: ArraySlice<UInt8>, _ start: Int, into bytes: inout [UInt8]) -> Int {
        var index = start
        let byte = text[index]
        if byte == UInt8(ascii: "x"), index + 1 < text.endIndex, text[index + 1].hexValue != nil {
            index += 1
            var value: UInt8 = 0
            while index < text.endIndex, let digit = text[index].hexValue {
                value = value << 4 | digit
                index += 1
            }
            bytes.append(value)
            return index
        }
        if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "7") {
            var value: UInt8 = 0
            let limit = min(text.endIndex, index + 3)
            while index < limit, text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "7") {
                value = value << 3 | (text[index] - UInt8(ascii: "0"))
                index += 1
            }
            bytes.append(value)
            return index
        }
        bytes.append(controls[byte] ?? byte)
        return index + 1
    }

    private static let controls: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "E"): 27, UInt8(ascii: "f"): 12,
        UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11,
    ]
}

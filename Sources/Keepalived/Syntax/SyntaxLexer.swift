/// Cuts a file into tokens that cover every byte of it.
struct SyntaxLexer {
    private let bytes: [UInt8]
    private let dialect: Dialect
    private var tokens: [SyntaxTree.Token] = []
    private var inDefinition = false
    private var piece = LineScanner.Piece(
        text: 0..<0, end: 0, line: 1, lineStart: 0, isTail: false, isCut: false)

    init(_ bytes: [UInt8], dialect: Dialect) {
        self.bytes = bytes
        self.dialect = dialect
        tokens.reserveCapacity(bytes.count / 4 + 1)
    }

    mutating func run() -> [SyntaxTree.Token] {
        var start = 0
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            start = 3
            add(.byteOrderMark, 0..<3)
        }
        var scanner = LineScanner(bytes, from: start)
        while let next = scanner.next() {
            piece = next
            readPiece()
            if piece.text.upperBound < piece.end {
                add(.lineEnd, piece.text.upperBound..<piece.end)
            }
        }
        return tokens
    }

    private mutating func add(_ kind: SyntaxTree.Token.Kind, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        tokens.append(
            .init(
                kind: kind, range: range, line: piece.line,
                column: range.lowerBound - piece.lineStart + 1))
    }

    private mutating func readPiece() {
        let end = commentStart(in: bytes, piece.text, dialect: dialect).offset
        var index = skipSpace(from: piece.text.lowerBound, to: end)
        if inDefinition || startsDefinition(at: index, end: end) {
            readDefinitionLine(from: index, to: end)
        } else {
            index = readPrefix(from: index, to: end)
            readWords(from: index, to: end)
        }
        add(.comment, end..<piece.text.upperBound)
    }

    private mutating func skipSpace(from start: Int, to end: Int) -> Int {
        var index = start
        while index < end, bytes[index].isWhiteSpace { index += 1 }
        add(.space, start..<index)
        return index
    }

    /// `$NAME=` at the start of a line.
    private func startsDefinition(at start: Int, end: Int) -> Bool {
        guard dialect.definitions, start + 1 < end, bytes[start] == ASCII.dollar else { return false }
        guard bytes[start + 1].isNameByte, !bytes[start + 1].isDigit else { return false }
        var index = start + 2
        while index < end, bytes[index].isNameByte { index += 1 }
        return index < end && bytes[index] == ASCII.equals
    }

    private mutating func readDefinitionLine(from start: Int, to end: Int) {
        var last = end
        while last > start, bytes[last - 1].isWhiteSpace { last -= 1 }
        add(.definition, start..<last)
        add(.space, last..<end)
        // Only a line without a single byte ends a definition early; one with a comment does not.
        if last > start || piece.text.isEmpty {
            inDefinition =
                last > start && bytes[last - 1] == ASCII.backslash
                || end < piece.text.upperBound && bytes[piece.text.upperBound - 1] == ASCII.backslash
        }
    }

    /// Reads a condition and a repetition, in the order in which keepalived processes them.
    private mutating func readPrefix(from start: Int, to end: Int) -> Int {
        var index = start
        if dialect.conditions, index < end, bytes[index] == ASCII.at {
            while index < end, !bytes[index].isBlank { index += 1 }
            add(.condition, start..<index)
            index = skipSpace(from: index, to: end)
        }
        if isRepetition(at: index, end: end) {
            let begin = index
            while index < end, bytes[index] != ASCII.closeParenthesis { index += 1 }
            if index < end { index += 1 }
            add(.repetition, begin..<index)
            index = skipSpace(from: index, to: end)
        }
        return index
    }

    private func isRepetition(at index: Int, end: Int) -> Bool {
        guard index + 4 <= end, bytes[index] == ASCII.tilde else { return false }
        let name = bytes[(index + 1)..<(index + 4)]
        return dialect.sequences && name.elementsEqual("SEQ".utf8)
            || dialect.lists && name.elementsEqual("LST".utf8)
    }

    private mutating func readWords(from start: Int, to end: Int) {
        var index = start
        while index < end {
            let begin = index
            switch bytes[index] {
            case let byte where byte.isWhiteSpace:
                index = skipSpace(from: index, to: end)
            case ASCII.openBrace where isBrace(at: index, end: end):
                index += 1
                add(.openBrace, begin..<index)
            case ASCII.closeBrace where isBrace(at: index, end: end):
                index += 1
                add(.closeBrace, begin..<index)
            case ASCII.quote:
                index += 1
                while index < end, bytes[index] != ASCII.quote { index += 1 }
                if index < end { index += 1 }
                add(.quoted, begin..<index)
            default:
                index = endOfWord(from: index, to: end)
                add(.word, begin..<index)
            }
        }
    }

    /// Whether the byte is a brace. Before 1.4.2 only a separate word counted as one.
    private func isBrace(at index: Int, end: Int) -> Bool {
        dialect.gluedBraces || index + 1 >= end || bytes[index + 1].isWhiteSpace
    }

    private func endOfWord(from start: Int, to end: Int) -> Int {
        var index = start
        while index < end {
            let byte = bytes[index]
            if byte.isWhiteSpace || byte == ASCII.quote { break }
            if byte == ASCII.dollar, index + 1 < end, bytes[index + 1] == ASCII.openBrace,
                let close = endOfReference(from: index, to: end)
            {
                index = close
                continue
            }
            if dialect.gluedBraces, byte == ASCII.openBrace || byte == ASCII.closeBrace, index > start {
                break
            }
            index += 1
        }
        return index
    }

    /// The end of `${NAME}` or `${NAME 1 2}`, whose braces are no block.
    private func endOfReference(from start: Int, to end: Int) -> Int? {
        guard dialect.definitions else { return nil }
        var index = start + 2
        while index < end, bytes[index].isNameByte || bytes[index] == ASCII.space { index += 1 }
        return index < end && index > start + 2 && bytes[index] == ASCII.closeBrace ? index + 1 : nil
    }
}

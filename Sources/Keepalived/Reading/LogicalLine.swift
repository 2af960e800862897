/// A line in processing, with the original column of every byte.
struct LogicalLine {
    var text: ArraySlice<UInt8>
    /// The column of each byte; empty while the bytes are contiguous in the file.
    var columns: [Int] = []
    /// For untouched lines: the column of the byte at index `i` is `i - lineStart + 1`.
    var lineStart: Int
    var file: String
    var number: Int

    func column(at index: Int) -> Int {
        guard !columns.isEmpty else { return index - lineStart + 1 }
        let offset = index - text.startIndex
        return offset < columns.count ? columns[offset] : (columns.last ?? 1)
    }

    func location(at index: Int) -> ConfigurationLocation {
        ConfigurationLocation(file: file, line: number, column: column(at: index))
    }

    var start: ConfigurationLocation { location(at: text.startIndex) }

    /// A part of the line; indices are those of ``text``.
    subscript(_ range: Range<Int>) -> LogicalLine {
        var part = self
        if !columns.isEmpty {
            let base = text.startIndex
            part.columns = Array(columns[(range.lowerBound - base)..<(range.upperBound - base)])
            if range.isEmpty { part.columns = [column(at: range.lowerBound)] }
        }
        part.text = text[range]
        return part
    }

    /// Replaces a range with bytes, which all get the column of the range's start.
    mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) {
        let base = text.startIndex
        let column = self.column(at: range.lowerBound)
        var columns = self.columns
        if columns.isEmpty { columns = text.indices.map { $0 - lineStart + 1 } }
        columns.replaceSubrange(
            (range.lowerBound - base)..<(range.upperBound - base),
            with: repeatElement(column, count: bytes.count))
        var result = Array(text)
        result.replaceSubrange((range.lowerBound - base)..<(range.upperBound - base), with: bytes)
        text = result[...]
        self.columns = columns.isEmpty ? [column] : columns
    }

    /// Removes blanks at both ends.
    mutating func trim() {
        var low = text.startIndex
        var high = text.endIndex
        while low < high, text[low].isBlank { low += 1 }
        while high > low, text[high - 1].isBlank { high -= 1 }
        if low != text.startIndex || high != text.endIndex { self = self[low..<high] }
    }
}

extension LogicalLine {
    /// Removes the comment, the escapes before `#` and `!`, and blanks at both ends.
    ///
    /// - Returns: whether a `"` is unclosed.
    mutating func removeComment(dialect: Dialect) -> Bool {
        var quoted = false
        var index = text.startIndex
        var end = text.endIndex
        var escapes: [Int] = []
        scan: while index < end {
            switch text[index] {
            case ASCII.quote:
                quoted.toggle()
            case ASCII.backslash where dialect.commentsInsideWords:
                if index + 1 < end {
                    if !quoted, text[index + 1] == ASCII.hash || text[index + 1] == ASCII.bang {
                        escapes.append(index)
                    }
                    index += 1
                }
            case ASCII.hash, ASCII.bang:
                let startsWord = index == text.startIndex || text[index - 1].isWhiteSpace
                if !quoted, dialect.commentsInsideWords || startsWord {
                    end = index
                    break scan
                }
            default:
                break
            }
            index += 1
        }
        let continues = end < text.endIndex && dialect.commentsInsideWords && endsInBackslash(from: end)
        let last = column(at: max(text.startIndex, text.endIndex - 1))
        if end < text.endIndex { self = self[text.startIndex..<end] }
        if !escapes.isEmpty { remove(offsets: escapes.map { $0 - text.startIndex }) }
        trim()
        if continues { appendBackslash(column: last) }
        trimBeforeContinuation()
        return quoted
    }

    /// Whether the comment from `start` ends in a `\`, which keepalived keeps although it drops the comment
    /// (lib/parser.c `decomment`): a commented line in the middle of a definition does not end it.
    private func endsInBackslash(from start: Int) -> Bool {
        var index = start
        while index < text.endIndex {
            if text[index] == ASCII.backslash {
                if index + 1 == text.endIndex { return true }
                index += 1
            }
            index += 1
        }
        return false
    }

    private mutating func appendBackslash(column: Int) {
        let known =
            columns.isEmpty ? text.indices.map { $0 - lineStart + 1 } : Array(columns.prefix(text.count))
        columns = known + [column]
        text = (Array(text) + [ASCII.backslash])[...]
    }

    /// Removes single bytes; every other byte keeps its column.
    private mutating func remove(offsets: [Int]) {
        if columns.isEmpty { columns = text.indices.map { $0 - lineStart + 1 } }
        var result = Array(text)
        for offset in offsets.reversed() {
            columns.remove(at: offset)
            result.remove(at: offset)
        }
        text = result[...]
    }

    /// Removes the blanks before a `\` at the end of a line.
    private mutating func trimBeforeContinuation() {
        guard text.last == ASCII.backslash else { return }
        let last = text.endIndex - 1
        var end = last
        while end > text.startIndex, text[end - 1].isBlank { end -= 1 }
        if end < last { replace(end..<last, with: []) }
    }

    /// The words of the line: blanks separate, a pair of double quotes holds one word together.
    func words() -> (words: [Word], isQuoteOpen: Bool) {
        var words: [Word] = []
        var index = text.startIndex
        let end = text.endIndex
        while true {
            while index < end, text[index].isWhiteSpace { index += 1 }
            guard index < end else { return (words, false) }
            let start = index
            if text[start] == ASCII.quote {
                index += 1
                while index < end, text[index] != ASCII.quote { index += 1 }
                guard index < end else { return (words, true) }
                words.append(
                    Word(
                        text[(start + 1)..<index].configurationText, at: location(at: start), isQuoted: true))
                index += 1
            } else {
                while index < end, !text[index].isWhiteSpace, text[index] != ASCII.quote { index += 1 }
                words.append(Word(text[start..<index].configurationText, at: location(at: start)))
            }
        }
    }
}

/// A `~SEQ` or `~LST` line with its remaining rounds.
struct Repetition {
    private enum Values {
        case sequence(next: Int, step: Int, last: Int, hex: Bool)
        case list([[ArraySlice<UInt8>]], next: Int)
    }

    /// The line to read in each round.
    let line: LogicalLine
    /// The definitions whose expansion the line came from.
    var origin: Set<ArraySlice<UInt8>> = []
    private let names: [ArraySlice<UInt8>]
    private var values: Values

    /// The definitions of the next round, or `nil` when there is none left.
    mutating func next() -> [(name: ArraySlice<UInt8>, value: [UInt8])]? {
        switch values {
        case .sequence(let value, let step, let last, let hex):
            guard step > 0 ? value <= last : value >= last else { return nil }
            let (following, overflow) = value.addingReportingOverflow(step)
            values = .sequence(
                next: overflow ? (step > 0 ? Int.max : Int.min) : following, step: step,
                last: overflow ? (step > 0 ? Int.min : Int.max) : last, hex: hex)
            return [(names[0], Array(String(value, radix: hex ? 16 : 10).utf8))]
        case .list(let sets, let index):
            guard index < sets.count else { return nil }
            values = .list(sets, next: index + 1)
            return zip(names, sets[index]).map { ($0, Array($1)) }
        }
    }

    var isFinished: Bool {
        var copy = self
        return copy.next() == nil
    }

    /// `~SEQ(var, start, step, end) text`, `~SEQ(var, start, end) text` or `~SEQ(var, end) text`.
    ///
    /// - `expand`: replaces the definitions among the numbers.
    init?(sequence line: LogicalLine, expand: (LogicalLine) -> LogicalLine?) {
        let text = line.text
        var index = text.startIndex + 4
        let hex = index < text.endIndex && text[index] == UInt8(ascii: "x")
        if hex { index += 1 }
        guard let open = Self.skip(ASCII.openParenthesis, in: text, at: index),
            let close = text[open...].firstIndex(of: ASCII.closeParenthesis)
        else { return nil }
        index = Self.skipBlanks(in: text, at: open)
        var nameEnd = index
        while nameEnd < close, !text[nameEnd].isBlank, text[nameEnd] != ASCII.comma { nameEnd += 1 }
        guard nameEnd > index, let numbers = Self.skip(ASCII.comma, in: text, at: nameEnd), numbers <= close
        else { return nil }
        guard let expanded = expand(line[numbers..<close]) else { return nil }
        let parts = expanded.text.split(separator: ASCII.comma, omittingEmptySubsequences: false)
            .map { Self.number($0) }
        guard let (start, step, last) = Self.bounds(parts) else { return nil }
        if hex, start < 0 || last < 0 { return nil }
        names = [text[index..<nameEnd]]
        values = .sequence(next: start, step: step, last: last, hex: hex)
        let rest = Self.skipBlanks(in: text, at: close + 1)
        self.line = line[rest..<text.endIndex]
    }

    private static func bounds(_ parts: [Int?]) -> (start: Int, step: Int, last: Int)? {
        let numbers = parts.compactMap { $0 }
        guard numbers.count == parts.count else { return nil }
        switch numbers.count {
        case 1:
            let end = numbers[0]
            return (end < 0 ? -1 : 1, end < 1 ? -1 : 1, end)
        case 2:
            return (numbers[0], numbers[0] <= numbers[1] ? 1 : -1, numbers[1])
        case 3:
            let (start, step, end) = (numbers[0], numbers[1], numbers[2])
            guard step != 0, !(start < end && step < 0), !(start > end && step > 0) else { return nil }
            return (start, step, end)
        default:
            return nil
        }
    }

    /// `~LST({v1,v2}, {a,b}, {c,d}) text` or `~LST(v, a, b) text`.
    init?(list line: LogicalLine) {
        let text = line.text
        guard var index = Self.skip(ASCII.openParenthesis, in: text, at: text.startIndex + 4) else {
            return nil
        }
        index = Self.skipBlanks(in: text, at: index)
        guard let head = Self.valueSet(in: text, at: index) else { return nil }
        index = Self.skipBlanks(in: text, at: head.end)
        var sets: [[ArraySlice<UInt8>]] = []
        while let next = Self.skip(ASCII.comma, in: text, at: index) {
            guard let set = Self.valueSet(in: text, at: Self.skipBlanks(in: text, at: next)),
                set.values.count <= head.values.count
            else { return nil }
            let blanks = head.values.count - set.values.count
            sets.append(set.values + [ArraySlice<UInt8>](repeating: [], count: blanks))
            index = Self.skipBlanks(in: text, at: set.end)
        }
        guard let close = Self.skip(ASCII.closeParenthesis, in: text, at: index), !sets.isEmpty else {
            return nil
        }
        names = head.values
        values = .list(sets, next: 0)
        self.line = line[Self.skipBlanks(in: text, at: close)..<text.endIndex]
    }

    /// `{a, b}` or a single value.
    private static func valueSet(
        in text: ArraySlice<UInt8>, at start: Int
    ) -> (values: [ArraySlice<UInt8>], end: Int)? {
        guard start < text.endIndex, text[start] == ASCII.openBrace else {
            let value = plainValue(in: text, at: start)
            return ([value], value.endIndex)
        }
        var values: [ArraySlice<UInt8>] = []
        var index = start + 1
        while true {
            index = skipBlanks(in: text, at: index)
            let value = plainValue(in: text, at: index)
            values.append(value)
            index = skipBlanks(in: text, at: value.endIndex)
            guard index < text.endIndex else { return nil }
            if text[index] == ASCII.closeBrace { return (values, index + 1) }
            guard text[index] == ASCII.comma else { return nil }
            index += 1
        }
    }

    private static func plainValue(in text: ArraySlice<UInt8>, at start: Int) -> ArraySlice<UInt8> {
        var index = start
        while index < text.endIndex, !text[index].isBlank, text[index] != ASCII.comma,
            text[index] != ASCII.closeBrace, text[index] != ASCII.closeParenthesis
        {
            index += 1
        }
        return text[start..<index]
    }

    private static func skipBlanks(in text: ArraySlice<UInt8>, at start: Int) -> Int {
        var index = start
        while index < text.endIndex, text[index].isBlank { index += 1 }
        return index
    }

    private static func skip(_ byte: UInt8, in text: ArraySlice<UInt8>, at start: Int) -> Int? {
        let index = skipBlanks(in: text, at: min(start, text.endIndex))
        return index < text.endIndex && text[index] == byte ? index + 1 : nil
    }

    /// A decimal, `0x` or octal number between blanks, as strtol with base 0 reads it.
    private static func number(_ text: ArraySlice<UInt8>) -> Int? {
        var digits = text.drop { $0.isBlank }
        while let last = digits.last, last.isBlank { digits.removeLast() }
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        var radix = 10
        if digits.count > 2, digits.starts(with: "0x".utf8) || digits.starts(with: "0X".utf8) {
            digits.removeFirst(2)
            radix = 16
        } else if digits.count > 1, digits.first == UInt8(ascii: "0") {
            radix = 8
        }
        guard digits.allSatisfy({ $0.hexValue != nil }),
            let value = Int(digits.configurationText, radix: radix)
        else { return nil }
        return isNegative ? -value : value
    }
}

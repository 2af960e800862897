/// Divides a file into lines, and lines into words, as haproxy's `parse_line` does (tools.c).
///
/// Blanks separate words, `#` starts a comment. Between single quotes nothing is special; between double quotes
/// `\` and `$` are. `\` begins one of the ten escapes of ``escaped(at:isQuoted:)``, and is literal before
/// anything else. haproxy reads a line only up to a carriage return.
struct LineLexer {
    private let bytes: [UInt8]
    /// The values of variables; `nil` leaves them as they are written.
    private let environment: HAProxyEnvironment?
    private var lines: [HAProxyFile.Line] = []
    private var index = 0
    /// Where the line starts.
    private var start = 0
    /// The place of the line feed, or the end of the file.
    private var end = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        environment = nil
    }

    consuming func run() -> [HAProxyFile.Line] {
        while index < bytes.count { readLine() }
        return lines
    }

    /// A line as it is read with the values of variables; its pieces count from 0.
    static func line(
        _ bytes: ArraySlice<UInt8>, number: Int, environment: HAProxyEnvironment
    ) -> HAProxyFile.Line {
        var lexer = LineLexer(Array(bytes), environment)
        lexer.readLine()
        var line = lexer.lines.first ?? HAProxyFile.Line(number: number)
        line.number = number
        return line
    }

    private init(_ bytes: [UInt8], _ environment: HAProxyEnvironment) {
        self.bytes = bytes
        self.environment = environment
    }

    private mutating func readLine() {
        start = index
        end = index
        while end < bytes.count, bytes[end] != Byte.newline { end += 1 }
        var line = HAProxyFile.Line(number: lines.count + 1)
        while index < end {
            let begin = index
            switch bytes[index] {
            case Byte.carriageReturn:
                index = end
            case Byte.hash:
                while index < end, bytes[index] != Byte.carriageReturn { index += 1 }
                line.pieces.append(.init(kind: .comment, range: begin..<index))
            case let byte where byte.isBlank:
                while index < end, bytes[index].isBlank { index += 1 }
                line.pieces.append(.init(kind: .blank, range: begin..<index))
            default:
                if !readPlainWord(into: &line) { readWord(into: &line) }
            }
        }
        if end < bytes.count { index = end + 1 }
        let read = line.pieces.last?.range.upperBound ?? start
        if read < index { line.pieces.append(.init(kind: .lineEnd, range: read..<index)) }
        lines.append(line)
    }

    /// Reads a word without quotes and escapes, which nearly all are; `false` for any other.
    private mutating func readPlainWord(into line: inout HAProxyFile.Line) -> Bool {
        var stop = index
        while stop < end {
            let byte = bytes[stop]
            if byte == Byte.quote || byte == Byte.apostrophe || byte == Byte.backslash { return false }
            if byte == Byte.hash || byte == Byte.carriageReturn || byte.isBlank { break }
            stop += 1
        }
        let text = String(decoding: bytes[index..<stop], as: UTF8.self)
        line.pieces.append(.init(kind: .word, range: index..<stop))
        line.words.append(HAProxyFile.Word(value: text, source: text, column: index - start + 1))
        index = stop
        return true
    }

    private mutating func readWord(into line: inout HAProxyFile.Line) {
        let begin = index
        /// The words that it becomes, because `${X[*]}` may become several.
        var values: [[UInt8]] = [[]]
        var quote: (byte: UInt8, place: Int)?
        var hasVariables = false
        /// Whether an expansion without a value is all there is, which gives no word.
        var isNothing = false
        reading: while index < end {
            let byte = bytes[index]
            switch byte {
            case Byte.carriageReturn:
                break reading
            case Byte.backslash where quote?.byte != Byte.apostrophe:
                if index + 1 < end, bytes[index + 1] == UInt8(ascii: "x"), !hasHexadecimal(at: index + 2) {
                    note(.hexadecimal, at: index, in: &line)
                }
                let (result, length) = escaped(at: index, isQuoted: quote != nil)
                values[values.count - 1].append(result)
                index += length
                continue reading
            case Byte.quote where quote?.byte != Byte.apostrophe,
                Byte.apostrophe where quote?.byte != Byte.quote:
                quote = quote == nil ? (byte, index) : nil
            case Byte.dollar where quote?.byte == Byte.quote:
                let (variable, length) = variable(at: index, in: &line)
                let value = variable.flatMap { environment?.value(of: $0) } ?? .unknown
                switch value {
                case .unknown:
                    hasVariables = true
                    values[values.count - 1] += bytes[index..<index + length]
                case .unset where variable?.isExpanded == true:
                    isNothing = true
                case .unset:
                    break
                case .known(let text) where variable?.isExpanded == true:
                    let parts = text.utf8.split(omittingEmptySubsequences: false) { $0.isBlank }
                    for (number, part) in parts.enumerated() {
                        if number > 0, values[values.count - 1].isEmpty == false { values.append([]) }
                        values[values.count - 1] += part
                    }
                    isNothing = parts.allSatisfy(\.isEmpty)
                case .known(let text):
                    values[values.count - 1] += text.utf8
                }
                index += length
                continue reading
            case _ where quote == nil && (byte.isBlank || byte == Byte.hash):
                break reading
            default:
                values[values.count - 1].append(byte)
            }
            index += 1
        }
        if let quote { note(.openQuote, at: quote.place, in: &line) }
        line.pieces.append(.init(kind: .word, range: begin..<index))
        if isNothing, values == [[]] { return }
        let source = String(decoding: bytes[begin..<index], as: UTF8.self)
        for value in values {
            line.words.append(
                HAProxyFile.Word(
                    value: String(decoding: value, as: UTF8.self), source: source, column: begin - start + 1,
                    hasVariables: hasVariables))
        }
    }

    private func note(_ flaw: HAProxyFile.Line.Flaw, at place: Int, in line: inout HAProxyFile.Line) {
        if line.flaw == nil { line.flaw = (flaw, place - start + 1) }
    }

    /// The variable whose `$` is at `place`, and the length of its text; at least the sign itself.
    private func variable(
        at place: Int, in line: inout HAProxyFile.Line
    ) -> (HAProxyEnvironment.Variable?, length: Int) {
        var next = place + 1
        let hasBrace = next < end && bytes[next] == UInt8(ascii: "{")
        if hasBrace { next += 1 }
        let name = next
        if next < end, bytes[next] == UInt8(ascii: ".") { next += 1 }
        guard name < end, bytes[name].isNameStart || bytes[name] == UInt8(ascii: ".") else {
            note(.variableName, at: place, in: &line)
            return (nil, 1)
        }
        while next < end, bytes[next].isNamePart { next += 1 }
        var variable = HAProxyEnvironment.Variable(
            name: String(decoding: bytes[name..<next], as: UTF8.self))
        guard hasBrace else { return (variable, next - place) }
        if next < end, bytes[next] == UInt8(ascii: "[") {
            guard next + 2 < end, bytes[next + 1] == UInt8(ascii: "*"), bytes[next + 2] == UInt8(ascii: "]")
            else {
                note(.wordExpansion, at: next, in: &line)
                return (nil, 1)
            }
            variable.isExpanded = true
            next += 3
        }
        if next < end, bytes[next] == UInt8(ascii: "-") {
            let value = next + 1
            while next < end, bytes[next] != UInt8(ascii: "}") { next += 1 }
            variable.fallback = String(decoding: bytes[value..<max(value, next)], as: UTF8.self)
        }
        guard next < end, bytes[next] == UInt8(ascii: "}") else {
            note(.openBrace, at: place + 1, in: &line)
            return (nil, 1)
        }
        return (variable, next + 1 - place)
    }

    private func hasHexadecimal(at place: Int) -> Bool {
        place + 1 < end && bytes[place].hexValue != nil && bytes[place + 1].hexValue != nil
    }

    /// The byte that an escape sequence means, and the sequence's length in bytes.
    private func escaped(at index: Int, isQuoted: Bool) -> (byte: UInt8, length: Int) {
        guard index + 1 < end else { return (Byte.backslash, 1) }
        switch bytes[index + 1] {
        case Byte.space, Byte.backslash, Byte.hash, Byte.quote, Byte.apostrophe: return (bytes[index + 1], 2)
        case Byte.dollar where isQuoted: return (Byte.dollar, 2)
        case UInt8(ascii: "r"): return (Byte.carriageReturn, 2)
        case UInt8(ascii: "n"): return (Byte.newline, 2)
        case UInt8(ascii: "t"): return (9, 2)
        case UInt8(ascii: "x"):
            guard index + 3 < end, let high = bytes[index + 2].hexValue, let low = bytes[index + 3].hexValue
            else { return (Byte.backslash, 1) }
            return (high << 4 | low, 4)
        default: return (Byte.backslash, 1)
        }
    }
}

/// The bytes with a meaning in `parse_line`.
private enum Byte {
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let hash = UInt8(ascii: "#")
    static let quote = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")
    static let backslash = UInt8(ascii: "\\")
    static let dollar = UInt8(ascii: "$")
}

extension UInt8 {
    /// What C's `isspace` calls white space, without what ends a line.
    fileprivate var isBlank: Bool { self == Byte.space || self == 9 || self == 11 || self == 12 }

    fileprivate var isNameStart: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || self == UInt8(ascii: "_")
    }

    fileprivate var isNamePart: Bool {
        isNameStart || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }

    fileprivate var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

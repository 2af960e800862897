/// Divides a file into lines, and lines into words, as haproxy's `parse_line` does.
///
/// Blanks separate words, `#` starts a comment. Between single quotes nothing is special; between double quotes
/// `\` and `$` are. `\` begins one of the ten escapes of ``escaped(at:isQuoted:)``, and is literal before
/// anything else. haproxy reads a line only up to a carriage return.
struct LineLexer {
    private let bytes: [UInt8]
    private var lines: [HAProxyFile.Line] = []
    private var index = 0
    /// Where the line starts.
    private var start = 0
    /// The place of the line feed, or the end of the file.
    private var end = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    consuming func run() -> [HAProxyFile.Line] {
        while index < bytes.count { readLine() }
        return lines
    }

    private mutating func readLine() {
        start = index
        end = bytes[index...].firstIndex(of: Byte.newline) ?? bytes.count
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
                readWord(into: &line)
            }
        }
        if end < bytes.count { index = end + 1 }
        let read = line.pieces.last?.range.upperBound ?? start
        if read < index { line.pieces.append(.init(kind: .lineEnd, range: read..<index)) }
        lines.append(line)
    }

    private mutating func readWord(into line: inout HAProxyFile.Line) {
        let begin = index
        var value: [UInt8] = []
        var quote: UInt8?
        var hasVariables = false
        reading: while index < end {
            let byte = bytes[index]
            switch byte {
            case Byte.carriageReturn:
                break reading
            case Byte.backslash where quote != Byte.apostrophe:
                let (result, length) = escaped(at: index, isQuoted: quote != nil)
                value.append(result)
                index += length
                continue reading
            case Byte.quote where quote != Byte.apostrophe, Byte.apostrophe where quote != Byte.quote:
                quote = quote == nil ? byte : nil
            case Byte.dollar where quote == Byte.quote:
                hasVariables = true
                value.append(byte)
            case _ where quote == nil && (byte.isBlank || byte == Byte.hash):
                break reading
            default:
                value.append(byte)
            }
            index += 1
        }
        if quote != nil { line.hasOpenQuote = true }
        line.pieces.append(.init(kind: .word, range: begin..<index))
        line.words.append(
            HAProxyFile.Word(
                value: String(decoding: value, as: UTF8.self),
                source: String(decoding: bytes[begin..<index], as: UTF8.self), column: begin - start + 1,
                hasVariables: hasVariables))
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

    fileprivate var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

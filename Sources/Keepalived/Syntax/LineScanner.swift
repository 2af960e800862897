/// Cuts a file into the pieces that keepalived's `fgets` sees.
///
/// Its buffer of 1024 bytes takes 1023 bytes of a longer line. The rest is read as a separate line, even when the
/// whole line was a comment (lib/parser.c, `MAXBUF`, every version from 1.2 to 2.4).
struct LineScanner {
    /// The longest piece that keepalived reads at once, the line end included.
    static let longestPiece = 1023

    struct Piece {
        /// The bytes without the line end.
        var text: Range<Int>
        /// Where the next piece starts.
        var end: Int
        /// The number of the line in the file, from 1.
        var line: Int
        /// Where that line starts, so that columns can be counted.
        var lineStart: Int
        /// Whether this is the rest of a line that did not fit the buffer.
        var isTail: Bool
        /// Whether the line goes on in the next piece.
        var isCut: Bool
    }

    private let bytes: [UInt8]
    private var position: Int
    private var line = 1
    private var lineStart: Int
    private var isTail = false

    /// - `position`: where reading starts, for example after a byte order mark.
    init(_ bytes: [UInt8], from position: Int = 0) {
        self.bytes = bytes
        self.position = position
        lineStart = 0
    }

    mutating func next() -> Piece? {
        guard position < bytes.count else { return nil }
        let start = position
        let limit = min(bytes.count, start + Self.longestPiece)
        var end = start
        while end < limit, bytes[end] != ASCII.newline { end += 1 }
        let foundEnd = end < limit
        var textEnd = end
        if foundEnd {
            end += 1
        }
        while textEnd > start, bytes[textEnd - 1] == ASCII.carriageReturn { textEnd -= 1 }
        let isCut = !foundEnd && end < bytes.count
        let piece = Piece(
            text: start..<textEnd, end: end, line: line, lineStart: lineStart, isTail: isTail, isCut: isCut)
        position = end
        isTail = isCut
        if foundEnd {
            line += 1
            lineStart = end
        }
        return piece
    }
}

/// The differences between keepalived versions in how the parser reads bytes.
package struct Dialect: Hashable, Sendable {
    /// `#` and `!` start a comment in the middle of a word too (since 2.0.9), not only where a word starts.
    package var commentsInsideWords = true
    /// Braces are tokens even when glued to a word (since 1.4.2).
    package var gluedBraces = true
    /// Lines may start with `@id` (since 1.3.0).
    package var conditions = true
    /// `@^id` (since 1.3.7).
    package var negatedConditions = true
    /// `$NAME=value` (since 1.4.0).
    package var definitions = true
    /// `~SEQ` (since 2.0.9).
    package var sequences = true
    /// `~LST` (since 2.1.0).
    package var lists = true
    /// `includer`, `includem`, `includew`, `includeb` and `includea` (since 2.2.0).
    package var includeVariants = true
    /// Unknown keywords and misplaced braces are reported (since 1.2.20).
    package var reportsUnknownKeywords = true

    /// The dialect of current releases.
    package static let current = Dialect()
}

/// Where the comment of a piece starts, as lib/parser.c's `decomment` finds it.
///
/// - Returns: the offset of `#` or `!`, or the end of the piece; and whether a `"` is unclosed.
func commentStart(
    in bytes: [UInt8], _ range: Range<Int>, dialect: Dialect
) -> (offset: Int, openQuote: Bool) {
    var index = range.lowerBound
    var quoted = false
    while index < range.upperBound {
        switch bytes[index] {
        case ASCII.quote:
            quoted.toggle()
        case ASCII.backslash where dialect.commentsInsideWords:
            index += 1
        case ASCII.hash, ASCII.bang:
            let startsWord = index == range.lowerBound || bytes[index - 1].isWhiteSpace
            if !quoted, dialect.commentsInsideWords || startsWord { return (index, false) }
        default:
            break
        }
        index += 1
    }
    return (range.upperBound, quoted)
}

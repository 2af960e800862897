/// The text of an inventory for showing lines of it, with secrets hidden and control characters escaped.
package struct SourceText: Sendable {
    private let bytes: [UInt8]
    private let starts: [Int]
    /// Places of secrets, by line.
    private let secrets: [Int: [Range<Int>]]

    /// `secrets` are shown as asterisks.
    init(_ bytes: [UInt8], hiding secrets: [Mark]) {
        self.bytes = bytes
        starts = Self.lineStarts(in: bytes)
        var byLine: [Int: [Range<Int>]] = [:]
        for mark in secrets {
            let start = Int(mark.column) - 1
            byLine[Int(mark.line), default: []].append(start..<(start + Int(mark.length)))
        }
        self.secrets = byLine
    }

    /// One line made safe to print, with the columns of its characters.
    struct Line {
        var text: String
        /// For every Unicode scalar of the source line, and one past its end, the terminal column it is shown at, from 0.
        var columns: [Int]
    }

    /// The line of that number, counted from 1, or `nil` past the end.
    func line(_ number: Int) -> Line? {
        guard let scalars = scalars(ofLine: number) else { return nil }
        let hidden = secrets[number] ?? []
        var line = Line(text: "", columns: [])
        var column = 0
        for (index, scalar) in scalars.enumerated() {
            line.columns.append(column)
            if hidden.contains(where: { $0.contains(index) }) {
                guard index == 0 || !hidden.contains(where: { $0.contains(index - 1) }) else { continue }
                line.text += Self.mask
                column += Self.mask.count
            } else if scalar == "\t" {
                let width = 4 - column % 4
                line.text += String(repeating: " ", count: width)
                column += width
            } else {
                let shown = scalar.visible
                line.text += shown
                column += shown.unicodeScalars.reduce(0) { $0 + $1.displayWidth }
            }
        }
        line.columns.append(column)
        return line
    }

    /// The whole text, made safe to print.
    package var shown: String {
        starts.indices.compactMap { line($0 + 1)?.text }.joined(separator: "\n")
    }

    /// The mask has a fixed width, independent of the secret.
    private static let mask = "********"

    private func scalars(ofLine number: Int) -> [Unicode.Scalar]? {
        guard number >= 1, number <= starts.count else { return nil }
        let start = starts[number - 1]
        var end = start
        while end < bytes.count, Self.breakWidth(at: end, in: bytes) == 0 { end += 1 }
        return Array(String(decoding: bytes[start..<end], as: UTF8.self).unicodeScalars)
    }

    /// Where each line begins. Lines end where YAML ends them: at LF, CR, CRLF, NEL, LS and PS.
    private static func lineStarts(in bytes: [UInt8]) -> [Int] {
        var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var starts = [index]
        while index < bytes.count {
            let byte = bytes[index]
            // Fast path: most bytes cannot begin a line break.
            guard byte == 0x0A || byte == 0x0D || byte == 0xC2 || byte == 0xE2 else {
                index += 1
                continue
            }
            let width = breakWidth(at: index, in: bytes)
            index += max(1, width)
            if width > 0 { starts.append(index) }
        }
        return starts
    }

    /// The lines of a text with their numbers, without what ends them.
    static func lines(of text: [UInt8]) -> [(number: Int32, line: String.UnicodeScalarView)] {
        var lines: [(number: Int32, line: String.UnicodeScalarView)] = []
        var index = 0
        while index < text.count {
            var end = index
            while end < text.count, breakWidth(at: end, in: text) == 0 { end += 1 }
            lines.append(
                (
                    Int32(clamping: lines.count + 1),
                    String(decoding: text[index..<end], as: UTF8.self).unicodeScalars
                ))
            index = end < text.count ? end + breakWidth(at: end, in: text) : end
        }
        return lines
    }

    /// How many bytes the line break that starts here has; 0 if none does.
    static func breakWidth(at index: Int, in bytes: [UInt8]) -> Int {
        func byte(_ offset: Int) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }
        switch bytes[index] {
        case 0x0A: return 1
        case 0x0D: return byte(1) == 0x0A ? 2 : 1
        case 0xC2: return byte(1) == 0x85 ? 2 : 0
        case 0xE2: return byte(1) == 0x80 && (byte(2) == 0xA8 || byte(2) == 0xA9) ? 3 : 0
        default: return 0
        }
    }
}

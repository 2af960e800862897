/// The text of an inventory for showing lines of it: secrets are hidden, nothing in it steers a terminal.
package struct SourceText: Sendable {
    private let bytes: [UInt8]
    /// Places of secrets, by line.
    private let secrets: [Int: [Range<Int>]]

    /// `secrets` are hidden behind asterisks wherever a line is shown.
    init(_ bytes: [UInt8], hiding secrets: [Mark]) {
        self.bytes = bytes
        var byLine: [Int: [Range<Int>]] = [:]
        for mark in secrets {
            let start = Int(mark.column) - 1
            byLine[Int(mark.line), default: []].append(start..<(start + Int(mark.length)))
        }
        self.secrets = byLine
    }

    /// One line made safe to print, and where each of its characters then stands.
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
            if let range = hidden.first(where: { $0.contains(index) }) {
                guard index == range.lowerBound else { continue }
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

    /// As wide whatever it hides.
    private static let mask = "********"

    /// Lines end where YAML ends them: at LF, CR, CRLF, NEL, LS and PS.
    private func scalars(ofLine wanted: Int) -> [Unicode.Scalar]? {
        var line = 1
        var index = bytes.startIndex
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        while line < wanted {
            guard let end = bytes[index...].firstIndex(where: Self.mayEndLine) else { return nil }
            let width = Self.breakWidth(at: end, in: bytes)
            if width > 0 { line += 1 }
            index = end + max(1, width)
        }
        var end = index
        while end < bytes.count, Self.breakWidth(at: end, in: bytes) == 0 { end += 1 }
        return Array(String(decoding: bytes[index..<end], as: UTF8.self).unicodeScalars)
    }

    private static func mayEndLine(_ byte: UInt8) -> Bool {
        byte == 0x0A || byte == 0x0D || byte == 0xC2 || byte == 0xE2
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

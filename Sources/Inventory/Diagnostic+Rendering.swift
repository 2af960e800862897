/// A line of text in pieces with their kinds, from which the printing code chooses colours.
package struct StyledLine: Hashable, Sendable {
    package enum Role: Sendable { case plain, error, warning, place, gutter, source, caret, hint }

    package struct Piece: Hashable, Sendable {
        package var role: Role
        package var text: String
    }

    package var pieces: [Piece]

    init(_ pieces: (Role, String)...) {
        self.pieces = pieces.map { Piece(role: $0.0, text: $0.1) }
    }

    /// Without colours.
    package var plain: String { pieces.map(\.text).joined() }
}

extension Diagnostic {
    /// The message with its place, the line with a caret under the place, and the hint.
    ///
    ///     haops.yaml:14:22: error: `router_id` wants a whole number from 1 to 255, not `900`
    ///       14 |           router_id: 900
    ///          |                      ^^^
    ///     hint: router ids go from 1 to 255
    package func rendered(from text: SourceText?) -> [StyledLine] {
        let role: StyledLine.Role = severity == .error ? .error : .warning
        var lines = [
            StyledLine(
                (.place, "\(location.file.visible):\(location.line):\(location.column): "),
                (role, "\(severity.rawValue): "), (.plain, message))
        ]
        if let line = text?.line(location.line) { lines += excerpt(of: line, role: role) }
        if let remedy { lines.append(StyledLine((.hint, "hint: "), (.plain, remedy))) }
        return lines
    }

    private func excerpt(of line: SourceText.Line, role: StyledLine.Role) -> [StyledLine] {
        let last = line.columns.count - 1
        let start = line.columns[min(max(0, location.column - 1), last)]
        let end = line.columns[min(max(0, location.column - 1 + location.length), last)]
        let number = String(location.line)
        let gutter = String(repeating: " ", count: max(0, 5 - number.count)) + number + " | "
        let blank = String(repeating: " ", count: gutter.count - 2) + "| "
        // Of a very long line only a window around the place is shown.
        let window = 160
        let skipped = start > window / 2 && end > window ? start - 20 : 0
        let shown =
            skipped == 0 && line.text.count <= window
            ? line.text : (skipped > 0 ? "..." : "") + line.text.dropFirst(skipped).prefix(window)
        let indent = skipped > 0 ? start - skipped + 3 : start
        let carets = String(repeating: "^", count: max(1, min(end - start, window - indent)))
        return [
            StyledLine((.gutter, gutter), (.source, shown)),
            StyledLine(
                (.gutter, blank),
                (role == .error ? .caret : .warning, String(repeating: " ", count: indent) + carets)),
        ]
    }
}

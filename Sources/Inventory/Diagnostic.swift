/// Something wrong, or worth saying, at a place in a file.
package struct Diagnostic: Hashable, Sendable {
    package enum Severity: String, Sendable, CaseIterable { case error, warning }

    package var severity: Severity
    package var location: SourceLocation
    /// Lower case, no full stop, names in backticks.
    package var message: String
    /// What to do about it, or `nil`.
    package var remedy: String?

    package init(_ severity: Severity, at location: SourceLocation, _ message: String, remedy: String? = nil)
    {
        self.severity = severity
        self.location = location
        self.message = message
        self.remedy = remedy
    }
}

/// A place in a file; lines and columns count from 1, columns in characters.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int
    /// How many characters the caret underlines.
    package var length: Int

    package init(file: String, line: Int, column: Int, length: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
        self.length = length
    }

    package var description: String { "\(file):\(line):\(column)" }
}

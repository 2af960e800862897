/// A place in a configuration: a file, a line and a column, both counted from 1.
///
/// Columns count bytes, as compilers do.
package struct ConfigurationLocation: Hashable, Sendable {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

extension ConfigurationLocation: CustomStringConvertible {
    /// `file:line:column`, the form that editors and terminals turn into a link.
    package var description: String { "\(file):\(line):\(column)" }
}

extension ConfigurationLocation: Comparable {
    package static func < (left: ConfigurationLocation, right: ConfigurationLocation) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}

/// An invalid inventory, with all its problems and its text.
package struct InventoryError: Error, Sendable {
    /// In the order of the file; at least one of them is an error.
    package var diagnostics: [Diagnostic]
    /// `nil` when there is no text to show: an unreadable file.
    package var text: SourceText?

    package init(diagnostics: [Diagnostic], text: SourceText? = nil) {
        self.diagnostics = diagnostics
        self.text = text
    }
}

extension InventoryError: CustomStringConvertible {
    package var description: String {
        diagnostics.flatMap { $0.rendered(from: text) }.map(\.plain).joined(separator: "\n")
    }
}

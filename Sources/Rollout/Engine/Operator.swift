/// Who runs this, as the nodes' locks and journals name them.
package struct Operator: Hashable, Sendable {
    /// `name@host`.
    package var name: String
    package var processID: Int32

    /// Control characters and spaces are removed, because the nodes store the text as one word.
    package init(name: String, processID: Int32) {
        self.name = String(
            name.unicodeScalars.filter { $0.isASCII && $0.value > 32 && $0.value < 127 }.map(Character.init))
        self.processID = processID
    }
}

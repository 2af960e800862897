/// What is written instead of some bytes of a file.
package struct TextEdit: Hashable, Sendable {
    package var file: String
    /// The bytes that are replaced.
    package var range: Range<Int>
    package var text: String

    package init(file: String, range: Range<Int>, text: String) {
        self.file = file
        self.range = range
        self.text = text
    }
}

/// What `lint --fix` writes because of one finding.
package struct LintFix: Hashable, Sendable {
    package var finding: Finding
    /// As an instruction: "close the blocks at the end".
    package var description: String
    package var edits: [TextEdit]
    /// Whether the cluster behaves otherwise afterwards, so that an operator has to agree to this change by itself.
    package var isAsked = false
}

extension [TextEdit] {
    /// The bytes of a file with all edits made. Of two that overlap the first one counts.
    package func applied(to bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        for edit in sorted(by: {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        })
        where edit.range.lowerBound >= position && edit.range.upperBound <= bytes.count {
            result += bytes[position..<edit.range.lowerBound]
            result += [UInt8](edit.text.utf8)
            position = edit.range.upperBound
        }
        return result + bytes[position...]
    }
}

package import Concealment
package import Inventory

/// Hides secrets in what is shown of files: those that were rendered and those that the files themselves hold, wherever
/// they stand, and what stands behind a keyword, mistyped or in a comment, or in a command looks like one
/// (``SecretLine``).
package struct SecretMask: Sendable {
    static let mark = secretMark
    static let changedMark = "(secret, changed)"

    /// What was put into files as a secret.
    private var known = SecretValues()
    /// What was found in files, which may be a word of another meaning elsewhere.
    private var found = SecretValues()

    package init(secrets: [Secret] = []) {
        for secret in secrets { known.insert(certain: Array(secret.revealed.utf8)) }
    }

    /// A mask that hides these as well.
    package func hiding(_ secrets: [Secret]) -> SecretMask { hiding(secrets.map { Array($0.revealed.utf8) }) }

    /// A mask that hides these values as well.
    func hiding(_ values: [[UInt8]]) -> SecretMask {
        var mask = self
        for value in values { mask.known.insert(certain: value) }
        return mask
    }

    /// A mask that hides, wherever it stands, what was found in files as well.
    package func hiding(_ values: SecretValues) -> SecretMask {
        var mask = self
        mask.found.insert(values)
        return mask
    }

    /// A mask that hides what is secret in these files, wherever it stands.
    ///
    /// - `files`: those of one machine, by path.
    package func hiding(secretsOf files: [String: [UInt8]]) -> SecretMask {
        hiding(ConcealedFiles(files).values)
    }

    /// A file as it may be shown, on a terminal too: secrets hidden, control characters visible.
    package func shown(_ contents: [UInt8]) -> String {
        let concealed = ConcealedFiles(["": contents])
        let mask = hiding(concealed.values)
        return contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
            .map { mask.shown(line: $1, hiding: concealed.hidden("", index: $0)) }
            .joined(separator: "\n")
    }

    /// A sentence about a file as it may be shown: it may quote any word of it.
    package func shown(sentence: String) -> String {
        found.hiding(in: known.hiding(in: sentence))
    }

    /// One line of a file, without its end, as it may be shown.
    ///
    /// - `more`: what is secret on it whatever stands there, as offsets from its beginning.
    func shown(line: ArraySlice<UInt8>, hiding more: [Range<Int>]) -> String {
        Self.shown(line: line, without: hiddenRanges(in: line, and: more))
    }

    static func shown(line: ArraySlice<UInt8>, without ranges: [Range<Int>]) -> String {
        var result = ""
        var shownUpTo = line.startIndex
        for range in ranges {
            result += String(visible: line[shownUpTo..<range.lowerBound]) + mark
            shownUpTo = range.upperBound
        }
        return result + String(visible: line[shownUpTo...])
    }

    /// Whether a file holds a secret for certain: what only looks like one in a command keeps nobody from reading a
    /// script that has to be run.
    func hidesAnything(in contents: [UInt8]) -> Bool {
        contents.split(separator: UInt8(ascii: "\n")).contains { line in
            !knownRanges(in: line).isEmpty || SecretLine(line).parts.contains(where: \.isCertain)
        }
    }

    /// Where secrets stand whose text is known; ascending, apart from each other.
    func knownRanges(in line: ArraySlice<UInt8>) -> [Range<Int>] {
        known.ranges(in: line)
    }

    /// What is hidden on a line; ascending, apart from each other.
    func hiddenRanges(in line: ArraySlice<UInt8>, and more: [Range<Int>]) -> [Range<Int>] {
        (knownRanges(in: line) + found.ranges(in: line)
            + more.map { line.startIndex + $0.lowerBound..<line.startIndex + $0.upperBound }).mergedRanges
    }
}

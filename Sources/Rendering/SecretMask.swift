package import Concealment
package import Inventory

/// Hides secrets when files are shown: rendered secrets and secrets found in files wherever they occur, and
/// everything that looks like a secret by its keyword, even mistyped or in a comment, or in a command
/// (``SecretLine``).
package struct SecretMask: Sendable {
    static let mark = secretMark
    static let changedMark = "(secret, changed)"

    /// The secrets that were rendered into files.
    private var known = SecretValues()
    /// The secrets found in files, which may be ordinary words elsewhere.
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

    /// A mask that also hides values found in files, wherever they occur.
    package func hiding(_ values: SecretValues) -> SecretMask {
        var mask = self
        mask.found.insert(values)
        return mask
    }

    /// A mask that also hides the secrets of these files, wherever they occur.
    ///
    /// - `files`: those of one machine, by path.
    package func hiding(secretsOf files: [String: [UInt8]]) -> SecretMask {
        hiding(ConcealedFiles(files).values)
    }

    /// A file's text that may be shown on a terminal: secrets hidden, control characters escaped.
    package func shown(_ contents: [UInt8]) -> String {
        let concealed = ConcealedFiles(["": contents])
        let mask = hiding(concealed.values)
        return contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
            .map { mask.shown(line: $1, hiding: concealed.hidden("", index: $0)) }
            .joined(separator: "\n")
    }

    /// A sentence about a file that may be shown; it may quote any word of the file.
    package func shown(sentence: String) -> String {
        found.hiding(in: known.hiding(in: sentence))
    }

    /// One line of a file, without its end, as it may be shown.
    ///
    /// - `more`: further hidden ranges, as offsets from the line's beginning.
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

    /// Whether a file certainly contains a secret. A possible secret in a command does not count, because scripts
    /// must stay readable to be run.
    func hidesAnything(in contents: [UInt8]) -> Bool {
        contents.split(separator: UInt8(ascii: "\n")).contains { line in
            !knownRanges(in: line).isEmpty || SecretLine(line).parts.contains(where: \.isCertain)
        }
    }

    /// The ranges of known secrets, ascending and disjoint.
    func knownRanges(in line: ArraySlice<UInt8>) -> [Range<Int>] {
        known.ranges(in: line)
    }

    /// The hidden ranges of a line, ascending and disjoint.
    func hiddenRanges(in line: ArraySlice<UInt8>, and more: [Range<Int>]) -> [Range<Int>] {
        (knownRanges(in: line) + found.ranges(in: line)
            + more.map { line.startIndex + $0.lowerBound..<line.startIndex + $0.upperBound }).mergedRanges
    }
}

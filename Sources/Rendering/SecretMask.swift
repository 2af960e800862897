package import Concealment
package import Inventory

/// Hides secrets in what is shown of files: those that were rendered and those that the files themselves hold, wherever
/// they stand, and what stands behind a keyword, mistyped or in a comment, or in a command looks like one
/// (``SecretLine``).
package struct SecretMask: Sendable {
    static let mark = secretMark
    static let changedMark = "(secret, changed)"

    /// Longest first, so that a secret within a secret leaves no remains. A text of less than four bytes is hidden by
    /// its keyword only: replacing it everywhere would show what it is by what is missing.
    private let texts: [[UInt8]]
    /// What was found in files, which may be a word of another meaning elsewhere.
    private var found = SecretValues()

    package init(secrets: [Secret] = []) {
        self.init(texts: secrets.map { Array($0.revealed.utf8) })
    }

    private init(texts: [[UInt8]]) {
        self.texts = texts.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
    }

    /// A mask that hides these as well.
    package func hiding(_ secrets: [Secret]) -> SecretMask { hiding(secrets.map { Array($0.revealed.utf8) }) }

    /// A mask that hides these values as well.
    func hiding(_ values: [[UInt8]]) -> SecretMask {
        guard !values.isEmpty else { return self }
        var mask = SecretMask(texts: texts + values)
        mask.found = found
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
        var text = Array(sentence.utf8)[...]
        text = Array(text.hiding(knownRanges(in: text)).utf8)[...]
        return found.hiding(in: String(decoding: text, as: UTF8.self))
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
        texts.flatMap { text in line.ranges(of: text) }.mergedRanges
    }

    /// What is hidden on a line; ascending, apart from each other.
    func hiddenRanges(in line: ArraySlice<UInt8>, and more: [Range<Int>]) -> [Range<Int>] {
        (knownRanges(in: line) + found.ranges(in: line)
            + more.map { line.startIndex + $0.lowerBound..<line.startIndex + $0.upperBound }).mergedRanges
    }
}

extension ArraySlice<UInt8> {
    /// Every place where `text` stands, one after the other.
    fileprivate func ranges(of text: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var index = startIndex
        while index + text.count <= endIndex {
            if self[index..<index + text.count].elementsEqual(text) {
                ranges.append(index..<index + text.count)
                index += text.count
            } else {
                index += 1
            }
        }
        return ranges
    }
}

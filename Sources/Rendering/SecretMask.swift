import Concealment
package import Inventory

/// Hides secrets in what is shown of a file: those that were rendered, by their text, and those that a node's own
/// file holds, by the keyword before them (`auth_pass`, `password`, `key` of `auth_hmac`, `insecure-password`,
/// `stats auth`) or by the looks of a command (`--password X`, `token=X`, `https://user:X@host`).
package struct SecretMask: Sendable {
    static let mark = "(secret)"
    static let changedMark = "(secret, changed)"

    /// Longest first, so that a secret within a secret leaves no remains. A text of less than four bytes is hidden by
    /// its keyword only: replacing it everywhere would show what it is by what is missing.
    private let texts: [[UInt8]]

    package init(secrets: [Secret] = []) {
        self.init(texts: secrets.map { Array($0.revealed.utf8) })
    }

    private init(texts: [[UInt8]]) {
        self.texts = texts.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
    }

    /// A mask that hides these values as well.
    func hiding(_ values: [[UInt8]]) -> SecretMask {
        values.isEmpty ? self : SecretMask(texts: texts + values)
    }

    /// A file as it may be shown, on a terminal too: secrets hidden, control characters visible.
    package func shown(_ contents: [UInt8]) -> String {
        contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { shown(line: $0) }
            .joined(separator: "\n")
    }

    /// One line of a file, without its end, as it may be shown.
    ///
    /// - `more`: a part of it that is hidden whatever stands there.
    package func shown(line: ArraySlice<UInt8>, hiding more: Range<Int>? = nil) -> String {
        var result = ""
        var shownUpTo = line.startIndex
        for range in hiddenRanges(in: line, and: [more].compactMap(\.self)) {
            result += String(visible: line[shownUpTo..<range.lowerBound]) + Self.mark
            shownUpTo = range.upperBound
        }
        return result + String(visible: line[shownUpTo...])
    }

    /// Whether a file holds a secret for certain: what only looks like one in a command keeps nobody from reading a
    /// script that has to be run.
    func hidesAnything(in contents: [UInt8]) -> Bool {
        contents.split(separator: UInt8(ascii: "\n")).contains {
            !knownRanges(in: $0).isEmpty || keywordRange(in: $0) != nil
        }
    }

    /// Where secrets stand whose text is known; ascending, apart from each other.
    func knownRanges(in line: ArraySlice<UInt8>) -> [Range<Int>] {
        Self.merged(texts.flatMap { text in line.ranges(of: text) })
    }

    private func hiddenRanges(in line: ArraySlice<UInt8>, and more: [Range<Int>]) -> [Range<Int>] {
        Self.merged(
            knownRanges(in: line) + [keywordRange(in: line)].compactMap(\.self) + commandRanges(in: line)
                + more)
    }

    private static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        ranges.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { result, range in
            if let last = result.last, range.lowerBound < last.upperBound {
                result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
    }

    /// Byte by byte, as a scalar each: a node's file need not be UTF-8, and the places must be bytes'.
    private func commandRanges(in line: ArraySlice<UInt8>) -> [Range<Int>] {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: line.map { Unicode.Scalar($0) })
        var search = SecretSearch()
        return search.parts(of: String(text)).map { part in
            let start = text.distance(from: text.startIndex, to: part.range.lowerBound)
            let count = text.distance(from: part.range.lowerBound, to: part.range.upperBound)
            return line.startIndex + start..<line.startIndex + start + count
        }
    }

    private func keywordRange(in line: ArraySlice<UInt8>) -> Range<Int>? {
        let words = line.split {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r")
        }
        for (index, word) in words.enumerated() {
            let rest = words[(index + 1)...]
            if word.elementsEqual("auth_pass".utf8), let first = rest.first, let last = rest.last {
                // Between quotes it may hold blanks, and behind a comment character it goes on for a human.
                return first.startIndex..<last.endIndex
            }
            if word.elementsEqual("password".utf8) || word.elementsEqual("insecure-password".utf8) {
                return rest.first.map { $0.startIndex..<$0.endIndex }
            }
            // `key 1 hex:…`; another `key` has a path behind it.
            if word.elementsEqual("key".utf8), rest.count > 1, let id = rest.first, let last = rest.last,
                id.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            {
                return id.endIndex + 1..<last.endIndex
            }
            if word.elementsEqual("auth".utf8), index > 0, words[index - 1].elementsEqual("stats".utf8),
                let pair = rest.first, let colon = pair.firstIndex(of: UInt8(ascii: ":"))
            {
                return colon + 1..<pair.endIndex
            }
        }
        return nil
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

/// A rendered file as it may be shown.
package func masked(_ file: RenderedFile) -> String {
    SecretMask(secrets: file.secrets).shown(file.contents)
}

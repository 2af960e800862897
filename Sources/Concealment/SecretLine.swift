/// The places of secrets on one line of a keepalived.conf, a haproxy.cfg or a script.
///
/// A keyword of a program makes a secret certain: `auth_pass X`, `password X`, `key 1 X`, `insecure-password X`,
/// `stats auth USER:X`, an authorisation header. Values of similar words such as `authpass X`, and comments about
/// passwords, are hidden as well.
package struct SecretLine {
    package struct Part: Hashable, Sendable {
        /// Indices into the line's bytes.
        package var range: Range<Int>
        /// Whether the words are a secret value, which is then hidden everywhere else; false for a comment about
        /// passwords.
        package var isValue: Bool
        /// Whether a program uses it as a secret.
        package var isCertain: Bool
    }

    /// The secret parts in the order of the line; they may overlap.
    package private(set) var parts: [Part] = []
    /// Whether the value or a part of it is on the next line.
    package private(set) var goesOn = false
    /// Whether the last word is a keyword whose value may be on the next line.
    package private(set) var lacksValue = false

    private let line: ArraySlice<UInt8>
    private let words: [ArraySlice<UInt8>]
    /// The index of the first word of a comment.
    private let comment: Int
    /// The last found place of each sign; the line's end if the sign does not occur again.
    private var found: [UInt8: Int] = [:]
    /// The end of the values hidden so far.
    private var hiddenUpTo = 0
    /// The word at which the last search for a condition ended.
    private var nextCondition = 0

    /// - `line`: without its line feed.
    package init(_ line: ArraySlice<UInt8>) {
        self.line = line
        let words = line.split { $0.isBlank }
        self.words = words
        comment =
            words.indices.first { index in
                words[index].first == UInt8(ascii: "#")
                    || index == 0 && words[index].first == UInt8(ascii: "!")
            } ?? words.count
        for index in words.indices where !read(index) { break }
        addCommandSecrets()
        let isContinued = line.last { !$0.isBlank } == UInt8(ascii: "\\")
        if isContinued,
            lacksValue || parts.contains(where: { $0.range.upperBound >= (words.last?.endIndex ?? 0) })
        {
            goesOn = true
        }
    }

    /// Examines one word.
    ///
    /// - Returns: false when the rest of the line is hidden.
    private mutating func read(_ index: Int) -> Bool {
        let word = core(index)
        // Options belong to a command; ``SecretSearch`` finds their values.
        if word.first == UInt8(ascii: "-") { return true }
        let name = word.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ":") && !$0.isQuote }
        let isWhole = name.endIndex == words[index].endIndex
        if name.elementsEqual("auth_pass".utf8) {
            return hideRest(from: name.endIndex, of: index, isCertain: true)
        }
        if let length = SecretKeyword.gluedLength(of: name) {
            return hideRest(from: name.startIndex + length, of: index, isCertain: true)
        }
        // `$AUTH=auth_pass X`
        let definition = word[name.endIndex...].drop { $0 == UInt8(ascii: "=") || $0.isQuote }
        if definition.elementsEqual("auth_pass".utf8) {
            return hideRest(from: definition.endIndex, of: index, isCertain: true)
        }
        if index < comment, readHAProxy(index, name) { return true }
        if index < comment, !isWhole, line[name.endIndex] == UInt8(ascii: "="), SecretSearch.namesSecret(name)
        {
            return true
        }
        switch SecretKeyword.likeness(of: name) {
        case .nearly?:
            let isExact = ["password", "insecure-password"].contains { name.elementsEqual($0.utf8) }
            if isExact, isWhole, index > 0, index < comment {
                hide(value(after: index), isCertain: true)
                return true
            }
            return hideRest(from: name.endIndex, of: index, isCertain: isExact && index == 0)
        case .vaguely? where index == 0 && index < comment && index + 1 < words.count,
            .vaguely? where index >= comment && saysValue(index, name):
            return hideRest(from: name.endIndex, of: index, isCertain: false)
        default:
            return true
        }
    }

    /// Whether a value follows, as in `secret: X`, `pass is X`, `token = X`.
    private func saysValue(_ index: Int, _ name: ArraySlice<UInt8>) -> Bool {
        if name.endIndex < words[index].endIndex { return true }
        guard index + 1 < words.count else { return false }
        return [":", "=", "is", "was"].contains { words[index + 1].elementsEqual($0.utf8) }
    }

    /// Handles the keywords of haproxy and of `auth_hmac`.
    ///
    /// - Returns: whether the word is one of them.
    private mutating func readHAProxy(_ index: Int, _ name: ArraySlice<UInt8>) -> Bool {
        let rest = words[(index + 1)...]
        if name.elementsEqual("key".utf8), rest.count > 1, let id = rest.first, id.allSatisfy(\.isDigit),
            let last = rest.last
        {
            hide(rest[rest.startIndex + 1].startIndex..<last.endIndex, isCertain: true)
            return true
        }
        if name.elementsEqual("auth".utf8), index > 0, words[index - 1].elementsEqual("stats".utf8),
            let range = value(after: index), let colon = next(UInt8(ascii: ":"), from: range.lowerBound),
            colon < range.upperBound
        {
            hide(colon + 1..<range.upperBound, isCertain: true)
            return true
        }
        if name.elementsEqual("dynamic-cookie-key".utf8) {
            hide(value(after: index), isCertain: true)
            return true
        }
        // These take a name and then a value: of a header or an environment variable.
        let takesName = [
            "set-header", "add-header", "replace-header", "replace-value", "hdr", "setenv", "presetenv",
        ]
        if index > 0 || rest.count > 1, let second = rest.first,
            takesName.contains(where: { name.elementsEqual($0.utf8) }), Self.names(second),
            let range = value(after: index + 1)
        {
            hide(range.lowerBound..<conditionStart(behind: range), isCertain: true)
            return true
        }
        return false
    }

    /// Whether a header or a variable of that name is a secret: `Authorization`, `X-Api-Key`, `DB_PASSWORD`.
    static func names(_ word: ArraySlice<UInt8>) -> Bool {
        let letters = SecretKeyword.plain(word)
        let text = String(decoding: letters, as: UTF8.self)
        return ["authorization", "apikey", "authkey", "secret", "token", "passw", "passphrase"].contains {
            text.firstRange(of: $0) != nil
        } || SecretKeyword.likeness(of: word) != nil
    }

    /// The word at which a header's value ends, `if` or `unless`.
    private mutating func conditionStart(behind range: Range<Int>) -> Int {
        // A line may have a header in every third word, so each search continues where the previous one ended.
        if nextCondition < words.endIndex, words[nextCondition].startIndex >= range.upperBound {
            return Swift.max(range.upperBound, words[nextCondition - 1].endIndex)
        }
        var index = Swift.max(nextCondition, words.startIndex)
        while index < words.endIndex, words[index].startIndex < range.upperBound || !isCondition(index) {
            index += 1
        }
        nextCondition = index
        return Swift.max(range.upperBound, index > 0 ? words[index - 1].endIndex : range.upperBound)
    }

    private func isCondition(_ index: Int) -> Bool {
        words[index].elementsEqual("if".utf8) || words[index].elementsEqual("unless".utf8)
    }

    // MARK: - Words

    /// A word without leading quotes, brackets and comment signs.
    private func core(_ index: Int) -> ArraySlice<UInt8> {
        words[index].drop { "\"'([{#!".utf8.contains($0) }
    }

    /// The next word, up to the closing quote if it opens one.
    private mutating func value(after index: Int) -> Range<Int>? {
        guard index + 1 < words.count else { return nil }
        let first = words[index + 1]
        guard let quote = first.first, quote.isQuote else { return first.startIndex..<first.endIndex }
        let close = next(quote, from: first.startIndex + 1)
        let end = close.map { $0 + 1 } ?? words[words.count - 1].endIndex
        return first.startIndex..<Swift.max(end, first.endIndex)
    }

    /// The first place of a sign from an index on. Must be called in the order of the line.
    ///
    /// A line may open an unclosed quote in every word, so no part is searched twice.
    private mutating func next(_ sign: UInt8, from index: Int) -> Int? {
        if let known = found[sign], known >= index { return known == line.endIndex ? nil : known }
        let place = line[index...].firstIndex(of: sign)
        found[sign] = place ?? line.endIndex
        return place
    }

    /// Hides everything after a keyword.
    ///
    /// - Returns: false.
    private mutating func hideRest(from start: Int, of index: Int, isCertain: Bool) -> Bool {
        // Values of repetitions precede the keyword: `~LST(P, X) auth_pass $P`.
        if let first = words.first, first.first == UInt8(ascii: "~"),
            let open = line.firstIndex(of: UInt8(ascii: "(")),
            let close = line[open...].firstIndex(of: UInt8(ascii: ")")), close < start
        {
            parts.append(Part(range: open + 1..<close, isValue: true, isCertain: isCertain))
        }
        let between = line[start...].prefix {
            $0.isBlank || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":")
        }
        guard let end = words.last?.endIndex, between.endIndex < end,
            !line[between.endIndex..<end].elementsEqual("\\".utf8)
        else {
            if index < comment { lacksValue = true }
            return false
        }
        let count = line[between.endIndex..<end].split { $0.isBlank }.count
        let isStatement =
            index < comment || index == comment || index == comment + 1 && words[comment].count == 1
        parts.append(
            Part(
                range: between.endIndex..<end, isValue: isStatement && (index < comment || count < 3),
                isCertain: isCertain && index < comment))
        return false
    }

    private mutating func hide(_ range: Range<Int>?, isCertain: Bool) {
        guard let range else { return lacksValue = true }
        // A value that extends to the line's end already covers everything after it.
        guard range.upperBound > hiddenUpTo else { return }
        hiddenUpTo = range.upperBound
        parts.append(Part(range: range, isValue: true, isCertain: isCertain))
    }

    /// Finds secrets in commands. Each byte becomes a scalar, because a node's file need not be UTF-8 and the
    /// ranges must count bytes.
    private mutating func addCommandSecrets() {
        guard SecretSearch.mayHoldSecrets(line) else { return }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: line.map { Unicode.Scalar($0) })
        var search = SecretSearch()
        // Distances are measured from the previous part, because the parts are in the order of the line.
        var (index, byte) = (text.startIndex, line.startIndex)
        for part in search.parts(of: String(text)) {
            byte += text.distance(from: index, to: part.range.lowerBound)
            let start = byte
            byte += text.distance(from: part.range.lowerBound, to: part.range.upperBound)
            index = part.range.upperBound
            parts.append(Part(range: start..<byte, isValue: true, isCertain: false))
        }
    }
}

extension SecretLine {
    /// The parts' ranges, ascending and disjoint.
    package var ranges: [Range<Int>] { parts.map(\.range).mergedRanges }
}

extension [Range<Int>] {
    /// The same ranges, ascending and disjoint.
    package var mergedRanges: [Range<Int>] {
        sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { result, range in
            if let last = result.last, range.lowerBound < last.upperBound {
                result[result.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
    }
}

extension String {
    /// The text of one line with its secrets hidden.
    package var hidingLineSecrets: String {
        let bytes = Array(utf8)
        return bytes[...].hiding(SecretLine(bytes[...]).ranges)
    }
}

extension ArraySlice<UInt8> {
    /// The text with each range replaced by ``secretMark``.
    package func hiding(_ ranges: [Range<Int>]) -> String {
        var result = ""
        var shown = startIndex
        for range in ranges {
            result += String(decoding: self[shown..<range.lowerBound], as: UTF8.self) + secretMark
            shown = range.upperBound
        }
        return result + String(decoding: self[shown...], as: UTF8.self)
    }
}

/// The text that replaces a secret in every output.
package let secretMark = "(secret)"

/// Words that precede a secret, correctly spelt or mistyped.
enum SecretKeyword {
    /// How certain it is that what follows a word is a secret.
    enum Likeness: Sendable {
        /// The word equals or nearly equals a keyword for passwords.
        case nearly
        /// The word has a part such as `secret` or `token`, which may be ordinary prose.
        case vaguely
    }

    /// Letters and digits of a word in lower case: `Auth-Pass` is `authpass`.
    static func plain(_ word: ArraySlice<UInt8>) -> [UInt8] {
        word.compactMap { byte in
            if byte.isLetterOrDigit { return byte | (byte.isUpper ? 0x20 : 0) }
            return nil
        }
    }

    static func likeness(of word: ArraySlice<UInt8>) -> Likeness? {
        guard (3...40).contains(word.count), mayResemble(word) else { return nil }
        let letters = plain(word)
        for (keyword, mistakes) in keywords where distance(letters, keyword, atMost: mistakes) != nil {
            return .nearly
        }
        let parts = word.split { !$0.isLetterOrDigit }.map { plain($0) }
        guard !parts.contains(where: { part in harmless.contains { part.ends(with: $0) } }) else {
            return nil
        }
        return parts.contains { part in
            vague.contains { $0 == part } || part.contains("passw") || part.contains("secret")
        } ? .vaguely : nil
    }

    /// Whether a word has enough letters of a keyword to be examined further; most words have not.
    private static func mayResemble(_ word: ArraySlice<UInt8>) -> Bool {
        // Each letter's bit.
        var seen: UInt32 = 0
        for byte in word {
            let letter = byte | 0x20
            if letter >= UInt8(ascii: "a"), letter <= UInt8(ascii: "z") {
                seen |= 1 << (letter - UInt8(ascii: "a"))
            }
        }
        return letterSets.contains { (seen & $0.letters).nonzeroBitCount >= $0.atLeast }
    }

    /// The length of the keyword in a word that begins with `auth_pass`, or nearly, and has the value directly
    /// after it.
    static func gluedLength(of word: ArraySlice<UInt8>) -> Int? {
        guard word.count > 8, let first = word.first, first | 0x20 == UInt8(ascii: "a") else { return nil }
        var letters: [UInt8] = []
        for (offset, byte) in word.prefix(12).enumerated() {
            letters += plain([byte])
            guard letters.count >= 7 else { continue }
            // Prefer the whole keyword to all but its last letter.
            if letters.count == 7, offset + 1 < word.count,
                word[word.startIndex + offset + 1] | 0x20 == UInt8(ascii: "s")
            {
                continue
            }
            if distance(letters, authPass, atMost: 1) != nil {
                return offset + 1 < word.count ? offset + 1 : nil
            }
        }
        return nil
    }

    /// The letters of each keyword, and how many of them a word must have: as many as a mistyped one for
    /// ``keywords``, and all for ``vague``.
    private static let letterSets: [(letters: UInt32, atLeast: Int)] = [
        ("ahpstu", 4), ("adoprsw", 6), ("adpsw", 4), ("aehprs", 5), ("aps", 3), ("dpw", 3), ("kps", 3),
        ("eknot", 5),
        ("aeikpy", 6), ("cerst", 5),
    ].map { letters, count in
        (letters.utf8.reduce(0) { $0 | 1 << ($1 - UInt8(ascii: "a")) }, min(count, letters.utf8.count))
    }
    private static let authPass = Array("authpass".utf8)
    private static let keywords: [([UInt8], Int)] = [
        ("authpass", 2), ("authpassword", 2), ("authpwd", 1), ("password", 1), ("passwd", 1),
        ("passphrase", 1),
        ("insecurepassword", 2),
    ].map { (Array($0.0.utf8), $0.1) }
    private static let vague = ["pass", "pwd", "psk", "token", "apikey"].map { Array($0.utf8) }
    private static let harmless = ["file", "path"].map { Array($0.utf8) }

    /// The edit distance of two words, with insertions, deletions, replacements and swaps of neighbours; `nil`
    /// when it is more than `limit`. Only for short words and small limits.
    static func distance(_ left: [UInt8], _ right: [UInt8], atMost limit: Int) -> Int? {
        guard abs(left.count - right.count) <= limit else { return nil }
        var before: [Int] = []
        var last = Array(0...right.count)
        for i in 0..<left.count {
            var row = [i + 1]
            for j in 0..<right.count {
                var best = Swift.min(last[j + 1] + 1, row[j] + 1, last[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = Swift.min(best, before[j - 1] + 1)
                }
                row.append(best)
            }
            guard (row.min() ?? 0) <= limit else { return nil }
            (before, last) = (last, row)
        }
        return last[right.count] <= limit ? last[right.count] : nil
    }
}

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        return indices.contains { self[$0...].starts(with: wanted) }
    }

    fileprivate func ends(with text: [UInt8]) -> Bool { suffix(text.count).elementsEqual(text) }
}

extension UInt8 {
    var isUpper: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLetterOrDigit: Bool {
        isDigit || isUpper || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || self >= 0x80
    }
    var isBlank: Bool {
        self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: "\r")
    }
    var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }
}

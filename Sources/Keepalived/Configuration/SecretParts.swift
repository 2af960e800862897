/// A part of a statement's word that must not be seen.
package struct SecretPart: Hashable, Sendable {
    /// The index of the word.
    package var word: Int
    package var range: Range<String.Index>
    /// What it is, in letters, digits and `_`: `ssl_password`.
    package var name: String
}

extension Statement {
    /// The secrets in the statement's own words, in their order.
    ///
    /// Certain of keepalived's own keywords: `auth_pass`, `password` of `SSL`, `key` of `auth_hmac` (2.4). Of what
    /// programs are given, what looks like one: `--password X`, `token=X`, `-u user:X`, `https://user:X@host`.
    ///
    /// - `parent`: the keyword of the block that the statement stands in.
    package func secretParts(within parent: String?) -> [SecretPart] {
        switch keyword {
        case "auth_pass": return wholeWords(from: 1, "auth_pass")
        case "password": return wholeWords(from: 1, parent == "SSL" ? "ssl_password" : "password")
        case "key" where parent == "auth_hmac":
            guard words.count > 2, !words[2].text.hasPrefix("file:") else { return [] }
            return wholeWords(from: 2, "hmac_key_\(words[1].text.filter { $0.isASCII && $0.isNumber })")
        default:
            var search = SecretSearch()
            return words.indices.flatMap { index in
                search.parts(of: words[index].text).map {
                    SecretPart(word: index, range: $0.range, name: $0.name)
                }
            }
        }
    }

    private func wholeWords(from first: Int, _ name: String) -> [SecretPart] {
        words.indices.filter { $0 >= first && !words[$0].text.isEmpty }.map { index in
            let text = words[index].text
            return SecretPart(word: index, range: text.startIndex..<text.endIndex, name: name)
        }
    }

    /// ``meaning`` as it may be shown.
    func shownMeaning(within parent: String? = nil) -> String {
        var copy = self
        for part in secretParts(within: parent).reversed() {
            copy.words[part.word].text.replaceSubrange(part.range, with: SecretSearch.mark)
        }
        copy.block = nil
        guard let block else { return copy.meaning }
        return copy.meaning + " { "
            + block.map { $0.shownMeaning(within: keyword) }.joined(separator: "; ") + " }"
    }
}

extension String {
    /// The text of a command as it may be shown.
    package var hidingCommandSecrets: String {
        var result = self
        var search = SecretSearch()
        for part in search.parts(of: self).reversed() {
            result.replaceSubrange(part.range, with: SecretSearch.mark)
        }
        return result
    }
}

/// Finds what looks like a secret among the words of a command, which may stand in one quoted word or in several.
struct SecretSearch {
    static let mark = "********"

    /// The option just read, whose value is the next word.
    private var pending: (name: String, isLogin: Bool)?

    mutating func parts(of text: String) -> [(range: Range<String.Index>, name: String)] {
        text.split { $0 == " " || $0 == "\t" }.compactMap { part(of: $0) }
    }

    private mutating func part(of word: Substring) -> (range: Range<String.Index>, name: String)? {
        let token = Self.unquoted(word)
        if let option = pending {
            pending = nil
            if option.isLogin {
                guard let colon = token.firstIndex(of: ":") else { return nil }
                return Self.part(token[token.index(after: colon)...], "password")
            }
            // `--password --verbose` takes none.
            if !token.hasPrefix("-") { return Self.part(token, option.name) }
        }
        if let userinfo = Self.userinfo(of: token) { return Self.part(userinfo, "password") }
        if let equals = token.firstIndex(of: "=") {
            guard let name = Self.secretName(token[..<equals]) else { return nil }
            return Self.part(Self.unquoted(token[token.index(after: equals)...]), name)
        }
        if token == "-u" || token == "--user" {
            pending = ("password", true)
        } else if token.hasPrefix("-"), let name = Self.secretName(token) {
            pending = (name, false)
        } else if token == "Bearer" || token == "Basic" {
            pending = ("token", false)
        }
        return nil
    }

    private static func part(_ text: Substring, _ name: String) -> (range: Range<String.Index>, name: String)?
    {
        text.isEmpty ? nil : (text.startIndex..<text.endIndex, name)
    }

    /// `user:X@host` behind `://`: the X.
    private static func userinfo(of token: Substring) -> Substring? {
        guard let scheme = token.firstRange(of: "://") else { return nil }
        let authority = token[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
            return nil
        }
        return authority[authority.index(after: colon)..<at]
    }

    /// The option's or variable's name, if its value is a secret: `--db-password`, `PGPASSWORD`, not `--bypass` and
    /// not `--password-file`.
    private static func secretName(_ option: Substring) -> String? {
        let name = option.drop { $0 == "-" }.lowercased()
        let words = name.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        guard !words.contains(where: { $0.hasSuffix("file") || $0.hasSuffix("path") }) else { return nil }
        let secret: Set<String> = ["pass", "pwd", "secret", "token", "apikey", "passphrase"]
        let isSecret =
            words.contains { secret.contains($0) || $0.hasSuffix("password") || $0.hasSuffix("passwd") }
            || zip(words, words.dropFirst()).contains { $0 == "api" && $1 == "key" }
        guard isSecret, name.count <= 40 else { return nil }
        return words.map { String($0.filter(\.isASCII)) }.joined(separator: "_")
    }

    private static func unquoted(_ word: Substring) -> Substring {
        var word = word
        while let first = word.first, first == "'" || first == "\"" { word.removeFirst() }
        while let last = word.last, last == "'" || last == "\"" || last == ";" { word.removeLast() }
        return word
    }
}

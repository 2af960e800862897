/// Finds what looks like a secret among the words of a command, which may stand in one quoted word or in several.
package struct SecretSearch {
    /// The option just read, whose value is the next word.
    private var pending: (name: String, isLogin: Bool)?

    package init() {}

    /// The secrets in a text, in their order, and what each is: `db_password`.
    package mutating func parts(of text: String) -> [(range: Range<String.Index>, name: String)] {
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

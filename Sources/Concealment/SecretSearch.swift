/// Finds probable secrets in a command, whose words may be in one quoted word or in several.
package struct SecretSearch {
    /// The previous option, whose value is the next word.
    private var pending: (name: String, isLogin: Bool)?
    /// The last program with its own options for passwords.
    private var program: Substring = ""
    /// The quote that ends a secret of several words.
    private var openQuote: (sign: Character, name: String)?

    package init() {}

    /// The secrets in a text, in order, with a name for each: `db_password`.
    package mutating func parts(of text: String) -> [(range: Range<String.Index>, name: String)] {
        openQuote = nil
        return text.split { $0 == " " || $0 == "\t" }.compactMap { part(of: $0) }
    }

    private mutating func part(of word: Substring) -> (range: Range<String.Index>, name: String)? {
        let token = Self.unquoted(word)
        if let quote = openQuote {
            if word.contains(quote.sign) { openQuote = nil }
            return Self.part(token, quote.name)
        }
        if let option = pending {
            pending = nil
            if option.isLogin {
                guard let colon = token.firstIndex(of: ":") else { return nil }
                open(word, option.name)
                return Self.part(token[token.index(after: colon)...], "password")
            }
            // In `--password --verbose` the option has no value. After `Authorization:` the scheme comes first.
            if token == "Bearer" || token == "Basic" {
                pending = ("token", false)
                return nil
            }
            if !token.hasPrefix("-") {
                open(word, option.name)
                return Self.part(token, option.name)
            }
        }
        if let userinfo = Self.userinfo(of: token) { return Self.part(userinfo, "password") }
        if let equals = token.firstIndex(of: "=") {
            guard let name = Self.secretName(token[..<equals]) else { return nil }
            let value = token[token.index(after: equals)...]
            if let sign = word.firstIndex(of: "=") { open(word[word.index(after: sign)...], name) }
            return Self.part(Self.unquoted(value), name)
        }
        return option(token)
    }

    /// Reads an option, whose value is the rest of the word or the next word.
    private mutating func option(_ token: Substring) -> (range: Range<String.Index>, name: String)? {
        let file = token[(token.lastIndex(of: "/").map(token.index(after:)) ?? token.startIndex)...]
        if Self.passwordOptions[String(file)] != nil { program = file }
        let own = Self.passwordOptions[String(program)]
        if token == "-u" || token == "--user" {
            pending = ("password", true)
        } else if token.hasPrefix("-u"), let colon = token.firstIndex(of: ":") {
            return Self.part(token[token.index(after: colon)...], "password")
        } else if let own, token == own.option {
            // mysql's option has no blank before its value.
            if !own.isGlued { pending = ("password", false) }
        } else if let own, token.hasPrefix(own.option), !token.hasPrefix("--") {
            return Self.part(token.dropFirst(own.option.count), "password")
        } else if token.hasPrefix("-"), let name = Self.secretName(token) {
            pending = (name, false)
        } else if token == "Bearer" || token == "Basic" {
            pending = ("token", false)
        } else if token.hasPrefix("pass:") {
            return Self.part(token.dropFirst(5), "password")
        } else if token.hasSuffix(":"), Self.isHeader(token.dropLast()) {
            pending = ("token", false)
        }
        return nil
    }

    /// Records that a secret continues after a blank, because its quote is still open.
    private mutating func open(_ word: Substring, _ name: String) {
        guard let quote = word.first, quote == "'" || quote == "\"", !word.dropFirst().contains(quote) else {
            return
        }
        openQuote = (quote, name)
    }

    /// Programs whose option for a password does not contain the word.
    private static let passwordOptions: [String: (option: String, isGlued: Bool)] = [
        "mysql": ("-p", true), "mysqladmin": ("-p", true), "mariadb": ("-p", true),
        "mariadb-admin": ("-p", true),
        "sshpass": ("-p", false), "redis-cli": ("-a", false), "ldapsearch": ("-w", false),
        "snmpget": ("-c", false),
        "snmpwalk": ("-c", false),
    ]

    private static func isHeader(_ name: Substring) -> Bool {
        name.contains("-") || name == "Authorization"
            ? SecretLine.names(Array(name.utf8)[...]) : secretName(name) != nil
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

    /// Whether a secret follows `NAME=`.
    static func namesSecret(_ name: ArraySlice<UInt8>) -> Bool {
        secretName(Substring(String(decoding: name, as: UTF8.self))) != nil
    }

    /// Whether a search can find anything: a command without these signs contains no secret.
    static func mayHoldSecrets(_ line: ArraySlice<UInt8>) -> Bool {
        line.contains { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ":") }
            || ["Bearer", "Basic"].contains { word in
                line.split { $0.isBlank || $0.isQuote }.contains { $0.elementsEqual(word.utf8) }
            }
    }

    private static func unquoted(_ word: Substring) -> Substring {
        var word = word
        while let first = word.first, first == "'" || first == "\"" { word.removeFirst() }
        while let last = word.last, last == "'" || last == "\"" || last == ";" { word.removeLast() }
        return word
    }
}

extension String {
    /// The text of a command with its secrets hidden.
    package var hidingCommandSecrets: String {
        var result = ""
        var shown = startIndex
        var search = SecretSearch()
        for part in search.parts(of: self) {
            result += self[shown..<part.range.lowerBound] + secretMark
            shown = part.range.upperBound
        }
        return result + self[shown...]
    }
}

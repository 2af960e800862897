import Concealment

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

    /// ``meaning`` as it may be shown; a mistyped `authpass` has a secret behind it, too.
    func shownMeaning(within parent: String? = nil) -> String {
        var copy = self
        for part in secretParts(within: parent).reversed() {
            copy.words[part.word].text.replaceSubrange(part.range, with: secretMark)
        }
        copy.block = nil
        let line = copy.meaning.hidingLineSecrets
        guard let block else { return line }
        return line + " { " + block.map { $0.shownMeaning(within: keyword) }.joined(separator: "; ") + " }"
    }
}

extension Configuration {
    /// What the reading finds to be a secret, definitions and repetitions resolved: each with its place.
    package var secrets: [(value: String, location: SourceLocation)] {
        func secrets(_ statements: [Statement], in parent: String?) -> [(
            value: String, location: SourceLocation
        )] {
            statements.flatMap { statement in
                statement.secretParts(within: parent).map { part in
                    let word = statement.words[part.word]
                    return (String(word.text[part.range]), word.location)
                } + secrets(statement.block ?? [], in: statement.keyword)
            }
        }
        return secrets(effective.statements, in: nil)
    }
}

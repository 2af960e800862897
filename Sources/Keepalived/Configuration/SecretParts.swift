import Concealment

/// A secret part of a statement's word.
package struct SecretPart: Hashable, Sendable {
    /// The index of the word.
    package var word: Int
    package var range: Range<String.Index>
    /// Its name, of letters, digits and `_`: `ssl_password`.
    package var name: String
}

extension Statement {
    /// The secrets in the statement's words, in order.
    ///
    /// keepalived's keywords for secrets are `auth_pass`, `password` of `SSL`, and `key` of `auth_hmac` (2.4). In
    /// commands, everything that looks like a secret counts: `--password X`, `token=X`, `-u user:X`,
    /// `https://user:X@host`.
    ///
    /// - `parent`: the keyword of the statement's block.
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

    /// ``meaning`` with secrets hidden, also after a mistyped `authpass`.
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
    /// The secrets of the configuration with their places, with definitions and repetitions resolved.
    package var secrets: [(value: String, location: ConfigurationLocation)] {
        func secrets(_ statements: [Statement], in parent: String?) -> [(
            value: String, location: ConfigurationLocation
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

import Inventory
import Keepalived

/// The secrets found so far: one name for each value.
struct SecretBook {
    private(set) var secrets: [AdoptedSecret] = []

    /// The name for a value, which is the wanted one unless another value has it already.
    mutating func name(for value: String, wanted: String, at places: [NodePlace]) -> String {
        if let index = secrets.firstIndex(where: { $0.value.revealed == value }) {
            secrets[index].places += places
            return secrets[index].name
        }
        var name = wanted
        var variable = Self.variable(for: name)
        var number = 2
        // Two names can make one variable: `admin` and `Admin`, `VI-1` and `VI_1`.
        while secrets.contains(where: { $0.name == name || $0.variable == variable }) {
            name = "\(wanted)_\(number)"
            variable = Self.variable(for: name)
            number += 1
        }
        secrets.append(AdoptedSecret(name: name, variable: variable, value: Secret(value), places: places))
        return name
    }

    private static func variable(for name: String) -> String {
        let letters = name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        return "HAOPS_" + String(letters) + (name.hasPrefix("vrrp") ? "_PASS" : "")
    }

    func source(of name: String) -> SecretValue? {
        secrets.first { $0.name == name }.map {
            .reference(name: name, source: .environment($0.variable))
        }
    }
}

extension SecretBook {
    /// The words of a statement of keepalived's with the secrets in them replaced by their names, quoted where
    /// keepalived needs it.
    mutating func hiding(
        _ statement: Statement, within parent: String?, of node: NodeEvidence
    ) -> [String] {
        let parts = statement.secretParts(within: parent)
        return statement.words.enumerated().map { index, word in
            var text = word.text
            for part in parts.reversed() where part.word == index {
                let name = name(
                    for: String(text[part.range]), wanted: part.name, at: [node.place(word.location)])
                text.replaceSubrange(part.range, with: "${secret:\(name)}")
            }
            let needsQuotes =
                word.isQuoted || word.text.isEmpty || word.text.contains { " \t#!{}".contains($0) }
            return needsQuotes ? "\"\(text)\"" : text
        }
    }

    /// A line of haproxy's with the secret in it replaced by its name, as an `extra:` may hold it.
    mutating func hiding(_ line: HAProxyFile.Line, at place: NodePlace) -> String {
        guard let (index, range) = secretWord(in: line.words) else { return line.text }
        var words = line.words
        let word = words[index]
        let value = String(word[range])
        let name = name(
            for: value,
            wanted: line.words.first == "user" ? "haproxy_\(line.words[1].plain)" : "haproxy_stats",
            at: [place])
        words[index] = word[..<range.lowerBound] + "${secret:\(name)}" + word[range.upperBound...]
        return words.joined(separator: " ")
    }
}

/// The word of a line that holds a secret, and where in it: `stats auth USER:PASSWORD`, `password`,
/// `insecure-password` of a userlist.
func secretWord(in words: [String]) -> (index: Int, range: Range<String.Index>)? {
    for (index, word) in words.enumerated().dropLast() {
        let next = words[index + 1]
        if word == "auth", index > 0, words[index - 1] == "stats", let colon = next.firstIndex(of: ":") {
            return (index + 1, next.index(after: colon)..<next.endIndex)
        }
        if word == "password" || word == "insecure-password" {
            return (index + 1, next.startIndex..<next.endIndex)
        }
    }
    return nil
}

/// A line as it may be shown.
func shown(_ line: String) -> String {
    var words = line.split(separator: " ").map(String.init)
    guard let (index, range) = secretWord(in: words) else { return line }
    words[index].replaceSubrange(range, with: "(secret)")
    return words.joined(separator: " ")
}

extension String {
    /// Fit for the name of a secret.
    fileprivate var plain: String {
        String(map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}

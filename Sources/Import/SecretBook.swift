import Concealment
import HAProxy
import Inventory
import Keepalived

/// The secrets found so far, with one name for each value.
struct SecretBook {
    private(set) var secrets: [ImportedSecret] = []

    /// The name for a value: `wanted`, unless another value has that name already.
    mutating func name(for value: String, wanted: String, at places: [NodePlace]) -> String {
        if let index = secrets.firstIndex(where: { $0.value.revealed == value }) {
            secrets[index].places += places
            return secrets[index].name
        }
        var name = wanted
        var variable = Self.variable(for: name)
        var number = 2
        // Different names may give the same variable: `admin` and `Admin`, `VI-1` and `VI_1`.
        while secrets.contains(where: { $0.name == name || $0.variable == variable }) {
            name = "\(wanted)_\(number)"
            variable = Self.variable(for: name)
            number += 1
        }
        secrets.append(ImportedSecret(name: name, variable: variable, value: Secret(value), places: places))
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
    /// The words of a keepalived statement with secrets replaced by their names, and quoted where necessary.
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

    /// A haproxy line with secrets replaced by their names, for an `extra:`.
    mutating func hiding(_ line: HAProxyFile.Line, at place: NodePlace) -> String {
        let bytes = Array(line.text.utf8)
        var result = ""
        var shown = 0
        for range in SecretLine(bytes[...]).valueRanges.map({ bytes[$0].withoutQuotes }) {
            let wanted =
                switch line.words.first?.source {
                case "user" where line.words.count > 1: "haproxy_\(line.words[1].source.plain)"
                case "stats": "haproxy_stats"
                default: "haproxy_secret"
                }
            let value = String(decoding: bytes[range], as: UTF8.self)
            result += String(decoding: bytes[shown..<range.lowerBound], as: UTF8.self)
            result += "${secret:\(name(for: value, wanted: wanted, at: [place]))}"
            shown = range.upperBound
        }
        return result + String(decoding: bytes[shown...], as: UTF8.self)
    }
}

extension SecretLine {
    /// The ranges of values that a program reads, ascending and disjoint.
    fileprivate var valueRanges: [Range<Int>] { parts.filter(\.isValue).map(\.range).mergedRanges }
}

extension ArraySlice<UInt8> {
    /// The range between the quotes.
    fileprivate var withoutQuotes: Range<Int> {
        guard count > 2, let quote = first, quote == last,
            quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
        else { return startIndex..<endIndex }
        return startIndex + 1..<endIndex - 1
    }
}

extension String {
    /// The text with only the characters of a secret's name.
    fileprivate var plain: String {
        String(map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}

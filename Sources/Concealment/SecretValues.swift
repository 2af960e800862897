/// Secrets by their text: each is hidden wherever it stands.
package struct SecretValues: Sendable {
    private var all: Set<[UInt8]> = []
    /// How long the longest secret is that begins with these bytes.
    private var lengths: [ArraySlice<UInt8>: Int] = [:]
    /// The lengths of the keys that begin with these four bytes, the longest first, so that a secret within a secret
    /// leaves no remains.
    private var keyLengths: [UInt32: [Int]] = [:]
    /// Those that are secrets for certain, whatever word they are.
    private var certain: Set<ArraySlice<UInt8>> = []

    /// Shorter ones are hidden where they were found only: to replace them everywhere would show what they are by what
    /// is missing.
    private static let shortest = 4
    /// A longer one is known by its first bytes: a file can make them as long as it likes, and each place of a text is
    /// compared with them.
    private static let longestKey = 64
    /// Words that haops itself says: to replace them would give them away.
    private static let own: Set<[UInt8]> = Set(
        ["keepalived", "haproxy", "systemd", "haops", "PASS", "secret", "password", "auth_pass"].map {
            Array($0.utf8)
        })

    package init() {}

    package var isEmpty: Bool { all.isEmpty }
    /// How many bytes from its first one decide whether a text is a secret, and the one behind it.
    var reach: Int { Self.longestKey + 1 }
    package var texts: [[UInt8]] { Array(all) }

    package mutating func insert(_ value: [UInt8]) {
        guard !Self.own.contains(value) else { return }
        add(value)
    }

    /// Adds what an inventory calls a secret: it is hidden wherever it stands, within a word too.
    package mutating func insert(certain value: [UInt8]) {
        if value.count >= Self.shortest { certain.insert(value[...]) }
        add(value)
    }

    private mutating func add(_ value: [UInt8]) {
        guard value.count >= Self.shortest, all.insert(value).inserted else { return }
        let key = value.prefix(Self.longestKey)
        lengths[key] = Swift.max(lengths[key] ?? 0, value.count)
        let start = Self.start(of: key)
        if keyLengths[start]?.contains(key.count) != true {
            keyLengths[start, default: []].append(key.count)
            keyLengths[start]?.sort(by: >)
        }
    }

    /// The first four bytes of a text that is not shorter.
    private static func start(of text: ArraySlice<UInt8>) -> UInt32 {
        text.prefix(shortest).reduce(0) { $0 << 8 | UInt32($1) }
    }

    package mutating func insert(_ others: SecretValues) {
        for value in others.all { add(value) }
        certain.formUnion(others.certain)
    }

    /// Adds what stands behind a keyword: the whole of it, and each of its words.
    ///
    /// - `exceptions`: words that mean something else as well.
    package mutating func insert(partsOf text: ArraySlice<UInt8>, except exceptions: Set<String> = []) {
        func add(_ value: ArraySlice<UInt8>) {
            guard !exceptions.contains(String(decoding: value, as: UTF8.self)) else { return }
            insert(Array(value))
        }
        guard let first = text.first else { return }
        if first.isQuote, let close = text.dropFirst().firstIndex(of: first) {
            add(text[text.startIndex + 1..<close])
            for word in text[text.startIndex + 1..<close].split(whereSeparator: \.isBlank) { add(word) }
            return
        }
        for (index, word) in text.split(whereSeparator: \.isBlank).enumerated() {
            let sign = word.first
            if index > 0, sign == UInt8(ascii: "#") || sign == UInt8(ascii: "!") { break }
            let bare = word.drop(while: \.isQuote).reversed().drop { $0.isQuote || $0 == UInt8(ascii: ";") }
                .reversed()
            guard !bare.allSatisfy({ "{}\\".utf8.contains($0) }) else { continue }
            add(Array(bare)[...])
            let list = bare.split { ",(){}$".utf8.contains($0) }
            if list.count > 1 || list.first?.count != bare.count {
                for item in list { add(Array(item)[...]) }
            }
            // keepalived's own reading ends at the sign of a comment.
            if let cut = bare.firstIndex(where: { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "!") }) {
                add(Array(bare[..<cut])[...])
            }
        }
    }

    /// Adds the words of a comment about passwords that look like one: `Yw3vOthe`, not `the`.
    package mutating func insert(generatedWordsOf text: ArraySlice<UInt8>) {
        for word in text.split(whereSeparator: { !$0.isLetterOrDigit && !"+/=_-".utf8.contains($0) })
        where word.count >= 6 && Self.looksGenerated(word) {
            insert(Array(word))
        }
    }

    private static func looksGenerated(_ word: ArraySlice<UInt8>) -> Bool {
        let isMixed = zip(word, word.dropFirst()).contains { !$0.isUpper && $1.isUpper }
        return isMixed || word.contains(where: \.isDigit) && !word.allSatisfy(\.isDigit)
    }

    /// Where secrets stand in a text; ascending, apart from each other.
    package func ranges(in text: ArraySlice<UInt8>) -> [Range<Int>] {
        guard !isEmpty else { return [] }
        var ranges: [Range<Int>] = []
        for index in text.indices.dropLast(Self.shortest - 1) {
            for count in keyLengths[Self.start(of: text[index...])] ?? [] {
                guard index + count <= text.endIndex, let length = lengths[text[index..<index + count]]
                else { continue }
                // What begins like a long secret is hidden for its whole length.
                let range = index..<Swift.min(index + length, text.endIndex)
                guard isCertain(text[index..<index + count]) || Self.isWord(range, of: text) else { continue }
                ranges.append(range)
                break
            }
        }
        return ranges.mergedRanges
    }

    /// Whether a text is a secret wherever it stands: `master` within `keepalived-master.conf` is none.
    private func isCertain(_ key: ArraySlice<UInt8>) -> Bool {
        key.count >= 8 || Self.looksGenerated(key) || key.contains { !$0.isLetterOrDigit }
            || certain.contains(key)
    }

    private static func isWord(_ range: Range<Int>, of text: ArraySlice<UInt8>) -> Bool {
        func isPart(_ index: Int) -> Bool {
            text.indices.contains(index) && (text[index].isLetterOrDigit || text[index] == UInt8(ascii: "_"))
        }
        return !isPart(range.lowerBound - 1) && !isPart(range.upperBound)
    }

    /// A text without the secrets.
    package func hiding(in text: String) -> String {
        let bytes = Array(text.utf8)
        let ranges = ranges(in: bytes[...])
        return ranges.isEmpty ? text : bytes[...].hiding(ranges)
    }
}

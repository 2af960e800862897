/// The values of secrets, which are hidden everywhere.
package struct SecretValues: Sendable {
    private var all: Set<[UInt8]> = []
    /// The length of the longest secret that begins with these bytes.
    private var lengths: [ArraySlice<UInt8>: Int] = [:]
    /// The lengths of the keys that begin with these four bytes. The longest is first, so that a secret that
    /// contains another one is hidden completely.
    private var keyLengths: [UInt32: [Int]] = [:]
    /// The values that are certainly secrets, even if they are ordinary words.
    private var certain: Set<ArraySlice<UInt8>> = []

    /// Shorter values are hidden only where they were found: replacing them everywhere would reveal them by the
    /// gaps.
    private static let shortest = 4
    /// Longer values are recognised by their first bytes, because every place of a text is compared with them and
    /// a file may contain values of any length.
    private static let longestKey = 64
    /// Words in haops' own messages: replacing these would reveal the value.
    private static let own: Set<[UInt8]> = Set(
        ["keepalived", "haproxy", "systemd", "haops", "PASS", "secret", "password", "auth_pass"].map {
            Array($0.utf8)
        })

    package init() {}

    package var isEmpty: Bool { all.isEmpty }
    /// The number of bytes that decide whether a text begins with a secret, including the byte after it.
    var reach: Int { Self.longestKey + 1 }
    package var texts: [[UInt8]] { Array(all) }

    package mutating func insert(_ value: [UInt8]) {
        guard !Self.own.contains(value) else { return }
        add(value)
    }

    /// Adds a secret of an inventory. It is hidden everywhere, also within words.
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

    /// The first four bytes of a text, which must have at least four.
    private static func start(of text: ArraySlice<UInt8>) -> UInt32 {
        text.prefix(shortest).reduce(0) { $0 << 8 | UInt32($1) }
    }

    package mutating func insert(_ others: SecretValues) {
        for value in others.all { add(value) }
        certain.formUnion(others.certain)
    }

    /// Adds the text after a keyword, as a whole and word by word.
    ///
    /// - `exceptions`: words that have another meaning as well.
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
            // keepalived reads only up to a comment sign.
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

    /// The ranges of secrets in a text, ascending and disjoint.
    package func ranges(in text: ArraySlice<UInt8>) -> [Range<Int>] {
        guard !isEmpty else { return [] }
        var ranges: [Range<Int>] = []
        for index in text.indices.dropLast(Self.shortest - 1) {
            for count in keyLengths[Self.start(of: text[index...])] ?? [] {
                guard index + count <= text.endIndex, let length = lengths[text[index..<index + count]]
                else { continue }
                // A text that begins like a long secret is hidden for the secret's whole length.
                let range = index..<Swift.min(index + length, text.endIndex)
                guard isCertain(text[index..<index + count]) || Self.isWord(range, of: text) else { continue }
                ranges.append(range)
                break
            }
        }
        return ranges.mergedRanges
    }

    /// Whether a text is always a secret, also within words. `master` within `keepalived-master.conf` is not.
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

    /// The text with the secrets hidden.
    package func hiding(in text: String) -> String {
        let bytes = Array(text.utf8)
        let ranges = ranges(in: bytes[...])
        return ranges.isEmpty ? text : bytes[...].hiding(ranges)
    }
}

/// Many names in one text: `lb[01-20]`, `lb[1,3,5-7].example.net`, `rack[1-2]-lb[1-2]`.
///
/// Brackets around an IPv6 address are part of the name. Zeros in front are kept: `[08-11]` is 08, 09, 10, 11. Several brackets count like an odometer, the last fastest.
package struct NodeRange: Hashable, Sendable, CustomStringConvertible {
    /// No range stands for more names than this.
    package static let maximumCount = 100_000

    /// As it was written.
    package let description: String
    /// How many names it stands for, at least 1.
    package let count: Int
    private let parts: [Part]

    private enum Part: Hashable, Sendable {
        case literal(String)
        case numbers([Span])
    }

    private struct Span: Hashable, Sendable {
        var first: Int
        var last: Int
        /// Digits including zeros in front; 0 where none are added.
        var width: Int
    }

    /// Whether it is a name and no range; a range of one name is still a range.
    package var isPlain: Bool {
        parts.allSatisfy { if case .literal = $0 { true } else { false } }
    }

    /// Throws a ``NodeRangeError`` when brackets are not closed, hold no numbers, run backwards or stand for too many names.
    package init(_ text: some StringProtocol) throws(NodeRangeError) {
        let text = String(text)
        var parts: [Part] = []
        var count = 1
        var literal = ""
        // Brackets around an IPv6 address are part of the name.
        var openLiterals = 0
        var rest = text[...]
        while let index = rest.firstIndex(where: { $0 == "[" || $0 == "]" }) {
            literal += rest[..<index]
            let bracket = rest[index]
            rest = rest[rest.index(after: index)...]
            let inside = rest.prefix { $0 != "[" && $0 != "]" }
            if bracket == "[", inside.contains(":") {
                openLiterals += 1
                literal.append(bracket)
            } else if bracket == "]", openLiterals > 0 {
                openLiterals -= 1
                literal.append(bracket)
            } else {
                guard bracket == "[", inside.endIndex < rest.endIndex, rest[inside.endIndex] == "]" else {
                    throw .unbalanced(text)
                }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                let spans = try Self.spans(in: inside, of: text)
                let (product, overflow) = count.multipliedReportingOverflow(
                    by: spans.reduce(0) { $0 + ($1.last - $1.first + 1) })
                guard !overflow, product <= Self.maximumCount else { throw .tooMany(text) }
                count = product
                parts.append(.numbers(spans))
                rest = rest[rest.index(after: inside.endIndex)...]
            }
        }
        guard openLiterals == 0 else { throw .unbalanced(text) }
        literal += rest
        if !literal.isEmpty { parts.append(.literal(literal)) }
        guard !parts.isEmpty else { throw .empty }
        self.parts = parts
        self.count = count
        description = text
    }

    private static func spans(in list: Substring, of text: String) throws(NodeRangeError) -> [Span] {
        var spans: [Span] = []
        for item in list.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = item.split(separator: "-", omittingEmptySubsequences: false)
            guard (1...2).contains(ends.count), let start = ends.first, let end = ends.last,
                let first = number(start), let last = number(end)
            else { throw .notNumbers(text, String(item)) }
            let isPadded = [start, end].contains { $0.count > 1 && $0.first == "0" }
            guard !isPadded || start.count == end.count else { throw .unevenZeros(text, String(item)) }
            guard first <= last else { throw .backwards(text, String(item)) }
            spans.append(Span(first: first, last: last, width: isPadded ? start.count : 0))
        }
        return spans
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    /// Every name, in order; names that a list repeats are repeated.
    package var names: [String] {
        var names = [""]
        names.reserveCapacity(count)
        for part in parts {
            switch part {
            case .literal(let text):
                for index in names.indices { names[index] += text }
            case .numbers(let spans):
                let numbers = spans.flatMap { span in
                    (span.first...span.last).map { Self.padded($0, width: span.width) }
                }
                names = names.flatMap { name in numbers.map { name + $0 } }
            }
        }
        return names
    }

    static func padded(_ number: Int, width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// Why a text is no range of names.
package enum NodeRangeError: Error, Hashable, Sendable {
    case empty
    case unbalanced(String)
    case notNumbers(String, String)
    case unevenZeros(String, String)
    case backwards(String, String)
    case tooMany(String)
}

extension NodeRangeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "a name is empty"
        case .unbalanced(let text): "\(quoted(text)) has a bracket without its partner"
        case .notNumbers(let text, let item):
            "\(quoted(text)) wants numbers between its brackets, not \(quoted(item))"
        case .unevenZeros(let text, let item):
            "\(quoted(text)) has zeros in front on one side only: \(quoted(item))"
        case .backwards(let text, let item): "\(quoted(text)) runs backwards: \(quoted(item))"
        case .tooMany(let text): "\(quoted(text)) stands for more than \(NodeRange.maximumCount) names"
        }
    }

    /// What to write instead.
    package var hint: String? {
        switch self {
        case .empty, .tooMany: nil
        case .unbalanced, .notNumbers: "ranges look like `lb[01-20]` or `lb[1,3,5-7]`"
        case .unevenZeros: "write as many digits on both sides: `[01-20]`"
        case .backwards: "the smaller number comes first"
        }
    }
}

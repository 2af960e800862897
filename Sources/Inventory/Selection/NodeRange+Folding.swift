package import Remote

extension NodeRange {
    /// Folds names into as few words as possible: `lb01 lb02 lb03 web1` is `lb[01-03],web1`.
    ///
    /// Expanding every word gives the same set of names. The order is natural (`lb2` before `lb10`) and does not
    /// depend on the order of `names`.
    package static func folded(_ names: some Sequence<String>) -> String {
        let names = Set(names).sorted { $0.isOrderedNaturally(before: $1) }
        let shapes = names.map(Shape.all(of:))
        var sizes: [Shape: Int] = [:]
        for shape in shapes.joined() { sizes[shape, default: 0] += 1 }

        var groups: [Shape: [Int]] = [:]
        // A word of the result; its first name decides its position.
        var words: [(first: Int, shape: Shape?)] = []
        for (index, candidates) in shapes.enumerated() {
            // Of several numbers in a name, the one that varies most is folded; the last one if none varies.
            var chosen: Shape?
            for shape in candidates
            where sizes[shape, default: 0] >= max(2, chosen.flatMap { sizes[$0] } ?? 0) {
                chosen = shape
            }
            guard let chosen else {
                words.append((index, nil))
                continue
            }
            if groups[chosen] == nil { words.append((index, chosen)) }
            groups[chosen, default: []].append(chosen.number(in: names[index]))
        }
        return words.map { word in
            guard let shape = word.shape, let numbers = groups[shape], numbers.count > 1 else {
                return names[word.first]
            }
            return "\(shape.prefix)[\(spans(numbers, width: shape.width))]\(shape.suffix)"
        }.joined(separator: ",")
    }

    /// ``folded(_:)`` of the names of machines.
    package static func folded(_ hosts: some Sequence<HostID>) -> String {
        folded(hosts.lazy.map(\.name))
    }

    private static func spans(_ numbers: [Int], width: Int) -> String {
        var texts: [String] = []
        var rest = numbers.sorted()[...]
        while let first = rest.popFirst() {
            var last = first
            while rest.first == last + 1 { last = rest.removeFirst() }
            let start = padded(first, width: width)
            texts.append(last == first ? start : "\(start)-\(padded(last, width: width))")
        }
        return texts.joined(separator: ",")
    }

    /// A name with one of its numbers removed; names of one shape are folded together.
    private struct Shape: Hashable {
        var prefix: String
        var suffix: String
        /// Digits of numbers with zeros in front; 0 for plain numbers.
        var width: Int

        /// One shape for each number in the name, or two where `10` may be plain or go with `09`.
        static func all(of name: String) -> [Shape] {
            // Names with brackets or commas could not be parsed again, and the words of IPv6 addresses are not
            // decimal.
            guard !name.utf8.contains(where: { "[],:".utf8.contains($0) }) else { return [] }
            let bytes = Array(name.utf8)
            var shapes: [Shape] = []
            var start = 0
            while start < bytes.count {
                guard isDigit(bytes[start]) else {
                    start += 1
                    continue
                }
                let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
                let width = end - start
                if width <= 9 {
                    let prefix = String(decoding: bytes[..<start], as: UTF8.self)
                    let suffix = String(decoding: bytes[end...], as: UTF8.self)
                    let hasZero = width > 1 && bytes[start] == UInt8(ascii: "0")
                    if !hasZero { shapes.append(Shape(prefix: prefix, suffix: suffix, width: 0)) }
                    if width > 1 { shapes.append(Shape(prefix: prefix, suffix: suffix, width: width)) }
                }
                start = end
            }
            return shapes
        }

        func number(in name: String) -> Int {
            let digits = name.utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)
            return digits.reduce(0) { $0 * 10 + Int($1 & 15) }
        }

        private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    }
}

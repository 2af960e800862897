/// An IPv4 or IPv6 address as its bytes. Different spellings of one address are equal, and 203.0.113.5 is not a
/// prefix of 203.0.113.50.
package enum IPAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)

    package var isIPv6: Bool {
        if case .v6 = self { true } else { false }
    }

    package var isLinkLocal: Bool {
        switch self {
        case .v4(let value): value >> 16 == 0xA9FE
        case .v6(let high, _): high >> 54 == 0x3FA
        }
    }

    /// 32 or 128.
    package var bitWidth: Int { isIPv6 ? 128 : 32 }

    /// Reads dotted-quad IPv4, or IPv6 in any form of RFC 4291 section 2.2; no zone, no brackets, no prefix.
    ///
    /// Octets with leading zeros are refused: some resolvers read them as octal.
    package init?(_ text: some StringProtocol) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let words = Self.ipv6Words(text) else { return nil }
            self = .v6(high: Self.join(words[0..<4]), low: Self.join(words[4..<8]))
        } else {
            guard let value = Self.ipv4Value(text) else { return nil }
            self = .v4(value)
        }
    }

    private static func ipv4Value(_ text: some StringProtocol) -> UInt32? {
        let octets = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard octets.count == 4 else { return nil }
        var value: UInt32 = 0
        for octet in octets {
            guard (1...3).contains(octet.count), octet.count == 1 || octet.first != UInt8(ascii: "0") else {
                return nil
            }
            var number: UInt32 = 0
            for byte in octet {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                number = number * 10 + UInt32(byte - UInt8(ascii: "0"))
            }
            guard number <= 255 else { return nil }
            value = value << 8 | number
        }
        return value
    }

    private static func ipv6Words(_ text: some StringProtocol) -> [UInt16]? {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.count <= 9 else { return nil }
        var head: [UInt16] = []
        var tail: [UInt16] = []
        var gapSeen = false
        for (index, part) in parts.enumerated() {
            let isEdge = index == 0 || index == parts.count - 1
            if part.isEmpty {
                if isEdge {
                    // A leading or trailing colon is legal only as half of `::`.
                    let neighbour = index == 0 ? parts[1] : parts[parts.count - 2]
                    guard neighbour.isEmpty else { return nil }
                    continue
                }
                guard !gapSeen else { return nil }
                gapSeen = true
                continue
            }
            var words: [UInt16] = []
            if index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let value = ipv4Value(String(decoding: part, as: UTF8.self)) else { return nil }
                words = [UInt16(value >> 16), UInt16(truncatingIfNeeded: value)]
            } else {
                guard part.count <= 4, let word = UInt16(String(decoding: part, as: UTF8.self), radix: 16),
                    part.first != UInt8(ascii: "+")
                else { return nil }
                words = [word]
            }
            if gapSeen { tail += words } else { head += words }
        }
        let count = head.count + tail.count
        guard gapSeen ? count <= 7 : count == 8 else { return nil }
        return head + [UInt16](repeating: 0, count: 8 - count) + tail
    }

    private static func join(_ words: ArraySlice<UInt16>) -> UInt64 {
        words.reduce(0) { $0 << 16 | UInt64($1) }
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted quad, or the canonical form of RFC 5952.
    package var description: String {
        switch self {
        case .v4(let value):
            return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
        case .v6(let high, let low):
            let words = (0..<8).map { index in
                UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)))
            }
            guard let gap = Self.longestZeroRun(in: words) else {
                return words.map { String($0, radix: 16) }.joined(separator: ":")
            }
            let left = words[..<gap.lowerBound].map { String($0, radix: 16) }.joined(separator: ":")
            let right = words[gap.upperBound...].map { String($0, radix: 16) }.joined(separator: ":")
            return "\(left)::\(right)"
        }
    }

    /// The first of the longest runs of two or more zero words, the one that `::` stands for.
    private static func longestZeroRun(in words: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var index = 0
        while index < 8 {
            guard words[index] == 0 else {
                index += 1
                continue
            }
            let end = words[index...].firstIndex { $0 != 0 } ?? 8
            if end - index >= 2, end - index > best?.count ?? 0 { best = index..<end }
            index = end
        }
        return best
    }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, then by value.
    package static func < (left: IPAddress, right: IPAddress) -> Bool {
        switch (left, right) {
        case (.v4(let l), .v4(let r)): l < r
        case (.v4, .v6): true
        case (.v6, .v4): false
        case (.v6(let lh, let ll), .v6(let rh, let rl)): (lh, ll) < (rh, rl)
        }
    }
}

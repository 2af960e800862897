/// An interface address with its prefix length: `203.0.113.11/24`.
package struct CIDR: Hashable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    /// 0...32 or 0...128.
    package let prefixLength: Int

    package init?(_ address: IPAddress, prefixLength: Int) {
        guard (0...address.bitWidth).contains(prefixLength) else { return nil }
        self.address = address
        self.prefixLength = prefixLength
    }

    /// Reads `ADDRESS/LENGTH`; without a length it is /32 or /128, as in keepalived.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let address = IPAddress(first) else { return nil }
        guard parts.count == 2 else {
            self.init(address, prefixLength: address.bitWidth)
            return
        }
        guard parts[1].utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let length = Int(parts[1])
        else { return nil }
        self.init(address, prefixLength: length)
    }

    package var description: String { "\(address)/\(prefixLength)" }

    /// Whether `other` lies in this network; never across address families.
    package func contains(_ other: IPAddress) -> Bool {
        switch (address, other) {
        case (.v4(let mine), .v4(let theirs)):
            return prefixLength == 0 || (mine ^ theirs) >> UInt32(32 - prefixLength) == 0
        case (.v6(let mineHigh, let mineLow), .v6(let high, let low)):
            let highBits = min(prefixLength, 64)
            let lowBits = prefixLength - highBits
            return (highBits == 0 || (mineHigh ^ high) >> UInt64(64 - highBits) == 0)
                && (lowBits == 0 || (mineLow ^ low) >> UInt64(64 - lowBits) == 0)
        default:
            return false
        }
    }
}

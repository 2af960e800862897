/// A 48-bit link-layer address.
package struct MACAddress: Hashable, Sendable, CustomStringConvertible {
    package let value: UInt64

    /// Reads six hexadecimal octets between colons or hyphens; single digits (`0:c:29`) as some systems print them.
    package init?(_ text: some StringProtocol) {
        let octets = text.utf8.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "-")
        }
        guard octets.count == 6 else { return nil }
        var value: UInt64 = 0
        for octet in octets {
            guard (1...2).contains(octet.count), octet.first != UInt8(ascii: "+"),
                let byte = UInt8(String(decoding: octet, as: UTF8.self), radix: 16)
            else { return nil }
            value = value << 8 | UInt64(byte)
        }
        self.value = value
    }

    package var description: String {
        (0..<6).map { index in
            let octet = String(UInt8(truncatingIfNeeded: value >> UInt64(40 - 8 * index)), radix: 16)
            return octet.count == 1 ? "0" + octet : octet
        }.joined(separator: ":")
    }
}

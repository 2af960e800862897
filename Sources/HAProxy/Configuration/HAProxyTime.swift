/// A time as haproxy writes it: `30s`, `5m`, `100`; a number alone is milliseconds (configuration.txt, 2.5).
package struct HAProxyTime: Hashable, Sendable {
    package var milliseconds: Int

    /// `nil` for what is no time.
    package init?(_ text: String) {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty, digits.count < 12, let number = Int(String(Substring(digits))) else {
            return nil
        }
        switch text.dropFirst(digits.count) {
        case "", "ms": milliseconds = number
        case "us": milliseconds = number / 1000
        case "s": milliseconds = number * 1000
        case "m": milliseconds = number * 60_000
        case "h": milliseconds = number * 3_600_000
        case "d": milliseconds = number * 86_400_000
        default: return nil
        }
    }
}

/// A server of one of haproxy's backends: `web/web2`.
///
/// Both parts are names that haproxy accepts, so they are single words in a shell, in a command of its runtime socket and in a
/// line of a file.
package struct ServerName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let backend: String
    package let server: String

    /// - Returns: `nil` where haproxy knows no such name.
    package init?(backend: some StringProtocol, server: some StringProtocol) {
        guard Self.isName(backend), Self.isName(server) else { return nil }
        self.backend = String(backend)
        self.server = String(server)
    }

    package var description: String { "\(backend)/\(server)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.backend, left.server) < (right.backend, right.server)
    }

    /// Whether haproxy accepts the text as the name of a proxy or a server: letters, digits, `-`, `_`, `.` and `:`.
    package static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.count <= 200
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
                default: "-_.:".utf8.contains(byte)
                }
            }
    }
}

/// A weight that haproxy's runtime socket accepts: `50%` of the configured one, or a number from 0 to 256.
package struct ServerWeight: Hashable, Sendable, CustomStringConvertible {
    package let number: Int
    package let isRelative: Bool

    /// The weight that haproxy.cfg gives.
    package static let configured = ServerWeight(number: 100, isRelative: true)

    private init(number: Int, isRelative: Bool) {
        self.number = number
        self.isRelative = isRelative
    }

    /// - Returns: `nil` where haproxy would refuse it.
    package init?(_ text: some StringProtocol) {
        let isRelative = text.hasSuffix("%")
        let digits = isRelative ? text.dropLast() : text[...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(digits), number <= (isRelative ? 25600 : 256)
        else { return nil }
        self.init(number: number, isRelative: isRelative)
    }

    package var description: String { isRelative ? "\(number)%" : "\(number)" }

    /// The weight in force, as haproxy works it out: rounded down.
    ///
    /// - `configured`: the weight in haproxy.cfg.
    package func inForce(configured: Int) -> Int {
        isRelative ? min(256, configured.multipliedReportingOverflow(by: number).partialValue / 100) : number
    }
}

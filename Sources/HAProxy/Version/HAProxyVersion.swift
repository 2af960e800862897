/// A release of haproxy.
package struct HAProxyVersion: Hashable, Sendable {
    package var major: Int
    package var minor: Int
    package var patch: Int

    package init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads `2.6.12`, `v3.0` or `2.6.12-1+deb12u4`; what follows the numbers is ignored.
    package init?(_ text: some StringProtocol) {
        var rest = Array(text.utf8)[...]
        if rest.first == UInt8(ascii: "v") { rest.removeFirst() }
        var numbers: [Int] = []
        while numbers.count < 3 {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard !digits.isEmpty, digits.count < 5 else { break }
            numbers.append(digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
            rest = rest.dropFirst(digits.count)
            guard rest.first == UInt8(ascii: ".") else { break }
            rest.removeFirst()
        }
        guard numbers.count >= 2 else { return nil }
        self.init(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
    }

    /// The branch that it belongs to: `2.6`.
    package var branch: HAProxyVersion { HAProxyVersion(major, minor) }
    package var branchName: String { "\(major).\(minor)" }
}

extension HAProxyVersion: Comparable {
    package static func < (left: HAProxyVersion, right: HAProxyVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

extension HAProxyVersion: CustomStringConvertible {
    package var description: String { "\(major).\(minor).\(patch)" }
}

extension HAProxyVersion {
    /// The quarter until which a branch gets fixes, as `haproxy -v` of its last releases prints it; `nil` for a branch
    /// whose end is not known.
    package var endOfLife: Quarter? { Self.ends[branch] }

    /// A quarter of a year.
    package struct Quarter: Hashable, Sendable, Comparable, CustomStringConvertible {
        package var year: Int
        package var quarter: Int

        package init(_ year: Int, _ quarter: Int) {
            self.year = year
            self.quarter = quarter
        }

        package static func < (left: Quarter, right: Quarter) -> Bool {
            (left.year, left.quarter) < (right.year, right.quarter)
        }

        package var description: String { "Q\(quarter) \(year)" }
    }

    private static let ends: [HAProxyVersion: Quarter] = [
        Self(1, 8): Quarter(2022, 4), Self(1, 9): Quarter(2020, 2), Self(2, 0): Quarter(2024, 2),
        Self(2, 1): Quarter(2021, 1), Self(2, 2): Quarter(2025, 2), Self(2, 3): Quarter(2022, 1),
        Self(2, 4): Quarter(2026, 2), Self(2, 5): Quarter(2023, 1), Self(2, 6): Quarter(2027, 2),
        Self(2, 7): Quarter(2024, 1), Self(2, 8): Quarter(2028, 2), Self(2, 9): Quarter(2025, 1),
        Self(3, 0): Quarter(2029, 2), Self(3, 1): Quarter(2026, 1), Self(3, 2): Quarter(2030, 2),
        Self(3, 3): Quarter(2027, 1), Self(3, 4): Quarter(2031, 2),
    ]
}

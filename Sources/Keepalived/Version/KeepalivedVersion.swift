/// A release of keepalived, and what that release can do.
package struct KeepalivedVersion: Hashable, Sendable {
    package var major: Int
    package var minor: Int
    package var patch: Int

    package init(_ major: Int, _ minor: Int, _ patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// The version that is assumed for an unknown node: Debian 12's release, against which the facts were
    /// checked.
    package static let assumed = KeepalivedVersion(2, 2, 7)

    /// Reads `2.2.7`, `v2.2.7` or `2.2`; trailing text such as `-1ubuntu0.2` is ignored.
    package init?(_ text: some StringProtocol) {
        var rest = Array(text.utf8)[...]
        if rest.first == UInt8(ascii: "v") || rest.first == UInt8(ascii: "V") { rest.removeFirst() }
        var numbers: [Int] = []
        while numbers.count < 3 {
            let digits = rest.prefix { $0.isDigit }
            guard !digits.isEmpty, digits.count < 6 else { break }
            numbers.append(digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
            rest = rest.dropFirst(digits.count)
            guard rest.first == UInt8(ascii: ".") else { break }
            rest.removeFirst()
        }
        guard numbers.count >= 2 else { return nil }
        self.init(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
    }
}

extension KeepalivedVersion: Comparable {
    package static func < (left: KeepalivedVersion, right: KeepalivedVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

extension KeepalivedVersion: CustomStringConvertible {
    package var description: String { "\(major).\(minor).\(patch)" }
}

extension KeepalivedVersion {
    /// How this release's parser reads bytes (from lib/parser.c of the releases 1.2.1 to 2.4.3).
    package var dialect: Dialect {
        Dialect(
            commentsInsideWords: self >= Self(2, 0, 9), gluedBraces: self >= Self(1, 4, 2),
            conditions: self >= Self(1, 3, 0), negatedConditions: self >= Self(1, 3, 7),
            definitions: self >= Self(1, 4, 0), sequences: self >= Self(2, 0, 9),
            lists: self >= Self(2, 1, 0), includeVariants: self >= Self(2, 2, 0),
            reportsUnknownKeywords: self >= Self(1, 2, 20))
    }
}

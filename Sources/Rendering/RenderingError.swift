package import Inventory
package import Remote

/// All problems that prevent rendering a cluster's files.
package struct RenderingError: Error, Hashable, CustomStringConvertible {
    package enum Problem: Hashable, Sendable {
        /// A tag or section that names no value.
        case unknownTag(SourceLocation, tag: String, suggestion: String?)
        /// A tag that names a flag, a list or an object, which have no text.
        case noText(SourceLocation, tag: String, kind: String)
        /// A value that would break out of its line.
        case controlCharacter(SourceLocation, tag: String)
        case brokenTemplate(SourceLocation, String)
        case missingTemplate(String, at: SourceLocation?, suggestion: String?)
        case endlessTemplate(SourceLocation?)
        /// An unused file among the operator's templates whose name resembles a used one.
        case unusedTemplate(String, suggestion: String)
        /// The directory of the operator's templates, or a file in it, cannot be read.
        case unreadableTemplate(String)
        /// The line is longer than 1023 bytes: keepalived reads the rest as another line (lib/parser.c,
        /// `MAXBUF`).
        case lineTooLong(path: String, line: Int)
        /// The secret has no value.
        case missingSecret(String)
        /// keepalived would truncate the password or could not read it back. The password is not shown.
        case unusableAuthPass(String, reason: String)
        /// Unicast needs an address of each node, of the instance's family.
        case missingAddress(HostID, instance: String)
        /// The name becomes part of a path and of a keepalived word.
        case unusableName(String, what: String)
    }

    package var problems: [Problem]

    package init(_ problems: [Problem]) { self.problems = problems }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

extension RenderingError.Problem: CustomStringConvertible {
    /// Lower case, names in backticks, the hint on a line of its own.
    package var description: String {
        switch self {
        case .unknownTag(let location, let tag, let suggestion):
            "\(location): `\(tag)` names no value" + Self.hint(suggestion)
        case .noText(let location, let tag, let kind):
            "\(location): `\(tag)` names \(kind), which has no text\nhint: use a section around it"
        case .controlCharacter(let location, let tag):
            "\(location): the value of `\(tag)` holds a control character"
        case .brokenTemplate(let location, let cause):
            "\(location): \(cause)"
        case .missingTemplate(let name, let location, let suggestion):
            (location.map { "\($0): " } ?? "") + "no template is called `\(name)`" + Self.hint(suggestion)
        case .endlessTemplate(let location):
            (location.map { "\($0): " } ?? "") + "the template does not come to an end"
        case .unusedTemplate(let path, let suggestion):
            "`\(path)`: nothing is rendered from it" + Self.hint(suggestion)
        case .unreadableTemplate(let path):
            "`\(path)`: cannot be read\nhint: `templates` in the inventory names a directory beside it"
        case .lineTooLong(let path, let line):
            "`\(path)`: line \(line) would have more than 1023 bytes, which keepalived would read as two"
        case .missingSecret(let name):
            "the secret `\(name)` has no value"
        case .unusableAuthPass(let name, let reason):
            "the secret `\(name)` cannot be an auth_pass: \(reason)"
        case .missingAddress(let node, let instance):
            "`\(node)`: unicast adverts of `\(instance)` need an address of the node in the family of its addresses"
                + "\nhint: write `address` as an address, not as a name"
        case .unusableName(let name, let what):
            "\(what) `\(name)`: only letters, digits, `_`, `-` and `.` can be used"
        }
    }

    private static func hint(_ suggestion: String?) -> String {
        suggestion.map { "\nhint: did you mean `\($0)`?" } ?? ""
    }
}

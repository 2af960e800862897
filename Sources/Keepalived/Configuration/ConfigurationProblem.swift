/// A value that keepalived refuses, changes or ignores, found while interpreting the statements.
package struct ConfigurationProblem: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// keepalived ends at once: `*** Configuration line starting … is missing a parameter`.
        case missingArgument
        case notANumber
        case outOfRange
        /// A word that the keyword does not accept.
        case unknownValue
        case invalidAddress
        case familyMismatch
        /// A block without its required name, or with more words than a name; keepalived skips it.
        case nameMissing
        /// The name is taken; this block is skipped.
        case duplicateName
        /// The keyword is a duplicate, and only the first one counts.
        case duplicateKeyword
        /// The same tracked object twice in one list.
        case duplicateEntry
        case unknownOption
        case missingOptionValue
        /// A name that is not defined before this point of the file.
        case notFound
        case tooLong
        /// Words that keepalived reads past.
        case wordsIgnored
        /// A value that contradicts another one, so keepalived replaces it.
        case reset
        /// keepalived accepts it, but recommends a newer keyword.
        case deprecated
        /// Something required is missing, so the daemon refuses to run.
        case required
        case unused
    }

    package var kind: Kind
    /// The instance, script or group concerned; empty for global definitions.
    package var owner: String
    package var keyword: String
    /// The offending text as written, when there is one. Never a password.
    package var text: String
    package var location: ConfigurationLocation
    /// What keepalived does about it, as half a sentence: "the default 100 is used".
    package var consequence: String

    package init(
        _ kind: Kind, owner: String, keyword: String, text: String = "", at location: ConfigurationLocation,
        consequence: String
    ) {
        self.kind = kind
        self.owner = owner
        self.keyword = keyword
        self.text = text
        self.location = location
        self.consequence = consequence
    }
}

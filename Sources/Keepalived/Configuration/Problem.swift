/// A value that keepalived refuses, changes or ignores, found while the statements were given their meaning.
package struct Problem: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// keepalived ends at once: `*** Configuration line starting … is missing a parameter`.
        case missingArgument
        case notANumber
        case outOfRange
        /// A word that is none of those the keyword takes.
        case unknownValue
        case invalidAddress
        case familyMismatch
        /// A block without the name that it needs, or with more than a name; it is skipped.
        case nameMissing
        /// The name is taken; this block is skipped.
        case duplicateName
        /// The keyword stood here before and only the first counts.
        case duplicateKeyword
        /// The same tracked object twice in one list.
        case duplicateEntry
        case unknownOption
        case missingOptionValue
        /// A name that nothing defines at this point of the file.
        case notFound
        case tooLong
        /// Words that keepalived reads past.
        case wordsIgnored
        /// A value that contradicts another one, so keepalived puts another in its place.
        case reset
        /// keepalived takes it but asks for something newer.
        case deprecated
        /// Something required is not there, so the daemon refuses to run.
        case required
        case unused
    }

    package var kind: Kind
    /// The instance, script or group concerned; empty for global definitions.
    package var owner: String
    package var keyword: String
    /// The offending text as written, when there is one. Never a password.
    package var text: String
    package var location: SourceLocation
    /// What keepalived does about it, as half a sentence: "the default 100 is used".
    package var consequence: String

    package init(
        _ kind: Kind, owner: String, keyword: String, text: String = "", at location: SourceLocation,
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

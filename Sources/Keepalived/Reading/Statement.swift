/// One word of a statement, after conditions, definitions and quotes are resolved.
package struct Word: Hashable, Sendable {
    package var text: String
    package var location: ConfigurationLocation
    package var isQuoted: Bool

    package init(_ text: String, at location: ConfigurationLocation, isQuoted: Bool = false) {
        self.text = text
        self.location = location
        self.isQuoted = isQuoted
    }
}

/// A keyword with its words and its block, as keepalived processes it.
package struct Statement: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// A keyword that this keepalived version knows.
        case keyword
        /// A line of a value block, such as an address.
        case value
        /// A keyword that this version reports and skips.
        case unknown
    }

    package var kind: Kind
    /// At least one word; the first is the keyword.
    package var words: [Word]
    /// The statements between the braces; `nil` when the keyword takes no block.
    package var block: [Statement]?
    /// The words of a script line, split as a shell would; see lib/parser.c `alloc_strvec_quoted_escaped`.
    package var scriptWords: [Word]?
    /// The place of the block's `}`.
    package var end: ConfigurationLocation?

    package var keyword: String { words.first?.text ?? "" }
    package var arguments: ArraySlice<Word> { words.dropFirst() }
    package var location: ConfigurationLocation {
        words.first?.location ?? ConfigurationLocation(file: "", line: 1, column: 1)
    }
}

/// A problem of the text itself that keepalived reports, or that it silently treats differently than written.
package struct Diagnostic: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case byteOrderMark
        /// A line longer than keepalived's buffer: the rest is read as a line of its own.
        case lineTooLong
        case unterminatedQuote
        case unknownKeyword(String)
        /// A keyword that is known only from `since`, or only up to `until`.
        case keywordOfOtherVersion(String, since: String, until: String?)
        case unexpectedOpenBrace
        case missingOpenBrace
        case extraCloseBrace
        case missingCloseBraces(Int)
        case blockHasExtraWords(String)
        case includeMissing(String)
        case includeNotRegular(String)
        case includeTooDeep(String)
        case invalidRepetition(String)
        case undefinedReference(String)
        /// A definition that refers to itself: keepalived would read it for ever.
        case endlessDefinition(String)
        case expansionTooLong
        case tooLarge
    }

    package var kind: Kind
    package var location: ConfigurationLocation
    /// The blocks around an unknown keyword by the text's braces, the outermost first.
    package var blocks: [String]
    /// The unknown block keyword that causes this diagnostic.
    package var cause: ConfigurationLocation?

    package init(
        _ kind: Kind, at location: ConfigurationLocation, in blocks: [String] = [],
        following cause: ConfigurationLocation? = nil
    ) {
        self.kind = kind
        self.location = location
        self.blocks = blocks
        self.cause = cause
    }
}

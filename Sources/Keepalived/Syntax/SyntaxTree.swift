/// The syntax tree of one configuration file, which keeps every byte.
///
/// Tokens cover the file without gaps, so printing them reproduces the input. Nodes group the tokens into
/// statements, blocks and comments, in the order of the file. Conditions, definitions and includes are not
/// resolved here, but by ``ConfigurationReader``.
package struct SyntaxTree: Sendable {
    package struct Token: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            case byteOrderMark
            case space
            case lineEnd
            case comment
            case word
            /// A word between double quotes, the quotes included.
            case quoted
            case openBrace
            case closeBrace
            /// `@id` or `@^id` at the start of a line.
            case condition
            /// `$NAME=…` with all its continuation lines, each a token of its own.
            case definition
            /// `~SEQ(…)` or `~LST(…)`, without the text that it repeats.
            case repetition
        }

        package var kind: Kind
        package var range: Range<Int>
        package var line: Int
        package var column: Int
    }

    package struct Node: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            /// A keyword with its words; `hasBlock` tells whether braces follow.
            case statement
            case include
            case definition
            /// A comment, on a separate line or after a statement.
            case comment
            /// A `{` that belongs to no keyword.
            case strayOpen
            /// A `}` that closes nothing.
            case strayClose
        }

        package var kind: Kind
        /// The tokens of the statement itself, without those of its block.
        package var tokens: Range<Int>
        /// The node that contains this one; `nil` at the top level.
        package var parent: Int?
        /// The index after the last descendant.
        package var end: Int
        /// The token of the block's `{`, if the statement has one.
        package var openBrace: Int?
        /// The token of the block's `}`; `nil` with an `openBrace` means that it is missing.
        package var closeBrace: Int?
    }

    package let file: String
    package let source: [UInt8]
    package internal(set) var tokens: [Token]
    package internal(set) var nodes: [Node]
    private var replacements: [Int: [UInt8]] = [:]

    /// Reads any bytes; there is no input that fails.
    package init(file: String, source: [UInt8], dialect: Dialect = .current) {
        self.file = file
        self.source = source
        var lexer = SyntaxLexer(source, dialect: dialect)
        tokens = lexer.run()
        var builder = SyntaxTreeBuilder(tokens: tokens, source: source, dialect: dialect)
        nodes = builder.run()
    }

    /// The file's bytes, with all replacements so far.
    package func printed() -> [UInt8] {
        if replacements.isEmpty { return source }
        var result: [UInt8] = []
        result.reserveCapacity(source.count)
        for (index, token) in tokens.enumerated() {
            if let replacement = replacements[index] {
                result += replacement
            } else {
                result += source[token.range]
            }
        }
        return result
    }

    /// Replaces the bytes of one token; everything else stays as it is.
    package mutating func replaceToken(_ index: Int, with bytes: [UInt8]) {
        replacements[index] = bytes
    }

    package func text(of token: Int) -> String { source[tokens[token].range].configurationText }

    package func location(ofToken index: Int) -> ConfigurationLocation {
        ConfigurationLocation(file: file, line: tokens[index].line, column: tokens[index].column)
    }

    package func location(of node: Node) -> ConfigurationLocation {
        location(ofToken: node.tokens.lowerBound)
    }

    /// The words of a statement, as written: quotes kept, comments left out.
    package func words(of node: Node) -> [Int] {
        node.tokens.filter { tokens[$0].kind == .word || tokens[$0].kind == .quoted }
    }

    /// The nodes directly below `parent`, or those of the top level.
    package func children(of parent: Int?) -> [Int] {
        var result: [Int] = []
        var index = parent.map { $0 + 1 } ?? 0
        let end = parent.map { nodes[$0].end } ?? nodes.count
        while index < end {
            result.append(index)
            index = nodes[index].end
        }
        return result
    }
}

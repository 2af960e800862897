extension HAProxyFile {
    /// One line of the file, divided into pieces that cover all of its bytes.
    package struct Line: Hashable, Sendable {
        package enum Modifier: String, Sendable { case no, `default` }

        package struct Piece: Hashable, Sendable {
            package enum Kind: Sendable { case blank, word, comment, lineEnd }

            package var kind: Kind
            /// The range in the file's bytes.
            package var range: Range<Int>
        }

        /// Why haproxy cannot divide a line into words, for which it refuses the file (tools.c, `parse_line`).
        package enum Flaw: Hashable, Sendable {
            case openQuote
            /// `\x` without two hexadecimal digits.
            case hexadecimal
            /// `${` without `}`.
            case openBrace
            /// `$` before something that is no name, between double quotes.
            case variableName
            /// `${X[` without `*]`.
            case wordExpansion
        }

        /// From 1.
        package internal(set) var number: Int
        package internal(set) var pieces: [Piece] = []
        package internal(set) var words: [Word] = []
        /// The first flaw, and its column.
        package internal(set) var flaw: (kind: Flaw, column: Int)? {
            get { flawKind.map { ($0, flawColumn) } }
            set { (flawKind, flawColumn) = (newValue?.kind, newValue?.column ?? 0) }
        }
        private var flawKind: Flaw?
        private var flawColumn = 0

        init(number: Int) { self.number = number }

        /// Whether the line has an unclosed quote, for which haproxy refuses the file.
        package var hasOpenQuote: Bool { flawKind == .openQuote }

        /// `no` or `default` before the keyword (configuration.txt, 4.2: "no option httplog").
        package var modifier: Modifier? {
            words.count > 1 ? words.first.flatMap { Modifier(rawValue: $0.value) } : nil
        }

        /// The keyword, after a ``modifier``.
        package var keyword: String { words.dropFirst(modifier == nil ? 0 : 1).first?.value ?? "" }

        /// The words after the keyword.
        package var arguments: ArraySlice<Word> { words.dropFirst(modifier == nil ? 1 : 2) }

        /// The words as written, separated by single blanks, without indentation and comment.
        package var text: String { words.map(\.source).joined(separator: " ") }

        /// `.if`, `.else`, `.endif`, `.notice`…: processed before sections (configuration.txt, 2.4).
        package var isDirective: Bool { words.first?.source.hasPrefix(".") == true }

        /// Whether a word of the line has variables.
        package var hasVariables: Bool { words.contains(where: \.hasVariables) }
    }

    /// A word of a line, quotes and escapes resolved (configuration.txt, 2.2).
    package struct Word: Hashable, Sendable {
        /// The value as haproxy reads it. Variables whose value is not known are in it as they are written.
        package internal(set) var value: String
        /// As written.
        package internal(set) var source: String
        /// In bytes, from 1.
        package internal(set) var column: Int
        /// Whether ``value`` has variables in it whose value is not known.
        package internal(set) var hasVariables = false
    }
}

extension HAProxyFile.Line.Flaw: CustomStringConvertible {
    package var description: String {
        switch self {
        case .openQuote: "a quote is not closed"
        case .hexadecimal: "`\\x` needs two hexadecimal digits"
        case .openBrace: "the brace of a variable is not closed"
        case .variableName: "the name of a variable begins with a letter, `_` or `.`"
        case .wordExpansion: "only `[*]` may follow the name of a variable"
        }
    }
}

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

        /// From 1.
        package internal(set) var number: Int
        package internal(set) var pieces: [Piece] = []
        package internal(set) var words: [Word] = []
        /// Whether the line has an unclosed quote, for which haproxy refuses the file.
        package internal(set) var hasOpenQuote = false

        init(number: Int) { self.number = number }

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
    }

    /// A word of a line, quotes and escapes resolved (configuration.txt, 2.2).
    package struct Word: Hashable, Sendable {
        /// The value as haproxy reads it; environment variables are not expanded.
        package internal(set) var value: String
        /// As written.
        package internal(set) var source: String
        /// In bytes, from 1.
        package internal(set) var column: Int
        /// Whether haproxy expands environment variables in the word, which ``value`` does not contain.
        package internal(set) var hasVariables = false
    }
}

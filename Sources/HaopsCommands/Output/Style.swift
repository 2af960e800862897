import Glibc

/// Colours and the width of the output. A colour never carries information that the words do not.
struct Style: Sendable {
    var isColored: Bool
    /// Columns of the terminal; `nil` without one. Lines are not wrapped then, because scripts read them.
    var width: Int?

    enum Tone: String, CaseIterable, Sendable {
        case good = "32"
        case bad = "1;31"
        case warning = "33"
        case faint = "2"
        case strong = "1"
        case added = "0;32"
        case removed = "0;31"
    }

    func callAsFunction(_ tone: Tone?, _ text: String) -> String {
        guard isColored, let tone, !text.isEmpty else { return text }
        return tone.sequence + text + Self.end
    }

    private static let end = "\u{1b}[0m"

    /// All control sequences that a style writes.
    static let sequences = Tone.allCases.map(\.sequence) + [end]

    /// The width of a terminal in columns; 80 for one that does not report it, such as a serial console.
    static func width(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}

extension Style.Tone {
    var sequence: String { "\u{1b}[\(rawValue)m" }
}

/// Reads environment variables.
enum Environment {
    static subscript(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}

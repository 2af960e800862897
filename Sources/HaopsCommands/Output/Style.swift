import ArgumentParser
import Glibc

/// When to colour: the operator's word, `NO_COLOR` (no-color.org), `CLICOLOR_FORCE`, and whether it is a terminal.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    case auto, always, never

    func style(for descriptor: Int32) -> Style {
        switch self {
        case .always: return Style(isColored: true)
        case .never: return Style(isColored: false)
        case .auto:
            if Environment["NO_COLOR"]?.isEmpty == false { return Style(isColored: false) }
            if let force = Environment["CLICOLOR_FORCE"], force != "0" { return Style(isColored: true) }
            return Style(isColored: isatty(descriptor) == 1 && Environment["TERM"] != "dumb")
        }
    }
}

/// Colours for what matters. A colour never carries a meaning that the words do not.
struct Style: Sendable {
    var isColored: Bool

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

    /// Everything that a style writes beside words.
    static let sequences = Tone.allCases.map(\.sequence) + [end]
}

extension Style.Tone {
    fileprivate var sequence: String { "\u{1b}[\(rawValue)m" }
}

/// The environment, read once for each question.
enum Environment {
    static subscript(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}

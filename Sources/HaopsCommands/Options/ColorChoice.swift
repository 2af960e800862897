import ArgumentParser
import Glibc

/// When to colour output. `--color` decides first, then `NO_COLOR` (no-color.org), `CLICOLOR_FORCE`, and whether
/// the output is a terminal.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    case auto, always, never

    func style(for descriptor: Int32) -> Style {
        Style(isColored: isColored(on: descriptor), width: Style.width(of: descriptor))
    }

    private func isColored(on descriptor: Int32) -> Bool {
        switch self {
        case .always: return true
        case .never: return false
        case .auto:
            if Environment["NO_COLOR"]?.isEmpty == false { return false }
            if Environment["TERM"] == "dumb" { return false }
            if let force = Environment["CLICOLOR_FORCE"], force != "0" { return true }
            return isatty(descriptor) == 1
        }
    }
}

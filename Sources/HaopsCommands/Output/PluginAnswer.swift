import Inventory
import Remote

/// A monitoring plugin's answer: `STATE - message | perfdata` on one line, and the state as exit code.
struct PluginAnswer: Sendable {
    /// The state; its raw value is the exit code.
    enum State: Int32, Sendable {
        case ok = 0
        case warning, critical, unknown

        var word: String { "\(self)".uppercased() }
    }

    var state: State
    var message: String
    /// `name=value`, with blanks between.
    var performance: String?

    init(_ state: State, _ message: String, performance: String? = nil) {
        self.state = state
        self.message = message
        self.performance = performance
    }

    /// An UNKNOWN answer for an error.
    init(_ error: any Error) { self.init(.unknown, Self.words(for: error)) }

    var line: String {
        // A monitor takes the text after a bar for performance data.
        let text = message.safeOnOneLine.replacing("|", with: "/")
        return "HAOPS \(state.word) - \(text)\(performance.map { " | \($0)" } ?? "")\n"
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let failure as Failure: return failure.message
        case let error as InventoryError:
            let first = error.diagnostics.first?.rendered(from: error.text).first
            let more = error.diagnostics.count > 1 ? " (and \(error.diagnostics.count - 1) more)" : ""
            return (first?.pieces.map(\.text).joined() ?? "the inventory cannot be read") + more
        case let error as RemoteError: return error.description
        case let error as InterruptedQuestion: return "interrupted: \(error.sentence)"
        case is CancellationError: return "interrupted"
        default: return "\(error)"
        }
    }
}

import ArgumentParser
import Glibc

/// Options that decide how a verb writes to its two streams.
protocol ConsoleOptions: ParsableArguments, Sendable {
    var console: Console { get }
}

/// `--color`, `-q` and `-v`, the same for every verb.
struct DisplayOptions: ConsoleOptions {
    @Option(
        name: .customLong("color"), help: "When to colour; by default on a terminal. NO_COLOR is honoured.")
    var givenColor: ColorChoice?

    @Flag(name: .shortAndLong, help: "The answer only: no progress, no remarks.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say what is done on the way.")
    var verbose = false

    var color: ColorChoice {
        givenColor ?? Settings.current.text(.color).flatMap { ColorChoice(rawValue: $0) } ?? .auto
    }

    var console: Console {
        Console(
            out: color.style(for: STDOUT_FILENO), err: color.style(for: STDERR_FILENO), isQuiet: quiet,
            isVerbose: verbose,
            isInteractive: isatty(STDERR_FILENO) == 1 && Environment["TERM"] != "dumb" && !quiet)
    }
}

/// `-o` and ``DisplayOptions``, for every verb that prints an answer.
struct OutputOptions: ConsoleOptions {
    /// How an answer is written; ``Report/print(_:on:)`` writes it.
    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case table, json, yaml, tsv

        /// Whether people read it. A program reads everything else, and gets nothing but the answer.
        var isForPeople: Bool {
            switch self {
            case .table: true
            case .json, .yaml, .tsv: false
            }
        }

        /// Whether it has all members of an ``OutputDocument``, not only the rows of its table.
        var isDocument: Bool {
            switch self {
            case .json, .yaml: true
            case .table, .tsv: false
            }
        }
    }

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "How to print the answer; by default as a table.")
    var givenOutput: Format?

    @OptionGroup var display: DisplayOptions

    var verbose: Bool { display.verbose }
    var console: Console { display.console }

    var output: Format {
        givenOutput ?? Settings.current.text(.output).flatMap { Format(rawValue: $0) } ?? .table
    }
}

extension Console {
    /// The console for errors that occur before the options are parsed.
    static var beforeOptions: Console {
        let color = ColorChoice.auto
        return Console(
            out: color.style(for: STDOUT_FILENO), err: color.style(for: STDERR_FILENO), isQuiet: false,
            isVerbose: false, isInteractive: false)
    }
}

import ArgumentParser
import FoundationEssentials
import Glibc
import Remote

/// What an operator may have meant by a command line that cannot be parsed.
struct CommandLineHint {
    /// The words of the command line without the program's name.
    private let arguments: [String]

    init(for arguments: [String]) { self.arguments = arguments }

    /// The hint for what the parser complains of; `nil` when the parser's own words must suffice.
    func text(after complaint: String) -> String? {
        guard let verb = arguments.first else { return nil }
        if verb == "exec" { return arguments.contains("--") ? nil : separator }
        guard let word = Self.quoted(in: complaint), complaint.hasPrefix("Error: Unexpected argument '"),
            Self.hasInventory(verb)
        else { return nil }
        return Self.isLikelyFile(word)
            ? "-i names the inventory: haops \(verb) -i \(Self.typed(word))"
            : "-c names clusters, -l names nodes, and -i names the inventory"
    }

    /// The command of `exec` goes behind `--`.
    private var separator: String {
        let words = arguments.dropFirst()
        let isCommand = words.first.map { !$0.hasPrefix("-") } ?? false
        let command = isCommand ? words.map(Self.typed).joined(separator: " ") : "uptime"
        return "put -- before the command: haops exec -- \(command)"
    }

    /// The word as an operator would type it.
    static func typed(_ word: String) -> String {
        let isPlain =
            !word.isEmpty && word.utf8.allSatisfy { isalnum(CInt($0)) != 0 || "-_./:=,@%+".utf8.contains($0) }
        return isPlain ? word : word.shellQuoted
    }

    /// The first word between apostrophes.
    private static func quoted(in complaint: String) -> String? {
        let parts = complaint.split(separator: "'", omittingEmptySubsequences: false)
        return parts.count > 2 ? String(parts[1]) : nil
    }

    private static func isLikelyFile(_ word: String) -> Bool {
        word.contains("/") || word.hasSuffix(".yaml") || word.hasSuffix(".yml")
            || FileManager.default.fileExists(atPath: word)
    }

    /// Whether the verb takes an inventory.
    private static func hasInventory(_ verb: String) -> Bool {
        let command = Haops.configuration.groupedSubcommands.flatMap(\.subcommands).first {
            ($0.configuration.commandName ?? "\($0)".lowercased()) == verb
        }
        return command.map { Haops.helpMessage(for: $0).contains("--inventory <file>") } ?? false
    }
}

package import ArgumentParser
import Glibc
import Inventory

/// The whole command line.
package struct Haops: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "haops",
        abstract: "One owner for every virtual IP, provably.",
        discussion: """
            haops renders, ships, restarts, checks and repairs fleets of keepalived + haproxy load balancers over SSH, \
            with nothing installed on the nodes.

            Start with `haops init`, or look at a fleet that exists: `haops who --nodes root@198.51.100.11,198.51.100.12`.

            Exit: \(HaopsExit.ofAll)
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Look:",
                subcommands: [
                    Who.self, Watch.self, Status.self, Backends.self, Doctor.self, Ready.self, Timeline.self,
                    History.self,
                    Collect.self,
                    Exec.self,
                ]),
            CommandGroup(
                name: "Prepare:",
                subcommands: [Init.self, Import.self, Check.self, Render.self, Lint.self, Config.self]),
            CommandGroup(
                name: "Change:",
                subcommands: [
                    Plan.self, Apply.self, Confirm.self, Rollback.self, Restart.self, Switchover.self,
                    Drain.self, Enable.self, Weight.self,
                    Drill.self, Fix.self,
                    Unlock.self,
                ]),
            CommandGroup(name: "About haops:", subcommands: [Schema.self]),
        ])

    package init() {}

    /// Runs the command line of this process and exits.
    package static func start() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let words = Array(arguments.prefix { $0 != "--" })
        let isPlugin = words.contains("--nagios")
        if isPlugin, let complaint = complaint(about: words) { await end(plugin: complaint) }
        if let word = unknownVerb(in: words) {
            let near = suggestion(for: word, among: verbs)
            Console.beforeOptions.error(
                "there is no verb `\(word)`",
                hint: near.map { "did you mean `haops \($0)`?" } ?? "haops --help lists them")
            await end(with: .usage)
        }
        do {
            let settings = try Settings.load()
            try await Settings.$current.withValue(settings) {
                var command = try parseAsRoot(arguments)
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            }
        } catch let error as ExitCode {
            // The verb has said why.
            exit(withError: error)
        } catch let error as InventoryError {
            if isPlugin { await end(plugin: "\(error)") }
            await end(with: explain(error, on: .beforeOptions))
        } catch let error as Failure {
            if isPlugin { await end(plugin: error.message) }
            await end(with: explain(error, on: .beforeOptions))
        } catch {
            await end(parsing: error, of: arguments)
        }
    }

    /// Ends with what the argument parser says: an answer such as a help text, or what is wrong with the command line.
    private static func end(parsing error: any Error, of arguments: [String]) async {
        let console = Console.beforeOptions
        guard exitCode(for: error) == .success else {
            let text = fullMessage(for: error, columns: console.err.width)
            let hint = CommandLineHint(for: arguments).text(after: text)
            console.stderrLine(HelpText(text).asError(console.err, hint: hint))
            return await end(with: .usage)
        }
        let text = HelpText(fullMessage(for: error, columns: console.out.width)).ownOptionsFirst
        console.sink(text.hasSuffix("\n") ? text : text + "\n", STDOUT_FILENO)
        await end(with: await cannotAnswer(on: console) ? .failed : .done)
    }

    private static func end(with code: HaopsExit) async {
        await OutputQueue.shared.flush()
        exit(withError: ExitCode(code.rawValue))
    }

    private static func end(plugin complaint: String) async {
        Console.beforeOptions.answer(PluginAnswer(.unknown, complaint).line)
        await OutputQueue.shared.flush()
        exit(withError: ExitCode(PluginAnswer.State.unknown.rawValue))
    }

    /// What is wrong with a command line; `nil` when nothing is.
    private static func complaint(about arguments: [String]) -> String? {
        do {
            _ = try parseAsRoot(arguments)
            return nil
        } catch {
            return exitCode(for: error) == .success ? nil : message(for: error)
        }
    }

    private static let verbs = configuration.groupedSubcommands.flatMap(\.subcommands).map {
        $0.configuration.commandName ?? "\($0)".lowercased()
    }

    /// The word that is to be a verb, or one that help is asked for, and is none.
    private static func unknownVerb(in words: [String]) -> String? {
        guard let first = words.first, !first.hasPrefix("-") else { return nil }
        guard first == "help" else { return verbs.contains(first) ? nil : first }
        return words.dropFirst().first { !$0.hasPrefix("-") && $0 != "help" && !verbs.contains($0) }
    }
}

/// The release, as `--version` prints it.
package enum Version {
    package static let text = "0.1.0"
}

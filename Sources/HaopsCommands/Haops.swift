package import ArgumentParser
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
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Look:",
                subcommands: [Who.self, Status.self, Doctor.self, History.self, Exec.self]),
            CommandGroup(
                name: "Prepare:", subcommands: [Init.self, Import.self, Check.self, Render.self, Lint.self]),
            CommandGroup(
                name: "Change:",
                subcommands: [
                    Plan.self, Apply.self, Rollback.self, Restart.self, Switchover.self, Fix.self,
                    Unlock.self,
                ]),
        ])

    package init() {}

    /// Runs the command line of this process and exits.
    package static func start() async {
        let words = CommandLine.arguments.dropFirst().prefix { $0 != "--" }
        if words.contains("--nagios"), let complaint = complaint(about: Array(words)) {
            Console.beforeOptions.answer(PluginAnswer(.unknown, complaint).line)
            await OutputQueue.shared.flush()
            exit(withError: ExitCode(PluginAnswer.State.unknown.rawValue))
        }
        if let word = CommandLine.arguments.dropFirst().first, let verb = misspelt(word) {
            Console.beforeOptions.error("there is no verb `\(word)`", hint: "did you mean `haops \(verb)`?")
            await OutputQueue.shared.flush()
            exit(withError: ExitCode(HaopsExit.usage.rawValue))
        }
        await Self.main()
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

    /// The verb that resembles a misspelt word; the argument parser does not suggest one.
    private static func misspelt(_ word: String) -> String? {
        let verbs = configuration.groupedSubcommands.flatMap(\.subcommands).map {
            $0.configuration.commandName ?? "\($0)".lowercased()
        }
        return verbs.contains(word) ? nil : suggestion(for: word, among: verbs)
    }
}

/// The release, as `--version` prints it.
package enum Version {
    package static let text = "0.1.0"
}

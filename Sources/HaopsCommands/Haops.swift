package import ArgumentParser

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
            CommandGroup(name: "Look:", subcommands: [Who.self, Status.self, Doctor.self, Exec.self]),
            CommandGroup(
                name: "Prepare:", subcommands: [Init.self, Import.self, Check.self, Render.self, Lint.self]),
            CommandGroup(
                name: "Change:",
                subcommands: [Plan.self, Apply.self, Rollback.self, Restart.self, Switchover.self, Fix.self]),
        ])

    package init() {}

    /// Runs the program's own arguments to their end.
    package static func start() async { await Self.main() }
}

/// The release, as `--version` prints it.
package enum Version {
    package static let text = "0.1.0"
}

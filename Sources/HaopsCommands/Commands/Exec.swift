import ArgumentParser
import Facts
import FoundationEssentials
import Inventory
import Remote
import Survey

struct Exec: ChangingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a command on many nodes; equal outputs are folded.",
        usage: "haops exec [<options>] -- <command> ...",
        discussion: """
            Observers are named with -l. Several words are passed as they are; a single word is a shell command line. Asks above 20 nodes. Where the \
            login is not root's, the command runs as root through sudo.

            What a node prints is kept up to \(Self.mostPerNode.briefBytes), and up to \(Self.mostOfAll.briefBytes) of all \
            nodes together. Beyond that haops cuts the output, stops waiting for the command, and says so.

            Exit: 0 every node exited 0, 1 some did not, 4 some did not answer, 6 some may or may not have run it, or \
            printed so much that their end was not waited for.
            """)

    /// The most bytes that are kept of one node's output.
    static let mostPerNode = Command.usualOutputLimit
    /// The most bytes that are kept of all outputs together, in equal parts. All are kept in memory because they
    /// are compared before any is shown.
    static let mostOfAll = 64 << 20

    @Argument(parsing: .postTerminator, help: "The command, behind `--`.")
    var command: [String] = []

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if command.isEmpty {
            throw ValidationError("there is no command to run")
        }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        let nodes = try fleetOptions.selected(console, observers: true).nodes
        let line = command.count == 1 ? command[0] : command.map(\.shellQuoted).joined(separator: " ")
        let folded = NodeRange.folded(nodes.map(\.id))
        let count = "\(nodes.count) node\(nodes.count == 1 ? "" : "s")"
        if nodes.count > 20 || consent.dryRun {
            console.show(consent, output) { style in
                Report(
                    command: "exec", ExecPlanDocument(wouldRun: line, on: nodes.map(\.id.name)),
                    text: "would run on \(count), \(style(.strong, folded)): \(line.safeOnOneLine)\n")
            }
            if consent.dryRun { return .done }
            try await consent.ask("Run it on \(count)?")
        }
        let shown = "`\(line.safeOnOneLine.prefix(60))`"
        let operation = "run \(shown)"
        let console = console.keepingOutOfEvents(shown, namedInstead: "the command")
        let results = try await withTransport(asksOnce: true) { transport in
            await SurveyContext(transport, connection, console).ask(
                nodes.map { connection.applied(to: $0.target) }, "running"
            ) { target in
                await transport.ask(
                    target,
                    Command(
                        line, operation: operation, changes: true,
                        outputLimit: min(Self.mostPerNode, Self.mostOfAll / max(1, nodes.count)),
                        overflow: .cuts))
            }
        }
        let outcomes = nodes.compactMap { node in results[node.id].map { (node.id, $0) } }
        report(outcomes, console).print(output.output, on: console)
        return exit(outcomes)
    }

    private func exit(_ outcomes: [(HostID, Result<CommandOutput, RemoteError>)]) -> HaopsExit {
        var exit = HaopsExit.done
        for (_, outcome) in outcomes {
            switch outcome {
            case .failure(let error) where !error.outcomeIsKnown: return .outcomeUnknown
            case .success(let output) where output.status.isUnknown: return .outcomeUnknown
            case .failure: exit = .unreachable
            case .success(let output) where !output.status.isSuccess: if exit == .done { exit = .failed }
            case .success: break
            }
        }
        return exit
    }

    private func report(_ outcomes: [(HostID, Result<CommandOutput, RemoteError>)], _ console: Console)
        -> Report
    {
        struct Answer: Hashable { var stdout, stderr: [UInt8]; var status: ExitStatus }
        var groups: [(answer: Answer, hosts: [HostID])] = []
        var index: [Answer: Int] = [:]
        for case (let host, .success(let output)) in outcomes {
            let answer = Answer(stdout: output.stdout, stderr: output.stderr, status: output.status)
            if let known = index[answer] {
                groups[known].hosts.append(host)
            } else {
                index[answer] = groups.count
                groups.append((answer, [host]))
            }
        }
        var text = ""
        for group in groups {
            let count = group.hosts.count > 1 ? " (\(group.hosts.count))" : ""
            let status = group.answer.status.isSuccess ? "" : console.out(.bad, " \(group.answer.status)")
            text +=
                console.out(.strong, NodeRange.folded(group.hosts)) + console.out(.faint, count) + status
                + "\n"
            for stream in [group.answer.stdout, group.answer.stderr] where !stream.isEmpty {
                let shown = String(decoding: stream, as: UTF8.self).safeForTerminal
                text += shown.hasSuffix("\n") ? shown : shown + "\n"
            }
        }
        return Report(command: "exec", ExecDocument(outcomes), text: text)
    }
}

extension ExitStatus {
    /// Whether the command's outcome is unknown, because haops stopped waiting for it.
    fileprivate var isUnknown: Bool {
        if case .cut = self { true } else { false }
    }
}

import ArgumentParser
import Checks
import Events
import Glibc
import Inventory
import Remote
import Survey

struct Watch: ConnectingCommand {
    static let configuration = CommandConfiguration(
        abstract: "What is happening: who owns what, live, and every change as it happens.",
        discussion: """
            Looks at the fleet once, as `who` does, and then listens to every node over one held session: its kernel's \
            addresses and links, the logs of keepalived and haproxy, and a sign of life each second. A change is shown \
            as soon as it is heard, a silent node within two seconds; what is not heard is unknown.

            On a terminal it is a screen: problems first, then the clusters, what happened below. Enter shows one \
            cluster, / filters, ? lists the keys, q quits. Elsewhere every change is a line, with -o json a document a line.

            --exec runs a program at every change, with the change as JSON on its standard input; at most \
            \(EventProgram.mostAtOnce) at once, for \(EventProgram.longest) s each. --until waits until every address \
            has a verdict, as `who --until` does. Changes nothing. docs/Watch.md has more.

            Exit: 0 it was quit, or the time was up, and every address was owned; or the gate opened; 4 somebody was not \
            heard, 5 the state was bad, 130 Ctrl-C.
            """)

    @Option(
        help: ArgumentHelp(
            "End when every address has this verdict: `owned`, `unowned` …; after 30 s, or the time of --timeout, anyway.",
            valueName: "verdict"))
    var until: VIPOwnership.Verdict?

    @Option(
        name: .customLong("exec"),
        help: ArgumentHelp(
            "Run this program at every change. It gets no arguments, and the change on its standard input.",
            valueName: "program"),
        completion: .file())
    var programName: String?

    @Flag(help: "Lines instead of the screen, also on a terminal.")
    var lines = false

    @Flag(
        help: """
            Do not ask for the addresses themselves: no ARP or neighbour discovery, no connection to a port. Then nobody \
            knows whether they answer.
            """)
    var noProbe = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if output.output == .yaml {
            throw ValidationError("watch prints lines, or with -o json a document a line")
        }
    }

    /// It ends by itself when the time is up.
    var timeLimit: Duration? { nil }

    private var gate: VerdictGate? { until.map { VerdictGate(verdict: $0) } }
    private var limit: Duration? { connection.timeLimit ?? (until == nil ? nil : VerdictGate.usualLimit) }

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet.reached(by: connection)
        let complaints = Complaints()
        let program = try programName.map { try EventProgram($0, complain: complaints.add) }
        var watch = FleetWatch(fleet: fleet)
        watch.probesAnswers = !noProbe
        let watching = watch
        return try await connection.withTransport(onlyLooks: true, holds: watch.heldSessions) { transport in
            var run = try await WatchRun(watching, over: transport, connection, console)
            (run.gate, run.limit, run.program) = (gate, limit, program)
            var model = run.model
            let end: WatchRun.End
            if !lines, output.output.isForPeople, TerminalSession.isPossible, let session = TerminalSession()
            {
                defer { session.close() }
                var face = ScreenFace(
                    session: session, complaints: complaints, isColored: console.out.isColored)
                end = await run.run(&model, on: &face, terminal: session.inputs)
            } else {
                var face = PlainFace(
                    lines: WatchLines(fleet: fleet, format: output.output, console: console),
                    complaints: complaints, console: console)
                end = await run.run(&model, on: &face)
            }
            for complaint in complaints.take() { console.warning(complaint) }
            return end.exit(model, gate: gate)
        }
    }
}

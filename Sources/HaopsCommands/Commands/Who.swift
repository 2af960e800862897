import Addresses
import ArgumentParser
import Checks
import Facts
import Glibc
import Inventory
import Remote
import Survey

struct Who: ConnectingCommand, PluginCommand {
    static let configuration = CommandConfiguration(
        abstract: "Who owns each virtual IP, and how sure that is.",
        discussion: """
            Asks every node for its kernel's addresses and its keepalived's role, and observers and peers for what \
            their neighbour tables say. keepalived itself is asked only where its journal, its kernel and its file leave a \
            doubt, because it logs each answer. Addresses are compared as addresses. A node that does not answer is unknown, \
            never "no VIP".

            With --until it asks again every second until every address is so, and at most for the time of --timeout: a gate \
            for scripts. It ends with 0 when they are, and else with 4 or 5. With --watch it listens to the nodes and prints \
            the table again whenever an address changes its owner or its state, until Ctrl-C or for the time of --timeout; \
            `haops watch` is the screen of it.

            Exit: 0 every VIP has exactly one owner, 4 somebody did not answer, 5 the state is bad, 64 a named address is \
            none of the chosen clusters'.
            """)

    @Argument(
        help: "Virtual IPs or host names of them; none means all.",
        completion: .custom { _, _, _ in InventoryCompletion.virtualAddresses() })
    var vips: [String] = []

    @Flag(help: "Answer as a monitoring plugin: one line, exit 0, 1, 2 or 3.")
    var nagios = false

    @Option(
        help: ArgumentHelp(
            "Ask again until every address has this verdict, for 30 s or the time of --timeout: `owned`, `unowned` …",
            valueName: "verdict"))
    var until: VIPOwnership.Verdict?

    @Flag(help: "Print the table again at every change, until Ctrl-C; with -o json a document a line.")
    var watch = false

    @OptionGroup(title: "What is asked") var probing: ProbingOptions
    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if until != nil, nagios { throw ValidationError("--nagios answers at once, and --until waits") }
        guard watch else { return }
        if nagios { throw ValidationError("--nagios answers at once, and --watch goes on") }
        if until != nil {
            throw ValidationError("--watch goes on: `haops watch --until` shows what it waits for")
        }
        guard output.output == .table || output.output == .json else {
            throw ValidationError("--watch prints tables, or with -o json a document a line")
        }
    }

    /// The wait ends by itself, and the question that is under way then still gets its answers.
    var timeLimit: Duration? {
        if watch { return nil }
        guard until != nil else { return connection.timeLimit }
        return longestWait + .seconds(30)
    }

    private var longestWait: Duration { connection.timeLimit ?? VerdictGate.usualLimit }

    private var gate: VerdictGate? { until.map { VerdictGate(verdict: $0) } }

    func perform(_ console: Console) async throws -> HaopsExit {
        if watch { return try await goOn(console) }
        let surveys = try await survey(console)
        let ownerships = surveys.flatMap(\.ownerships)
        if ownerships.isEmpty {
            let silent = surveys.contains { !$0.isComplete || !$0.saysWhatIsConfigured }
            console.warning(
                silent
                    ? "no node that answered reports a virtual IP"
                    : "no virtual IP is configured on these nodes",
                hint: "name one: haops who 203.0.113.50")
        }
        OwnershipReport(
            ownerships: ownerships, pending: PendingLines(surveys.flatMap(\.nodes)),
            keptServers: surveys.map { KeptServerLines($0) },
            isDetailed: output.verbose, onlyProblems: probing.problems,
            silent: surveys.reduce(0) { $0 + $1.silent }, namesAll: !vips.isEmpty
        ).report(style: console.out)
            .print(output.output, on: console)
        return exit(ownerships, surveys)
    }

    /// Prints the answer at every change, until the time is up.
    private func goOn(_ console: Console) async throws -> HaopsExit {
        var watch = FleetWatch(fleet: try fleetOptions.selected(console).fleet.reached(by: connection))
        watch.wanted = try await resolve(vips)
        watch.probesAnswers = probing.probes
        let watching = watch
        return try await connection.withTransport(onlyLooks: true, holds: watch.heldSessions) { transport in
            var run = try await WatchRun(watching, over: transport, connection, console)
            run.limit = connection.timeLimit
            var model = run.model
            var face = TableFace(
                console: console, format: output.output, isDetailed: output.verbose,
                onlyProblems: probing.problems, namesAll: !vips.isEmpty)
            return await run.run(&model, on: &face).exit(model, gate: nil)
        }
    }

    private func survey(_ console: Console) async throws -> [OwnershipSurvey.Outcome] {
        let fleet = try fleetOptions.selected(console).fleet
        let wanted = try await resolve(vips)
        let surveys = try await withTransport(asksOnce: !probing.probes && until == nil) { transport in
            var survey = OwnershipSurvey(fleet: fleet.reached(by: connection), wanted: wanted)
            survey.probesAnswers = probing.probes
            guard let gate else {
                return try await survey.take(in: SurveyContext(transport, connection, console))
            }
            return try await asking(survey, until: gate, by: transport, console)
        }
        let (unlisted, listed) = OwnershipSurvey.unlisted(among: wanted, in: surveys)
        if let stranger = unlisted.first { throw Self.refusal(of: stranger, listed, in: surveys) }
        return surveys
    }

    /// Asks until every address has this verdict, or the time is up.
    private func asking(
        _ survey: OwnershipSurvey, until gate: VerdictGate, by transport: any Transport,
        _ console: Console
    ) async throws -> [OwnershipSurvey.Outcome] {
        let deadline = ContinuousClock.now + longestWait
        var context = SurveyContext(transport, connection, console)
        var said: [String] = []
        while true {
            let outcomes = try await survey.take(in: context)
            let others = outcomes.flatMap(\.ownerships).filter { $0.verdict != gate.verdict }
            guard !isOpen(gate, outcomes), ContinuousClock.now + .seconds(1) < deadline else {
                return outcomes
            }
            // Why a node is silent is said once, and not every second.
            context = SurveyContext(transport, connection, console.muted)
            let state = others.prefix(4).map { "\($0.vip) is \($0.verdict.rawValue)" }
            if state != said {
                console.note(
                    "not yet: " + (state.isEmpty ? "no address is known" : state.joined(separator: ", ")))
                said = state
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// The error for an address that is no virtual one here: most often it is mistyped, or of another cluster.
    private static func refusal(
        of vip: IPAddress, _ listed: [IPAddress], in surveys: [OwnershipSurvey.Outcome]
    ) -> Failure {
        let clusters = surveys.map { "`\($0.cluster.name)`" }
        let place = clusters.count == 1 ? clusters[0] : "the \(clusters.count) chosen clusters"
        let known = listed.sorted().map(\.description)
        let near = suggestion(for: vip.description, among: known)
        return Failure(
            .usage, "\(vip) is not a virtual IP of \(place), and no node there has it",
            hint: near.map { "did you mean \($0)?" }
                ?? "there \(known.count == 1 ? "is" : "are") \(known.prefix(10).joined(separator: ", "))\(known.count > 10 ? " …" : "")"
        )
    }

    private func exit(_ ownerships: [VIPOwnership], _ surveys: [OwnershipSurvey.Outcome]) -> HaopsExit {
        guard let gate else {
            return HaopsExit(ownerships, isComplete: surveys.allSatisfy(\.isComplete))
        }
        return isOpen(gate, surveys) ? .done : gate.exit(ownerships)
    }

    /// Addresses that were named may be of one cluster alone.
    private func isOpen(_ gate: VerdictGate, _ surveys: [OwnershipSurvey.Outcome]) -> Bool {
        gate.isOpen(vips.isEmpty ? surveys.map(\.ownerships) : [surveys.flatMap(\.ownerships)])
    }

    func answerMonitor(_ console: Console) async throws -> PluginAnswer {
        let surveys = try await survey(console)
        return PluginAnswer.who(
            surveys.flatMap(\.ownerships), silent: surveys.reduce(0) { $0 + $1.silent },
            pending: PendingLines(surveys.flatMap(\.nodes)))
    }

    /// The addresses to report: a host name becomes all of its addresses.
    private func resolve(_ texts: [String]) async throws -> [IPAddress] {
        var addresses: [IPAddress] = []
        for text in texts {
            if let address = IPAddress(text) ?? CIDR(text)?.address {
                addresses.append(address)
                continue
            }
            // A resolver would take `203.0.113.050` for .40, and `50` for 0.0.0.50.
            var number = in_addr()
            guard unsafe inet_aton(text, &number) == 0, !text.allSatisfy({ $0 == "." || $0.isNumber }) else {
                throw Failure(
                    .usage,
                    "`\(text)` is not an address: write four numbers from 0 to 255, without leading zeros")
            }
            let found = await onOwnThread(abandoned: []) { HostNames.addresses(of: text) }
            try Task.checkCancellation()
            guard !found.isEmpty else {
                throw Failure(.usage, "`\(text)` is neither an address nor a host name that resolves")
            }
            addresses += found.filter { !addresses.contains($0) }
        }
        return addresses
    }
}

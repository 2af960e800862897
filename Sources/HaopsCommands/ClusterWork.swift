import Facts
import Glibc
import Inventory
import Remote
import Rendering
import Rollout
import Survey

/// What the verbs that change clusters share: the rendered sets, the engine, and one cluster after the other.
struct ClusterWork: Sendable {
    var fleet: Fleet
    var transport: any Transport
    var console: Console
    var connection: ConnectionFlags

    init(fleet: Fleet, connection: ConnectionFlags, transport: any Transport, console: Console) {
        self.fleet = fleet.reached(by: connection)
        self.connection = connection
        self.transport = transport
        self.console = console
    }

    var rollout: Rollout {
        Rollout(transport: transport, operator: .current, events: console.events)
    }

    /// What it takes to make every cluster as the inventory says. Changes nothing.
    ///
    /// - `chosen`: the nodes that may be changed; the others are looked at only.
    /// - Throws: everything that the inventory gets wrong, by itself or about these nodes.
    func plans(for chosen: [Node]) async throws -> [ClusterPlan] {
        let (fleet, console) = (fleet, console)
        let plan = try await rollout.plan(
            fleet, only: Set(chosen.map(\.id)), window: connection.parallel
        ) { families in
            try await RenderedFleet.make(fleet, families: families, console: console).clusters
        }
        for warning in plan.warnings { console.report(warning, from: fleet.text) }
        return plan.clusters
    }

    /// Asks something of every cluster, all at once.
    ///
    /// - Returns: in the inventory's order.
    func ofEachCluster<Value: Sendable>(
        _ work: @escaping @Sendable (Cluster) async throws(InterruptedQuestion) -> Value
    ) async throws(InterruptedQuestion) -> [Value] {
        let answers = await concurrently(fleet.clusters, window: connection.parallel) { cluster in
            await Result { () async throws(InterruptedQuestion) in try await work(cluster) }
        }
        var values: [Value] = []
        for answer in answers { values.append(try answer.get()) }
        return values
    }

    /// Shows plans, asks, carries them out one cluster after the other, and reports; a failure stops the rest.
    func conduct(
        _ plans: [ClusterPlan], command: String, consent: ConsentFlags, output: OutputOptions,
        acceptsProblems: Bool = false, hidesDiffs: Bool = false
    ) async throws -> HaopsExit {
        let shown = PlanReport(plans: plans, isDetailed: output.verbose, hidesDiffs: hidesDiffs)
        console.show(consent, output) { shown.report(command: command, style: $0) }
        if plans.contains(where: { !$0.unreachable.isEmpty }) {
            return notBegun(
                plans.map { ($0.cluster.name, $0.unreachable) }, command: command, consent, output)
        }
        if consent.dryRun { return .done }
        let pending = plans.filter { !$0.isEmpty }
        if !pending.isEmpty, pending.allSatisfy(\.obstacles.isEmpty) {
            try await consent.ask(
                "\(command.capitalizedFirst) this on \(pending.map(\.cluster.name).joined(separator: ", "))?")
        }
        var work = self
        work.console = console.hiding(plans.secrets)
        let rollout = work.rollout
        let exit = try await work.carryOut(
            plans.map { plan in
                (
                    plan.cluster.name,
                    { await rollout.carryOut(plan, interrupt: $0, acceptsProblems: acceptsProblems) }
                )
            }, command: command, output: output)
        if exit == .refused, !acceptsProblems, plans.contains(where: { !$0.problems.isEmpty }) {
            console.note(
                console.err(.strong, "hint:")
                    + " haops doctor names the cause of what is already wrong, haops fix ends it where that is safe; where this change is itself the cure, apply and restart take --accept-problems"
            )
        }
        return exit
    }

    /// One piece of work that changes a cluster, and the cluster's name.
    typealias Work = (cluster: String, run: @Sendable (Interrupt) async -> RolloutReport)

    /// Does one cluster after the other and reports; a failure stops the rest. Ctrl-C is looked at between steps.
    func carryOut(_ pieces: [Work], command: String, output: OutputOptions) async throws -> HaopsExit {
        let report = try await Interrupts.gracefully { interrupt in
            // A wish to stop that came before this was taken for one to end the question.
            try Task.checkCancellation()
            var result = RunReport(command: command, reports: [])
            var isStopped = false
            for piece in pieces {
                let report =
                    isStopped
                    ? RolloutReport(outcome: .notBegun)
                    : interrupt.isRequested
                        ? RolloutReport(outcome: .interrupted) : await piece.run(interrupt)
                result.reports.append((piece.cluster, report))
                if report.outcome.exitCode != 0 { isStopped = true }
            }
            return result
        }
        report.report(style: console.out).print(output.output, on: console)
        return report.exit
    }

    /// The end of a run that some nodes are silent for, by cluster: nothing was done, and that is said.
    func notBegun(
        _ silent: [(cluster: String, nodes: [HostID: RemoteError])], command: String, _ consent: ConsentFlags,
        _ output: OutputOptions
    ) -> HaopsExit {
        let errors = silent.map { $0.nodes.values.sorted { $0.host < $1.host } }
        if consent.dryRun {
            for error in errors.joined() { console.error(error.description, hint: error.hint) }
        } else {
            let reports = zip(silent, errors).map { cluster, errors in
                (cluster.cluster, RolloutReport(outcome: errors.isEmpty ? .notBegun : .unreachable(errors)))
            }
            RunReport(command: command, reports: reports).report(style: console.out).print(
                output.output, on: console)
        }
        return .unreachable
    }

    /// Clusters that were named on the command line, with what their nodes' own configurations say of them.
    func learningWhatIsMissing() async throws -> ClusterWork {
        var work = self
        for index in fleet.clusters.indices where fleet.clusters[index].keepalived == nil {
            work.fleet.clusters[index] = try await LearnedCluster.learn(
                fleet.clusters[index], in: SurveyContext(transport, connection, console))
        }
        return work
    }
}

extension Console {
    /// Shows what would be done, before anybody agrees to it.
    ///
    /// A program reads one document from standard output: the plan is that only when it is the answer. Else it stands
    /// beside the answer, for whoever has to agree to it, and for the log of a run that nobody watched.
    func show(_ consent: ConsentFlags, _ output: OutputOptions, _ report: (Style) -> Report) {
        if consent.dryRun || output.output == .table {
            report(out).print(output.output, on: self)
        } else {
            let text = report(err).text
            stderrLine(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        }
    }
}

extension [ClusterPlan] {
    /// Hides what is secret in the files that are to be written.
    fileprivate var secrets: SecretMask {
        flatMap(\.nodes).reduce(SecretMask()) { mask, node in
            let files = node.files.compactMap { file in file.contents.map { (file.path, $0) } }
            return mask.hiding(secretsOf: Dictionary(files) { $1 })
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension Fleet {
    /// The same fleet with the command line's word on how its machines are reached.
    func reached(by connection: ConnectionFlags) -> Fleet {
        var fleet = self
        for index in fleet.clusters.indices {
            for node in fleet.clusters[index].nodes.indices {
                fleet.clusters[index].nodes[node].target = connection.applied(
                    to: fleet.clusters[index].nodes[node].target)
            }
            for observer in fleet.clusters[index].observers.indices {
                fleet.clusters[index].observers[observer].target =
                    connection.applied(to: fleet.clusters[index].observers[observer].target)
            }
        }
        return fleet
    }
}

extension Operator {
    /// Who runs this program, for the nodes' locks and journals.
    static var current: Operator {
        var name = [CChar](repeating: 0, count: 256)
        let host =
            unsafe gethostname(&name, name.count - 1) == 0
            ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            : "localhost"
        let user =
            Environment["SUDO_USER"] ?? Environment["USER"] ?? Environment["LOGNAME"] ?? "uid\(getuid())"
        return Operator(name: "\(user)@\(host)", processID: getpid())
    }
}

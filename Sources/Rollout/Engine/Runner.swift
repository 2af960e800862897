import Addresses
import Checks
import Events
import Facts
import Inventory
import Keepalived
import Remote
import Rendering

/// Performs the actions of a ``RolloutState`` on real nodes and returns the result of each.
actor Runner {
    let plan: ClusterPlan
    private(set) var operations: NodeOperations
    /// Emits events without the secrets of the written files, because a daemon quotes the file that it rejects.
    let events: EventEmitter
    private let mask: SecretMask
    private let awaitsPeace: Bool
    /// The last observation before a change.
    private(set) var view = ClusterView(nodes: [:])
    /// Moves that this run has made by a handover file, and the override that each file had before.
    var overridden: [(move: RolloutState.Move, before: SwitchoverPlan.PriorityOverride)] = []
    var notes: [String] = []
    /// The owner of each instance when the run began.
    private(set) var owners: [String: HostID] = [:]
    /// Nodes whose rollback was postponed.
    var extended: Set<HostID> = []
    /// Whether the change waits for a person now.
    var isHeld = false
    /// Nodes whose change is confirmed, or may be: a node that was confirmed before its answer was lost does not roll back
    /// automatically any more.
    var maybeConfirmed: Set<HostID> = []

    /// - `awaitsPeace`: whether an initial problem gets the time of an election to end by itself.
    init(
        plan: ClusterPlan, operations: NodeOperations, events: EventEmitter, awaitsPeace: Bool = true
    ) {
        self.awaitsPeace = awaitsPeace
        self.plan = plan
        self.operations = operations
        let mask = SecretMask(secretsOf: [plan])
        self.mask = mask
        self.events = events.on(cluster: plan.cluster.name).rewording(mask.shown(sentence:))
    }

    var timing: RolloutTiming { operations.timing }
    var context: NodeScript.Context { operations.context }
    var clock: any Clock<Duration> { operations.clock }

    /// Runs the state machine to its end.
    func run(_ state: inout RolloutState, interrupt: Interrupt, lost: Interrupt) async -> RolloutOutcome {
        var action = state.begin()
        while true {
            if case .stop(let outcome) = action {
                guard outcome == .interrupted, lost.isRequested, !interrupt.isRequested else {
                    return outcome
                }
                return .failed(["the lock on a node was lost with its connection"])
            }
            let event = await perform(action, state)
            if interrupt.isRequested || lost.isRequested || Task.isCancelled { state.interrupt() }
            action = state.next(after: event)
        }
    }

    private func perform(_ action: RolloutState.Action, _ state: RolloutState) async -> RolloutState.Event {
        switch action {
        case .stage(let nodes): return await onAll(nodes, .stage) { await self.stage($0) }
        case .install(let nodes): return await onAll(nodes, .install) { await self.install($0) }
        case .validate(let nodes): return await onAll(nodes, .validate) { await self.validate($0) }
        case .look:
            view = await lookInPeace(state)
            if owners.isEmpty { owners = view.owners(in: plan.cluster).compactMapValues(\.self) }
            if operations.answerGate == nil {
                operations.answerGate = await operations.access.answerGate(for: plan.cluster)
            }
            return .saw(view)
        case .handOver(let node, let moves):
            return await reporting(node, .handOver) { await handOver(node, moves, state) }
        case .change(let node): return await reporting(node, .change) { await change(node) }
        case .reread(let node): return await reread(node)
        case .verify(let node):
            return await reporting(node, .verify) { await verify([node], state, disturbing: [node]) }
        case .verifyAll: return await reporting(nil, .verify) { await verify([], state) }
        case .extend(let nodes): return await extend(nodes)
        case .confirm(let nodes):
            let ends = await onEach(nodes, .confirm) { await self.confirm($0.node.id) }
            for (node, end) in ends where end.mayHaveSucceeded { maybeConfirmed.insert(node) }
            return .each(ends)
        case .hold(let nodes): return await hold(nodes)
        case .giveBack(let node, let moves):
            return await reporting(node, .giveBack) { await giveBack(node, moves, state) }
        case .restore(let node): return await reporting(node, .restore) { await restore(node) }
        case .awaitRevert(let node): return await reporting(node, .restore) { await awaitRevert(node) }
        case .verifyRestored(let node):
            // What goes back is to own one address each; whether that answers is no reason to stop a keepalived.
            let event = await reporting(node, .verify) {
                await verify([], state, disturbing: [node], asksAnswers: false)
            }
            return event.isSuccess ? event : await standDown(node, after: event)
        case .changeTogether(let nodes):
            return .each(await onEach(nodes, .change) { await self.changeToItsEnd($0) })
        case .verifyTogether(let nodes):
            return await reporting(nil, .verify) { await verify(nodes, state, disturbing: nodes) }
        case .restoreTogether(let nodes):
            return .each(await onEach(nodes, .restore) { await self.restoreInTheEnd($0.node.id) })
        case .clean:
            await clean(state)
            return .succeeded
        case .stop: return .succeeded
        }
    }

    // MARK: Reporting

    /// Runs a stage of the work and emits its beginning and end as events.
    func reporting(
        _ node: HostID?, _ stage: RunEvent.Stage, _ work: () async -> RolloutState.Event
    ) async -> RolloutState.Event {
        let begun = events.begin(
            stage, node: node, limit(of: stage).map { "at most \($0.components.seconds) s" } ?? "")
        let event = await work()
        begun.ends(with: event)
        return event
    }

    /// The time within which a stage ends, whatever happens; `nil` where it is not bounded as a whole.
    private func limit(of stage: RunEvent.Stage) -> Duration? {
        switch stage {
        case .change: timing.change
        case .verify: timing.settle + timing.elected
        case .handOver, .giveBack: timing.election + timing.change
        case .install: timing.install
        // A lost connection is tried once more.
        case .stage, .confirm, .hold, .clean, .standDown: timing.change * 2
        case .restore: (timing.change + timing.aside) * 2
        // The node ends a failure by itself.
        case .run, .ask, .cluster, .lock, .validate, .extend, .measure, .makeFailure, .endFailure,
            .setServers,
            .takeServersBack, .awaitSessions:
            nil
        }
    }

    /// Runs the same work on several nodes at once and returns each node's result.
    ///
    /// - `isReported`: whether the operator sees it.
    func onEach(
        _ nodes: [HostID], _ stage: RunEvent.Stage, isReported: Bool = true,
        _ work: @escaping @Sendable (NodePlan) async -> RolloutState.Event
    ) async -> [HostID: RolloutState.Event] {
        let plans = plan.nodes.filter { nodes.contains($0.node.id) }
        return await withTaskGroup(of: (HostID, RolloutState.Event).self) { group in
            for plan in plans {
                group.addTask {
                    guard isReported else { return (plan.node.id, await work(plan)) }
                    return (plan.node.id, await self.reporting(plan.node.id, stage) { await work(plan) })
                }
            }
            var events: [HostID: RolloutState.Event] = [:]
            for await (node, event) in group { events[node] = event }
            return events
        }
    }

    /// Runs the same work on several nodes at once and combines all failures in one event.
    private func onAll(
        _ nodes: [HostID], _ stage: RunEvent.Stage,
        _ work: @escaping @Sendable (NodePlan) async -> RolloutState.Event
    ) async -> RolloutState.Event {
        var failures: [String] = []
        var errors: [RemoteError] = []
        for event in await onEach(nodes, stage, work).values {
            switch event {
            case .succeeded, .saw, .each: break
            case .failed(let reasons), .failedHalfway(let reasons): failures += reasons
            case .unreachable(let some): errors += some
            case .unknown(let error): errors.append(error)
            }
        }
        if !failures.isEmpty { return .failed(failures.sorted() + errors.map(\.description)) }
        return errors.isEmpty ? .succeeded : .unreachable(errors.sorted { $0.host < $1.host })
    }

    func plan(of node: HostID) -> NodePlan {
        plan.nodes.first { $0.node.id == node }
            ?? NodePlan(node: Node(id: node, target: SSHTarget(id: node, host: node.name)))
    }

    // MARK: Before anything is changed

    private var stagedDirectory: String { NodePaths.stateDirectory + "/staged/\(context.run)" }

    private func stage(_ plan: NodePlan) async -> RolloutState.Event {
        let set = StagedSet(plan.files, directory: context.root + stagedDirectory)
        // The files need space for two staged copies (original and under test), the new files and the backup, with a
        // reserve.
        let need = set.bytes.count * 3 / 1024 + 1024
        return await operations.insist(
            plan.node, [.files, .arming, .stage],
            [
                ("UNDOES", plan.undoes ?? ""), ("INDEX", set.index), ("LIST", set.list),
                ("NEED", String(need)),
                (
                    "RUN_LASTS",
                    RolloutTiming.seconds(
                        timing.longest(
                            self.plan.nodes.count, installs: self.plan.nodes.contains { !$0.packages.isEmpty }
                        ))
                ),
            ], "stage",
            input: set.bytes)
    }

    private func install(_ plan: NodePlan) async -> RolloutState.Event {
        await operations.install(plan.packages, by: plan.packageManager ?? "", on: plan.node)
    }

    private func validate(_ plan: NodePlan) async -> RolloutState.Event {
        func path(_ role: DesiredFile.Role) -> String {
            plan.files.first { $0.role == role && $0.contents != nil && $0.kind != .notLoaded }?.path ?? ""
        }
        let keepalived = path(.keepalivedConfig)
        let haproxy = path(.haproxyConfig)
        return await operations.validate(
            plan.node, staged: (keepalived, haproxy), in: stagedDirectory,
            unmanaged: plan.unmanaged.filter { $0.daemon == .haproxy ? haproxy.isEmpty : keepalived.isEmpty })
    }

    // MARK: Node by node

    private func change(_ id: HostID) async -> RolloutState.Event {
        let plan = plan(of: id)
        let revert = revertScript(plan)
        let values = [
            ("SYSCTLS", plan.sysctls.map { "\($0.key) \($0.after)\n" }.joined()),
            ("FIREWALL", plan.firewall.commands.joined(separator: "\n")),
            ("ENABLE", plan.enable.joined(separator: " ")), ("DISABLE", plan.disable.joined(separator: " ")),
            ("HAPROXY_ACTION", plan.haproxy.rawValue), ("KEEPALIVED_ACTION", plan.keepalived.rawValue),
            ("REVERT_AFTER", RolloutTiming.seconds(timing.revertAfter)),
            ("REVERT_BYTES", String(revert.utf8.count)),
        ]
        let answer = await operations.ask(
            plan.node, [.files, .services, .arming, .activate], values, "change it", input: Array(revert.utf8)
        )
        switch answer {
        case .output(let output):
            let complaint = NodeOperations.complaint(plan.node, "change it", output)
            switch output.status {
            case .code(0): return .succeeded
            case .code(3): return .failed([complaint])
            default: return .failedHalfway([complaint])
            }
        case .event(let event): return event
        }
    }

    /// As ``change(_:)``; after a lost connection, it finds out how the change ended.
    private func changeToItsEnd(_ plan: NodePlan) async -> RolloutState.Event {
        let event = await change(plan.node.id)
        guard case .unknown = event else { return event }
        let end = await reread(plan.node.id)
        // The end is not known, but the change has begun.
        if case .unreachable = end { return event }
        return end
    }

    private func reread(_ id: HostID) async -> RolloutState.Event {
        let plan = plan(of: id)
        let deadline = clock.deadline(after: timing.change)
        events.emit(
            .change, .waits, node: id,
            "its word on how the change ended; at most \(timing.change.components.seconds) s")
        var lastEvent = RolloutState.Event.failed([])
        var sawNothing = false
        repeat {
            let answer = await operations.ask(
                plan.node, [.reread], [], "read how the change ended", changes: false)
            switch answer {
            case .output(let output):
                switch output.text.split(whereSeparator: \.isNewline).first {
                case "changed": return .succeeded
                case "refused": return .failed(["`\(id)`: the change did not begin"])
                // Asked twice, because the shell of the lost connection may be slower than this one.
                case "nothing" where sawNothing: return .failed(["`\(id)`: the change did not begin"])
                case "nothing": sawNothing = true
                case "restored": return .failedHalfway(["`\(id)`: the node rolled back automatically"])
                default: lastEvent = .failedHalfway(["`\(id)`: the change did not finish"])
                }
            case .event(let event): lastEvent = event
            }
            try? await clock.sleep(for: .seconds(1))
        } while !deadline.hasPassed()
        return lastEvent
    }

    /// Observes the cluster until it is healthy twice with the same owners, or until the time is up.
    ///
    /// - `changed`: nodes whose new configuration is in force but has not passed its gate yet.
    /// - `disturbed`: nodes whose daemons have just loaded a configuration.
    private func verify(
        _ changed: [HostID], _ state: RolloutState, disturbing disturbed: [HostID] = [],
        asksAnswers: Bool = true
    ) async -> RolloutState.Event {
        let plans = plan.nodes.filter { disturbed.contains($0.node.id) }
        var operations = operations
        if !asksAnswers { operations.answerGate = nil }
        return await operations.settle(
            plan.cluster, expecting: state.expected(with: changed),
            expectedAbsences: state.expectedAbsences(with: changed),
            baseline: state.baseline,
            disturbed: Dictionary(
                plans.map { ($0.node.id, Disturbance(keepalived: $0.keepalived, haproxy: $0.haproxy)) }
            ) { $1 },
            within: timing.settle + timing.elected,
            waiting: { events.emit(.verify, .waits, node: disturbed.count == 1 ? disturbed[0] : nil, $0) })
    }

    private func confirm(_ id: HostID) async -> RolloutState.Event {
        // From here on there is no automatic rollback, so logging in must work.
        await operations.insist(
            plan(of: id).node, [.files, .arming, .confirm], [], "confirm the change", anew: true)
    }

    /// An observation that first lets an election end, such as one caused by the handover of a dead run.
    private func lookInPeace(_ state: RolloutState) async -> ClusterView {
        let deadline = clock.deadline(after: awaitsPeace ? timing.peace : .zero)
        while true {
            let view = await operations.look(plan.cluster).excluding(state.expectedAbsences())
            let problems = view.problems(of: plan.cluster, expected: state.expected)
            if problems.allSatisfy(state.baseline.contains) || deadline.hasPassed() { return view }
            try? await clock.sleep(for: timing.poll)
        }
    }

    func note(_ said: [String], on node: Node) { notes += said.map { "`\(node.id)`: \($0)" } }

    private func clean(_ state: RolloutState) async {
        let unprobed = operations.answerGate?.unprobed.map(\.description) ?? []
        if state.summary == .done, !unprobed.isEmpty {
            notes.append(
                "whether \(unprobed.joined(separator: ", ")) answers was not probed: nobody else could ask")
        }
        let report = RolloutReport(outcome: state.summary, fates: state.fates)
        let event = await onAll(plan.nodes.map(\.node.id), .clean) { plan in
            var end = report.end(on: plan.node.id)
            end.why = end.why.map(self.mask.shown(sentence:))
            let (event, said) = await self.operations.finish(
                plan.node, end, hasJudged: state.hasJudged(plan.node.id))
            await self.note(said, on: plan.node)
            return event
        }
        if case .failed(let reasons) = event { notes += reasons }
        if case .unreachable(let errors) = event { notes += errors.map(\.description) }
    }
}

import Facts
import Inventory
import Remote

/// Performs the actions of a ``RolloutState`` on real nodes and says how each went.
actor Runner {
    private let plan: ClusterPlan
    private let transport: any Transport
    private let clock: any Clock<Duration>
    private let context: NodeScript.Context
    private let timing: RolloutTiming
    private let observer: any RolloutObserver
    private let viewer: ClusterViewer
    private var view = ClusterView(nodes: [:])
    /// Instances whose number in a track file this run has written, and where.
    private var lifted: [RolloutState.Move] = []
    private(set) var notes: [String] = []

    init(
        plan: ClusterPlan, transport: any Transport, clock: any Clock<Duration>, context: NodeScript.Context,
        timing: RolloutTiming, observer: any RolloutObserver
    ) {
        self.plan = plan
        self.transport = transport
        self.clock = clock
        self.context = context
        self.timing = timing
        self.observer = observer
        viewer = ClusterViewer(transport: transport, cluster: plan.cluster)
    }

    /// Runs the machine to its end.
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
            view = await viewer.look()
            return .saw(view)
        case .handOver(let node, let moves):
            return await told(node, .handOver) { await handOver(node, moves, state) }
        case .change(let node): return await told(node, .change) { await change(node) }
        case .reread(let node): return await reread(node)
        case .verify(let node):
            return await told(node, .verify) { await verify(expecting: state.expected(with: node), state) }
        case .confirm(let node): return await told(node, .confirm) { await confirm(node) }
        case .giveBack(let node, let moves):
            return await told(node, .giveBack) { await giveBack(node, moves, state) }
        case .restore(let node): return await told(node, .restore) { await restore(node) }
        case .awaitRevert(let node): return await told(node, .restore) { await awaitRevert(node) }
        case .verifyRestored(let node):
            return await told(node, .verify) { await verify(expecting: state.expected, state) }
        case .clean:
            await clean(state)
            return .succeeded
        case .stop: return .succeeded
        }
    }

    // MARK: Telling

    private func tell(_ node: HostID?, _ stage: RolloutEvent.Stage, _ phase: RolloutEvent.Phase) async {
        await observer.observe(RolloutEvent(node: node, stage: stage, phase: phase))
    }

    private func told(
        _ node: HostID, _ stage: RolloutEvent.Stage, _ work: () async -> RolloutState.Event
    ) async -> RolloutState.Event {
        await tell(node, stage, .begins)
        let event = await work()
        switch event {
        case .succeeded, .saw: await tell(node, stage, .ends)
        case .failed(let reasons), .failedHalfway(let reasons):
            await tell(node, stage, .fails(reasons.joined(separator: "; ")))
        case .unreachable(let errors):
            await tell(node, stage, .fails(errors.map(\.description).joined(separator: "; ")))
        case .unknown(let error): await tell(node, stage, .fails(error.description))
        }
        return event
    }

    /// The same work on several nodes at once; every node's trouble is in the event.
    private func onAll(
        _ nodes: [HostID], _ stage: RolloutEvent.Stage,
        _ work: @escaping @Sendable (NodePlan) async -> RolloutState.Event
    ) async -> RolloutState.Event {
        let plans = plan.nodes.filter { nodes.contains($0.node.id) }
        let events = await withTaskGroup(of: RolloutState.Event.self) { group in
            for plan in plans {
                group.addTask { await self.told(plan.node.id, stage) { await work(plan) } }
            }
            var events: [RolloutState.Event] = []
            for await event in group { events.append(event) }
            return events
        }
        var failures: [String] = []
        var errors: [RemoteError] = []
        for event in events {
            switch event {
            case .succeeded, .saw: break
            case .failed(let reasons), .failedHalfway(let reasons): failures += reasons
            case .unreachable(let some): errors += some
            case .unknown(let error): errors.append(error)
            }
        }
        if !failures.isEmpty { return .failed(failures.sorted() + errors.map(\.description)) }
        return errors.isEmpty ? .succeeded : .unreachable(errors.sorted { $0.host < $1.host })
    }

    // MARK: Commands

    /// What a script answered; a status other than 0 is an answer too.
    private enum Answer {
        case output(CommandOutput)
        case event(RolloutState.Event)
    }

    private func ask(
        _ node: Node, _ parts: [NodeScript.Part], _ values: [(name: String, value: String)] = [],
        _ operation: String, input: [UInt8] = [], changes: Bool = true, timeout: Duration? = nil
    ) async -> Answer {
        let command = NodeScript(context, parts, values)
            .command(operation, input: input, changes: changes, timeout: timeout ?? timing.change)
        switch await transport.ask(node.target, command) {
        case .success(let output): return .output(output)
        case .failure(let error):
            return .event(error.leavesOutcomeUnknown ? .unknown(error) : .unreachable([error]))
        }
    }

    /// As ``ask``, for operations that may be done twice: a lost connection is tried again once.
    private func insist(
        _ node: Node, _ parts: [NodeScript.Part], _ values: [(name: String, value: String)] = [],
        _ operation: String, input: [UInt8] = [], timeout: Duration? = nil
    ) async -> RolloutState.Event {
        var answer = await ask(node, parts, values, operation, input: input, timeout: timeout)
        if case .event = answer {
            try? await clock.sleep(for: .seconds(1))
            answer = await ask(node, parts, values, operation, input: input, timeout: timeout)
        }
        switch answer {
        case .output(let output) where output.status.isSuccess: return .succeeded
        case .output(let output): return .failed([Self.complaint(node, operation, output)])
        case .event(let event): return event
        }
    }

    /// "`lb2`: cannot stage: no space …": what the node said last, made fit to be shown.
    private static func complaint(_ node: Node, _ operation: String, _ output: CommandOutput) -> String {
        let lines = output.errorText.split(whereSeparator: \.isNewline).suffix(6).map(String.shown)
        let said = lines.isEmpty ? output.status.description : lines.joined(separator: " / ")
        return "`\(node.id)`: cannot \(operation): \(said)"
    }

    private func plan(of node: HostID) -> NodePlan {
        plan.nodes.first { $0.node.id == node }
            ?? NodePlan(node: Node(id: node, target: SSHTarget(id: node, host: node.name)))
    }

    // MARK: Before anything is changed

    private var stagedDirectory: String { "/var/lib/haops/staged/\(context.run)" }

    private func stage(_ plan: NodePlan) async -> RolloutState.Event {
        let set = StagedSet(plan.files, directory: context.root + stagedDirectory)
        // Staged twice (as it is and under test), placed beside, and the old set kept; and something to spare.
        let need = set.bytes.count * 3 / 1024 + 1024
        return await insist(
            plan.node, [.stage], [("INDEX", set.index), ("LIST", set.list), ("NEED", String(need))], "stage",
            input: set.bytes)
    }

    private func install(_ plan: NodePlan) async -> RolloutState.Event {
        let answer = await ask(
            plan.node, [.packages],
            [("PACKAGES", plan.packages.joined(separator: " ")), ("MANAGER", plan.packageManager ?? "")],
            "install packages", timeout: timing.install)
        switch answer {
        case .output(let output) where output.status.isSuccess: return .succeeded
        case .output(let output): return .failed([Self.complaint(plan.node, "install packages", output)])
        case .event(let event): return event
        }
    }

    private func validate(_ plan: NodePlan) async -> RolloutState.Event {
        func path(_ role: DesiredFile.Role) -> String {
            plan.files.first { $0.role == role && $0.contents != nil && $0.kind != .notLoaded }?.path ?? ""
        }
        let keepalived = path(.keepalivedConfig)
        let haproxy = path(.haproxyConfig)
        if keepalived.isEmpty, haproxy.isEmpty { return .succeeded }
        let answer = await ask(
            plan.node, [.validate], [("KEEPALIVED", keepalived), ("HAPROXY", haproxy)], "validate",
            changes: false)
        switch answer {
        case .output(let output) where output.status.isSuccess:
            let faults = Judgement(output.text).faults(strippingDirectory: stagedDirectory + "/check")
            return faults.isEmpty ? .succeeded : .failed(faults.map { "`\(plan.node.id)`: \($0)" })
        case .output(let output): return .failed([Self.complaint(plan.node, "validate", output)])
        case .event(let event): return event
        }
    }

    // MARK: Node by node

    private func change(_ id: HostID) async -> RolloutState.Event {
        let plan = plan(of: id)
        let revert = revertScript(plan, claim: "timer")
        let values = [
            ("SYSCTLS", plan.sysctls.map { "\($0.key) \($0.after)\n" }.joined()),
            ("FIREWALL", plan.firewall.commands.joined(separator: "\n")),
            ("ENABLE", plan.enable.joined(separator: " ")), ("DISABLE", plan.disable.joined(separator: " ")),
            ("HAPROXY_ACTION", plan.haproxy.rawValue), ("KEEPALIVED_ACTION", plan.keepalived.rawValue),
            ("REVERT_AFTER", String(timing.revertAfter.components.seconds)),
        ]
        let answer = await ask(
            plan.node, [.files, .services, .arming, .activate], values, "change it", input: Array(revert.utf8)
        )
        switch answer {
        case .output(let output):
            let complaint = Self.complaint(plan.node, "change it", output)
            switch output.status {
            case .code(0): return .succeeded
            case .code(3): return .failed([complaint])
            default: return .failedHalfway([complaint])
            }
        case .event(let event): return event
        }
    }

    private func revertScript(_ plan: NodePlan, claim: String) -> String {
        NodeScript(
            context, [.files, .services, .arming, .revert],
            [
                ("CLAIM", claim), ("HAPROXY_ACTION", plan.haproxy.rawValue),
                ("KEEPALIVED_ACTION", plan.keepalived.rawValue),
            ]
        ).text
    }

    private func reread(_ id: HostID) async -> RolloutState.Event {
        let plan = plan(of: id)
        let deadline = clock.deadline(after: timing.change)
        var lastEvent = RolloutState.Event.failed([])
        repeat {
            let answer = await ask(plan.node, [.reread], [], "read how the change ended", changes: false)
            switch answer {
            case .output(let output):
                switch output.text.split(whereSeparator: \.isNewline).first {
                case "changed": return .succeeded
                case "refused", "nothing": return .failed(["`\(id)`: the change did not begin"])
                case "restored": return .failedHalfway(["`\(id)`: the node went back by itself"])
                default: lastEvent = .failedHalfway(["`\(id)`: the change did not end"])
                }
            case .event(let event): lastEvent = event
            }
            try? await clock.sleep(for: .seconds(1))
        } while !deadline.hasPassed()
        return lastEvent
    }

    /// Looks until the cluster is as it must be, twice and with the same owners, or the time is up.
    private func verify(expecting nodes: Set<HostID>, _ state: RolloutState) async -> RolloutState.Event {
        await settle(expecting: nodes, state, within: timing.settle) { _ in [] }
    }

    private func settle(
        expecting nodes: Set<HostID>, _ state: RolloutState, within limit: Duration,
        also: (ClusterView) -> [Problem]
    ) async -> RolloutState.Event {
        let cluster = plan.cluster
        let deadline = clock.deadline(after: limit)
        let quiet = RolloutTiming.quiet(cluster)
        var peaceful: (owners: [String: HostID?], since: Deadline)?
        var problems: [Problem] = []
        repeat {
            view = await viewer.look()
            problems = (view.problems(of: cluster, expected: nodes) + also(view)).filter {
                !state.baseline.contains($0)
            }
            let owners = view.owners(in: cluster)
            if !problems.isEmpty {
                peaceful = nil
            } else if let known = peaceful, known.owners == owners {
                if known.since.hasPassed() { return .succeeded }
            } else {
                peaceful = (owners, clock.deadline(after: quiet))
            }
            try? await clock.sleep(for: timing.poll)
        } while !deadline.hasPassed()
        if problems.isEmpty { problems = [Problem("the owners keep changing")] }
        return .failed(problems.map(\.description))
    }

    private func confirm(_ id: HostID) async -> RolloutState.Event {
        await insist(plan(of: id).node, [.files, .arming, .confirm], [], "confirm the change")
    }

    // MARK: Handing over

    private func handOver(_ id: HostID, _ moves: [RolloutState.Move], _ state: RolloutState) async
        -> RolloutState.Event
    {
        for move in moves {
            let owner = priority(of: move.instance, on: id)
            let target = priority(of: move.instance, on: move.to)
            let others = view.nodes.keys.map { priority(of: move.instance, on: $0) }.max() ?? owner
            let wanted = min(254, max(owner, others) + 1)
            guard wanted > owner else {
                return .failed([
                    "`\(move.to)`: cannot be lifted above priority \(owner) of `\(id)` (254 is the top)"
                ])
            }
            lifted.append(move)
            let event = await lift(
                move, value: wanted - target,
                why: "\(context.what): `\(move.instance)` leaves `\(id)` for a while",
                expires: timing.revertAfter)
            if case .succeeded = event { continue }
            return event
        }
        return await settle(expecting: state.expected, state, within: timing.election) { view in
            moves.compactMap { move in
                let role = view.nodes[move.to]?.roles[move.instance]
                return role == .master && view.nodes[id]?.roles[move.instance] != .master
                    ? nil : Problem(node: move.to, "does not take `\(move.instance)` over from `\(id)`")
            }
        }
    }

    private func priority(of instance: String, on node: HostID) -> Int {
        let configured = plan.cluster.keepalived?.instances.first { $0.name == instance }?.priorities[node]
        return view.nodes[node]?.priorities[instance] ?? configured ?? 100
    }

    private func lift(
        _ move: RolloutState.Move, value: Int, why: String, expires: Duration?
    ) async -> RolloutState.Event {
        await insist(
            plan(of: move.to).node, [.arming, .lift],
            [
                ("INSTANCE", move.instance), ("VALUE", String(value)), ("WHY", why),
                ("EXPIRES", String(expires?.components.seconds ?? 0)),
            ], "hand `\(move.instance)` over")
    }

    private func giveBack(_ id: HostID, _ moves: [RolloutState.Move], _ state: RolloutState) async
        -> RolloutState.Event
    {
        var trouble: [String] = []
        for move in moves where lifted.contains(move) {
            switch await lift(move, value: 0, why: "", expires: nil) {
            case .failed(let reasons), .failedHalfway(let reasons): trouble += reasons
            case .unreachable(let errors): trouble += errors.map(\.description)
            case .unknown(let error): trouble.append(error.description)
            case .succeeded, .saw: lifted.removeAll { $0 == move }
            }
        }
        guard trouble.isEmpty else { return .failed(trouble) }
        let preempts = plan.cluster.keepalived?.preempt ?? true
        return await settle(expecting: state.expected, state, within: timing.election + timing.settle) {
            view in
            guard preempts else { return [] }
            return moves.compactMap { move in
                let mine = view.nodes[id]?.priorities[move.instance] ?? 0
                let theirs = view.nodes[move.to]?.priorities[move.instance] ?? 0
                let isBack = view.nodes[id]?.roles[move.instance] == .master
                return isBack || mine < theirs
                    ? nil : Problem(node: id, "does not take `\(move.instance)` back from `\(move.to)`")
            }
        }
    }

    // MARK: Putting back

    private func restore(_ id: HostID) async -> RolloutState.Event {
        let plan = plan(of: id)
        return await insist(
            plan.node, [.files, .services, .arming, .revert],
            [
                ("CLAIM", "haops"), ("HAPROXY_ACTION", plan.haproxy.rawValue),
                ("KEEPALIVED_ACTION", plan.keepalived.rawValue),
            ], "put the old set back")
    }

    private func awaitRevert(_ id: HostID) async -> RolloutState.Event {
        let deadline = clock.deadline(after: timing.revertAfter + .seconds(60))
        var lastEvent = RolloutState.Event.failed([])
        repeat {
            // When it can be reached again before its time is up, it need not wait.
            lastEvent = await restore(id)
            if case .succeeded = lastEvent { return .succeeded }
            if case .failed = lastEvent { return lastEvent }
            await tell(
                id, .restore, .waits("its own revert is due within \(timing.revertAfter.brief) of the change")
            )
            try? await clock.sleep(for: .seconds(2))
        } while !deadline.hasPassed()
        return lastEvent
    }

    private func clean(_ state: RolloutState) async {
        let event = await onAll(plan.nodes.map(\.node.id), .clean) { plan in
            let fate = state.fates[plan.node.id].map { "\($0)" } ?? "untouched"
            return await self.insist(
                plan.node, [.finish], [("KEEP", "10"), ("OUTCOME", "finished: \(fate)")], "clean up")
        }
        if case .failed(let reasons) = event { notes += reasons }
        if case .unreachable(let errors) = event { notes += errors.map(\.description) }
    }
}

extension String {
    /// A node's text as it may be shown: control characters are taken out.
    static func shown(_ text: some StringProtocol) -> String {
        String(
            text.unicodeScalars.filter { $0.value >= 32 && !(127..<160).contains($0.value) }.map(
                Character.init))
    }
}

/// A moment on a clock whose type is not known.
struct Deadline: Sendable {
    private let check: @Sendable () -> Bool
    init(_ check: @escaping @Sendable () -> Bool) { self.check = check }
    func hasPassed() -> Bool { check() }
}

extension Clock where Duration == Swift.Duration {
    func deadline(after limit: Duration) -> Deadline {
        let end = now.advanced(by: limit)
        return Deadline { self.now >= end }
    }
}

extension ClusterView {
    func owners(in cluster: Cluster) -> [String: HostID?] {
        Dictionary((cluster.keepalived?.instances ?? []).map { ($0.name, owner(of: $0)) }) { $1 }
    }
}

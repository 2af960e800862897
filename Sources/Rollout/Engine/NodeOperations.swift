import Facts
import Inventory
import Remote

/// Scripts on nodes, and looks at the cluster: what every writing verb works with.
struct NodeOperations: Sendable {
    var transport: any Transport
    var clock: any Clock<Duration>
    var context: NodeScript.Context
    var timing: RolloutTiming
    /// Neighbour tables are put right at the end of the work, and not judged before.
    var ignoresARP = false

    /// So many sets of replaced files stay on a node to go back to.
    static let keptSets = 10

    /// What a script answered; a status other than 0 is an answer too.
    enum Answer {
        case output(CommandOutput)
        case event(RolloutState.Event)
    }

    func ask(
        _ node: Node, _ parts: [NodeScript.Part], _ values: [(name: String, value: String)] = [],
        _ operation: String, input: [UInt8] = [], changes: Bool = true, timeout: Duration? = nil,
        anew: Bool = false
    ) async -> Answer {
        let command = NodeScript(context, parts, values)
            .command(operation, input: input, changes: changes, timeout: timeout ?? timing.change)
        let answer =
            anew ? await transport.askAnew(node.target, command) : await transport.ask(node.target, command)
        switch answer {
        case .success(let output): return .output(output)
        case .failure(let error):
            return .event(error.outcomeIsKnown ? .unreachable([error]) : .unknown(error))
        }
    }

    /// As ``ask``, for operations that may be done twice: a lost connection is tried again once.
    ///
    /// - `anew`: over a new login, which proves that one can log in.
    func insist(
        _ node: Node, _ parts: [NodeScript.Part], _ values: [(name: String, value: String)] = [],
        _ operation: String, input: [UInt8] = [], timeout: Duration? = nil, anew: Bool = false,
        hearing: ([String]) -> Void = { _ in }
    ) async -> RolloutState.Event {
        var answer = await ask(node, parts, values, operation, input: input, timeout: timeout, anew: anew)
        if case .event = answer {
            try? await clock.sleep(for: .seconds(1))
            answer = await ask(node, parts, values, operation, input: input, timeout: timeout, anew: anew)
        }
        switch answer {
        case .output(let output) where output.status.isSuccess:
            hearing(output.text.split(whereSeparator: \.isNewline).map(String.shown))
            return .succeeded
        case .output(let output): return .failed([Self.complaint(node, operation, output)])
        case .event(let event): return event
        }
    }

    /// "`lb2`: cannot stage: no space …": what the node said last, made fit to be shown.
    static func complaint(_ node: Node, _ operation: String, _ output: CommandOutput) -> String {
        let lines = output.errorText.split(whereSeparator: \.isNewline).suffix(6).map(String.shown)
        let said = lines.isEmpty ? output.status.description : lines.joined(separator: " / ")
        return "`\(node.id)`: cannot \(operation): \(said)"
    }

    /// Lets a node's own daemons judge what was staged there, and what stands there for them to read.
    func validate(
        _ node: Node, staged: (keepalived: String, haproxy: String) = ("", ""), in directory: String = "",
        unmanaged: [UnmanagedConfig]
    ) async -> RolloutState.Event {
        func path(_ daemon: UnmanagedConfig.Daemon) -> String {
            unmanaged.first { $0.daemon == daemon }?.path ?? ""
        }
        let values = [
            ("KEEPALIVED", staged.keepalived), ("HAPROXY", staged.haproxy),
            ("STANDING_KEEPALIVED", path(.keepalived)), ("STANDING_HAPROXY", path(.haproxy)),
        ]
        if values.allSatisfy(\.1.isEmpty) { return .succeeded }
        switch await ask(node, [.services, .validate], values, "validate", changes: false) {
        case .output(let output) where output.status.isSuccess:
            let faults = ConfigTestReport(output.text).faults(
                strippingDirectory: directory + "/check",
                keepalivedRunsWithIt: unmanaged.contains { $0.daemon == .keepalived && $0.isLoaded })
            return faults.isEmpty ? .succeeded : .failed(faults.map { "`\(node.id)`: \($0)" })
        case .output(let output): return .failed([Self.complaint(node, "validate", output)])
        case .event(let event): return event
        }
    }

    /// Writes a number that keepalived adds to an instance's priority on a node.
    func set(
        _ priorityOverride: SwitchoverPlan.PriorityOverride, in cluster: Cluster, why: String,
        expires: Duration?
    ) async -> RolloutState.Event {
        guard let node = cluster.nodes.first(where: { $0.id == priorityOverride.node }) else {
            return .failed([])
        }
        return await insist(
            node, [.arming, .priorityOverride],
            [
                ("INSTANCE", priorityOverride.instance), ("VALUE", String(priorityOverride.value)),
                ("WHY", why),
                ("EXPIRES", String(expires?.components.seconds ?? 0)),
            ], "hand `\(priorityOverride.instance)` over")
    }

    func look(_ cluster: Cluster) async -> ClusterView { await fullLook(cluster).view }

    /// - `loggingIn`: nodes that are asked over a new login.
    private func fullLook(_ cluster: Cluster, loggingIn: Set<HostID> = []) async -> ClusterViewer.Look {
        var look = await ClusterViewer(transport: transport, cluster: cluster).look(loggingIn: loggingIn)
        if ignoresARP { look.view.arpProblems = [] }
        return look
    }

    /// Looks until the cluster is as it must be, again after a quiet time and with the same owners, or until the
    /// time is up.
    ///
    /// - `nodes`: must serve; those whose keepalived runs when it is `nil`.
    /// - `lacking`: what nobody may miss on which node.
    /// - `baseline`: problems that are forgiven.
    /// - `disturbed`: what was just done to the daemons of which node: such a node may claim the addresses when its
    ///   master-down time is over, and its checks may fail later than at once. Where one of them is silent in the end,
    ///   the answer is ``RolloutState/Event/unreachable(_:)``.
    /// - `also`: what else must be so.
    func settle(
        _ cluster: Cluster, expecting nodes: Set<HostID>? = nil,
        expectedAbsences: [HostID: ExpectedAbsences] = [:],
        baseline: Set<Problem> = [], disturbed: [HostID: Disturbance] = [:],
        within limit: Duration, also: (ClusterView) -> [Problem] = { _ in [] }
    ) async -> RolloutState.Event {
        let deadline = clock.deadline(after: limit)
        let quiet = RolloutTiming.quiet(cluster)
        let checked = clock.deadline(after: timing.checked(disturbed.values))
        let elected = clock.deadline(after: timing.elected)
        var hearing = Hearing(nodes: disturbed.filter(\.value.listensAnew).keys.sorted())
        var silent: [RemoteError] = []
        var peaceful: (owners: [String: HostID?], since: Deadline)?
        var problems: [Problem] = []
        var unchanged: (problems: [Problem], since: Deadline) = ([], clock.deadline(after: timing.patience))
        // Sessions that were open before a change say nothing of whether one can still log in.
        var unproven = Set(disturbed.keys)
        repeat {
            let seen = await fullLook(cluster, loggingIn: unproven)
            unproven.formIntersection(seen.unreachable.keys)
            let view = seen.view.excluding(expectedAbsences)
            silent = seen.unreachable.filter { disturbed.keys.contains($0.key) }.values.sorted {
                $0.host < $1.host
            }
            hearing.add(view)
            let expected = nodes ?? Set(view.nodes.filter { $0.value.keepalivedRuns }.map(\.key))
            problems = (view.problems(of: cluster, expected: expected) + also(view))
                .filter { !baseline.contains($0) }
            let owners = view.owners(in: cluster)
            if problems != unchanged.problems {
                unchanged = (problems, clock.deadline(after: timing.patience))
            } else if !problems.isEmpty, silent.isEmpty, unchanged.since.hasPassed() {
                break
            }
            if !problems.isEmpty {
                peaceful = nil
            } else if let known = peaceful, known.owners == owners {
                let isElected = elected.hasPassed() || hearing.isProven(in: view)
                if known.since.hasPassed(), checked.hasPassed(), isElected { return .succeeded }
            } else {
                peaceful = (owners, clock.deadline(after: quiet))
            }
            try? await clock.sleep(for: pause(peaceful?.since, checked, elected))
        } while !deadline.hasPassed()
        if !silent.isEmpty { return .unreachable(silent) }
        if problems.isEmpty { problems = [Problem("the owners keep changing")] }
        return .failed(problems.map(\.description))
    }

    /// How long until the next look: never longer than a poll, and no longer than until the time is over that is left to
    /// wait for once all is well.
    ///
    /// - `quiet`: since when the cluster has been quiet long enough; `nil` while something is wrong.
    private func pause(_ quiet: Deadline?, _ checked: Deadline, _ elected: Deadline) -> Duration {
        guard let quiet else { return timing.poll }
        let left = max(quiet.remaining, checked.remaining)
        return min(timing.poll, max(left > .zero ? left : elected.remaining, .milliseconds(10)))
    }

    /// Leaves a line in the journals of all nodes, and no traces of the run.
    func finish(_ cluster: Cluster, _ outcome: String) async {
        await withTaskGroup(of: Void.self) { group in
            for node in cluster.nodes { group.addTask { _ = await finish(node, outcome, hasJudged: nil) } }
        }
    }

    /// Leaves a line in a node's journal, and no traces of the run.
    ///
    /// - `hasJudged`: whether the gates have passed what an earlier run has left here and armed a revert for; `nil` in
    ///   runs that did not put it off.
    /// - Returns: what the node has to say besides.
    func finish(_ node: Node, _ outcome: String, hasJudged: Bool?) async -> (RolloutState.Event, [String]) {
        let judged = hasJudged.map { $0 ? "yes" : "no" } ?? ""
        var said: [String] = []
        let event = await insist(
            node, [.arming, .finish],
            [("KEEP", String(Self.keptSets)), ("OUTCOME", "finished: \(outcome)"), ("JUDGED", judged)],
            "clean up"
        ) { said = $0 }
        return (event, said)
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
    private let left: @Sendable () -> Duration
    /// - `left`: how long it is still until then.
    init(_ left: @escaping @Sendable () -> Duration) { self.left = left }
    var remaining: Duration { left() }
    func hasPassed() -> Bool { left() <= .zero }
}

extension Clock where Duration == Swift.Duration {
    func deadline(after limit: Duration) -> Deadline {
        let end = now.advanced(by: limit)
        return Deadline { self.now.duration(to: end) }
    }
}

extension ClusterView {
    func owners(in cluster: Cluster) -> [String: HostID?] {
        Dictionary((cluster.keepalived?.instances ?? []).map { ($0.name, owner(of: $0)) }) { $1 }
    }
}

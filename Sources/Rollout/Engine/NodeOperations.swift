import Facts
import Inventory
import Remote

/// Runs scripts on nodes and observes the cluster. Every writing verb uses it.
struct NodeOperations: Sendable {
    var transport: any Transport
    var access: any NodeAccess
    var clock: any Clock<Duration>
    var context: NodeScript.Context
    var timing: RolloutTiming
    /// Ignore wrong neighbour tables: they are corrected at the end of the work.
    var ignoresARP = false
    /// Asks whether the addresses answer, at the end of each gate; `nil` before anything is changed.
    var answerGate: AnswerGate?

    /// - `access`: how scripts and observations reach the nodes, if not over `transport`.
    init(
        transport: any Transport, access: (any NodeAccess)? = nil, clock: any Clock<Duration>,
        context: NodeScript.Context, timing: RolloutTiming
    ) {
        self.transport = transport
        self.access = access ?? RemoteNodes(transport: transport)
        self.clock = clock
        self.context = context
        self.timing = timing
    }

    /// The number of backups that stay on a node for rollbacks.
    static let keptSets = 10

    /// What a script answered. A status other than 0 is an answer too.
    enum Answer {
        case output(CommandOutput)
        case event(RolloutState.Event)
    }

    func ask(
        _ node: Node, _ parts: [NodeScript.Part], _ values: [(name: String, value: String)] = [],
        _ operation: String, input: [UInt8] = [], changes: Bool = true, timeout: Duration? = nil,
        anew: Bool = false
    ) async -> Answer {
        let answer = await access.run(
            NodeScript(context, parts, values), on: node, operation, input: input, changes: changes,
            timeout: timeout ?? timing.change, anew: anew)
        switch answer {
        case .success(let output): return .output(output)
        case .failure(let error):
            return .event(error.outcomeIsKnown ? .unreachable([error]) : .unknown(error))
        }
    }

    /// As ``ask``, for operations that may be repeated: after a lost connection, it retries once.
    ///
    /// - `anew`: uses a new login, which proves that logging in still works.
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

    /// "`lb2`: cannot stage: no space …": the last line that the node printed, safe to show.
    static func complaint(_ node: Node, _ operation: String, _ output: CommandOutput) -> String {
        let lines = output.errorText.split(whereSeparator: \.isNewline).suffix(6).map(String.shown)
        let said = lines.isEmpty ? output.status.description : lines.joined(separator: " / ")
        return "`\(node.id)`: cannot \(operation): \(said)"
    }

    /// Tests with the node's own daemons what was staged there and what they would read in place.
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

    /// Writes the number that keepalived adds to an instance's priority on a node.
    ///
    /// - `expires`: when the number becomes `before` again, without haops; `nil` means never.
    func set(
        _ priorityOverride: SwitchoverPlan.PriorityOverride, in cluster: Cluster, why: String,
        expires: Duration?, before: Int = 0
    ) async -> RolloutState.Event {
        guard let node = cluster.nodes.first(where: { $0.id == priorityOverride.node }) else {
            return .failed([])
        }
        return await insist(
            node, [.arming, .priorityOverride],
            [
                ("INSTANCE", priorityOverride.instance), ("VALUE", String(priorityOverride.value)),
                ("WHY", why),
                ("EXPIRES", String(expires?.components.seconds ?? 0)), ("BEFORE", String(before)),
            ], "hand `\(priorityOverride.instance)` over")
    }

    func look(_ cluster: Cluster) async -> ClusterView { await fullLook(cluster).view }

    /// - `loggingIn`: nodes that are asked over a new login.
    private func fullLook(_ cluster: Cluster, loggingIn: Set<HostID> = []) async -> ClusterViewer.Look {
        var look = await access.look(at: cluster, loggingIn: loggingIn)
        if ignoresARP { look.view.arpProblems = [] }
        return look
    }

    /// Observes the cluster until it is healthy and still healthy after a quiet time with the same owners, or until
    /// the time is up.
    ///
    /// - `nodes`: must serve; `nil` means every node whose keepalived runs.
    /// - `expectedAbsences`: instances and addresses that the configuration of each node does not have yet.
    /// - `baseline`: problems that are ignored.
    /// - `disturbed`: what was just done to the daemons of each node. Such a node may claim the addresses when its
    ///   master-down time is over, and its checks may fail later. If one of them does not answer at the end, the
    ///   result is ``RolloutState/Event/unreachable(_:)``.
    /// - `waiting`: hears what is waited for, and for how long at most, whenever that changes.
    /// - `also`: finds further problems, which must be gone as well.
    func settle(
        _ cluster: Cluster, expecting nodes: Set<HostID>? = nil,
        expectedAbsences: [HostID: ExpectedAbsences] = [:],
        baseline: Set<Problem> = [], disturbed: [HostID: Disturbance] = [:],
        within limit: Duration, also: (ClusterView) -> [Problem] = { _ in [] },
        waiting: (String) -> Void = { _ in }
    ) async -> RolloutState.Event {
        let deadline = clock.deadline(after: limit)
        let quiet = RolloutTiming.quiet(cluster)
        let checked = clock.deadline(after: timing.checked(disturbed.values))
        let elected = clock.deadline(after: timing.elected)
        var hearing = Hearing(nodes: disturbed.filter(\.value.listensAnew).keys.sorted())
        var silent: [RemoteError] = []
        var peaceful: (owners: [String: HostID?], since: Deadline)?
        var problems: [Problem] = []
        // Silence is heard more than once: a request may be lost, and a busy machine answers late.
        var silences = 0
        var unchanged: (problems: [Problem], since: Deadline) = ([], clock.deadline(after: timing.patience))
        // A session that was open before the change does not prove that logging in still works.
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
                waiting(Self.words(problems, atMost: deadline.remaining))
                unchanged = (problems, clock.deadline(after: timing.patience))
            } else if !problems.isEmpty, silent.isEmpty, unchanged.since.hasPassed() {
                break
            }
            if !problems.isEmpty {
                peaceful = nil
                silences = 0
            } else if let known = peaceful, known.owners == owners {
                let isElected = elected.hasPassed() || hearing.isProven(in: view)
                if known.since.hasPassed(), checked.hasPassed(), isElected {
                    var dark: [Problem] = []
                    if let answerGate { dark = answerGate.problems(in: await answerGate.verdicts(seen)) }
                    if dark.isEmpty { return .succeeded }
                    silences += 1
                    if silences == Self.mostSilences { return .failed(dark.map(\.description)) }
                }
            } else {
                peaceful = (owners, clock.deadline(after: quiet))
                silences = 0
            }
            try? await clock.sleep(for: pause(peaceful?.since, checked, elected))
        } while !deadline.hasPassed() || problems.isEmpty && silences > 0
        if !silent.isEmpty { return .unreachable(silent) }
        if problems.isEmpty { problems = [Problem("the owners keep changing")] }
        return .failed(problems.map(\.description))
    }

    private static let mostSilences = 5

    /// "`lb2`: haproxy does not run; at most 41 s".
    private static func words(_ problems: [Problem], atMost limit: Duration) -> String {
        let what =
            problems.isEmpty
            ? "all to stay as it is now"
            : "the end of: " + problems.prefix(2).map(\.description).joined(separator: ", ")
                + (problems.count > 2 ? " and \(problems.count - 2) more" : "")
        return "\(what); at most \(limit.components.seconds) s"
    }

    /// How long until the next observation: a poll interval, and once all is well at most two and at most the remaining
    /// quiet time. Nobody waits for an observation then, and each starts a hundred programs on every node.
    ///
    /// - `quiet`: the end of the quiet time; `nil` while something is wrong.
    private func pause(_ quiet: Deadline?, _ checked: Deadline, _ elected: Deadline) -> Duration {
        guard let quiet else { return timing.poll }
        let left = max(quiet.remaining, checked.remaining)
        return min(timing.poll * 2, max(left > .zero ? left : elected.remaining, .milliseconds(10)))
    }

    /// Writes the run's end to the nodes' journals and removes the run's temporary files.
    ///
    /// - `end`: the journal entry of each node.
    func finish(_ nodes: [Node], _ end: (HostID) -> RunEnd) async {
        let ends = nodes.map { (node: $0, end: end($0.id)) }
        await withTaskGroup(of: Void.self) { group in
            for (node, end) in ends { group.addTask { _ = await finish(node, end, hasJudged: nil) } }
        }
    }

    /// Writes the run's end to a node's journal and removes the run's temporary files.
    ///
    /// - `hasJudged`: whether the gates have passed a change that an earlier run left here with a scheduled rollback;
    ///   `nil` in runs that did not postpone that rollback.
    /// - Returns: the result, and the node's remarks.
    func finish(_ node: Node, _ end: RunEnd, hasJudged: Bool?) async -> (RolloutState.Event, [String]) {
        let judged = hasJudged.map { $0 ? "yes" : "no" } ?? ""
        var said: [String] = []
        let event = await insist(
            node, [.files, .arming, .finish],
            [("KEEP", String(Self.keptSets)), ("OUTCOME", end.event), ("JUDGED", judged)],
            "clean up"
        ) { said = $0 }
        return (event, said)
    }
}

extension String {
    /// A node's text without control characters, safe to show.
    static func shown(_ text: some StringProtocol) -> String {
        String(
            text.unicodeScalars.filter { $0.value >= 32 && !(127..<160).contains($0.value) }.map(
                Character.init))
    }
}

/// A point in time on any clock.
struct Deadline: Sendable {
    private let left: @Sendable () -> Duration
    /// - `left`: how long until then.
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

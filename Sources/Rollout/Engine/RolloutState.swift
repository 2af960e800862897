import Inventory
package import Remote

/// The order of a run as a machine without a clock, a network or a choice: events go in, the next action comes
/// out. What may go wrong in a run is an event, so every failure is one line of a test.
package struct RolloutState: Sendable {
    package enum Action: Hashable, Sendable {
        /// Put the new files on every node, apart.
        case stage([HostID])
        case install([HostID])
        /// Let every node's own daemons judge what was staged.
        case validate([HostID])
        /// Look at the whole cluster.
        case look
        /// Bring the instances of one node to others, the owner still serving.
        case handOver(HostID, [Move])
        /// Keep the old set, arm the revert, replace, load.
        case change(HostID)
        /// The connection was lost in ``change(_:)``: connect anew and read how it ended.
        case reread(HostID)
        /// Over a new connection, wait until the cluster is as it must be with this node changed.
        case verify(HostID)
        /// As those above, for nodes that would not hear each other if one were changed before the other.
        case changeTogether([HostID])
        case verifyTogether([HostID])
        case restoreTogether([HostID])
        /// Changed nodes, in the order of their change, whose rollbacks stay armed for what comes next.
        case extend([HostID])
        /// Before the end of a run that did not come to its end: wait until the cluster is as it must be.
        case verifyAll
        /// The whole cluster has passed: the rollbacks of all changed nodes are cancelled.
        case confirm([HostID])
        /// Take back what ``handOver(_:_:)`` did and wait until the addresses are where they belong. That it failed
        /// halfway means that the node owns nothing and that all its addresses are served elsewhere.
        case giveBack(HostID, [Move])
        case restore(HostID)
        /// The node cannot be reached: wait until it has gone back by itself.
        case awaitRevert(HostID)
        /// Verify the cluster after a node was put back.
        case verifyRestored(HostID)
        case clean
        case stop(RolloutOutcome)
    }

    package struct Move: Hashable, Sendable {
        package var instance: String
        package var to: HostID

        package init(instance: String, to: HostID) {
            self.instance = instance
            self.to = to
        }
    }

    package indirect enum Event: Sendable {
        /// The action of the same name succeeded.
        case succeeded
        case saw(ClusterView)
        /// The action failed and has changed nothing that lasts.
        case failed([String])
        /// ``Action/change(_:)`` failed half-way; the rollback is armed.
        case failedHalfway([String])
        case unreachable([RemoteError])
        case unknown(RemoteError)
        /// How each node of a group fared.
        case each([HostID: Event])
    }

    /// Nodes with work, in the planned order, and whether each should own nothing while it is worked on.
    var waiting: [(node: HostID, disturbs: Bool)]
    private let cluster: Cluster
    private let installs: [HostID]
    /// Nodes that are changed at once, before the others.
    var together: [HostID]
    /// Nodes that were set up before this run or have been by it.
    package internal(set) var expected: Set<HostID>
    private let expectedAbsences: [HostID: (before: ExpectedAbsences, after: ExpectedAbsences)]
    private let handsOver: Bool
    /// Nodes whose keepalived is stopped for good.
    private let leaving: Set<HostID>
    /// Instances that leave a node without a handover, as the operator was told.
    private let foretold: Set<Move>
    private let acceptsProblems: Bool

    /// Problems that the cluster had before and that were accepted.
    package private(set) var baseline: Set<Problem> = []
    /// Instances that a node has handed over, to be given back to it.
    var moves: [Move] = []
    var movesFrom: HostID?
    /// Nodes that have passed their gates and can still go back, in the order of their change; those that were changed
    /// at once stand together.
    var unconfirmed: [[HostID]] = []
    /// Nodes that go back next.
    var toRestore: [[HostID]] = []
    /// What comes after ``Action/extend(_:)``.
    private var afterwards: Action?
    private var last: Action?
    var summary: RolloutOutcome = .done
    private var interrupted = false
    /// Packages were installed by this run.
    private var hasInstalled = false
    /// The gates have passed what stands on the nodes, also what an earlier run has left there.
    package private(set) var hasJudged = false
    package internal(set) var fates: [HostID: NodeFate]

    /// - `handsOver`: Whether addresses are handed over before a node is disturbed; `false` for nopreempt, where
    ///   the work itself moves them.
    /// - `acceptsProblems`: Go on although the cluster has problems already; new ones still stop the run.
    package init(_ plan: ClusterPlan, expected: Set<HostID>, handsOver: Bool, acceptsProblems: Bool) {
        cluster = plan.cluster
        waiting = plan.nodes.filter { !$0.isEmpty }.map { ($0.node.id, $0.disturbsService) }
        leaving = plan.leaving
        foretold = Set(
            plan.moves.filter { $0.means != .handover }.map { Move(instance: $0.instance, to: $0.from) })
        installs = plan.nodes.filter { !$0.packages.isEmpty }.map(\.node.id)
        together = plan.together
        expectedAbsences = Dictionary(
            uniqueKeysWithValues: plan.nodes.map { ($0.node.id, ($0.absentBefore, $0.absentAfter)) })
        self.expected = expected
        self.handsOver = handsOver
        self.acceptsProblems = acceptsProblems
        fates = [:]
        for node in plan.nodes { fates[node.node.id] = node.isEmpty ? .alreadyRight : .untouched }
    }

    /// The operator wants to stop: nothing new is begun.
    package mutating func interrupt() { interrupted = true }

    package mutating func begin() -> Action { then(.stage(cluster.nodes.map(\.id))) }

    /// What to do next, given how the last action went.
    package mutating func next(after event: Event) -> Action {
        switch last {
        case .stage: afterStage(event)
        case .install: afterInstall(event)
        case .validate: afterValidate(event)
        case .look: afterLook(event)
        case .handOver(let node, _): afterHandOver(event, node)
        case .change(let node): afterChange(event, node)
        case .reread(let node): afterReread(event, node)
        case .verify(let node): afterVerify(event, node)
        case .changeTogether(let nodes): afterChangeTogether(event, nodes)
        case .verifyTogether(let nodes): afterVerifyTogether(event, nodes)
        case .restoreTogether(let nodes): afterRestoreTogether(event, nodes)
        case .extend: afterExtend(event)
        case .verifyAll: afterVerifyAll(event)
        case .confirm: afterConfirm(event)
        case .giveBack(let node, _): afterGiveBack(event, node)
        case .restore(let node), .awaitRevert(let node): afterRestore(event, node)
        case .verifyRestored(let node): afterVerifyRestored(event, node)
        case .clean, .stop, nil: then(.stop(summary))
        }
    }

    /// The nodes that must serve once `nodes` are changed.
    package func expected(with nodes: [HostID]) -> Set<HostID> {
        expected.union(nodes).subtracting(leaving.intersection(nodes))
    }

    /// What nobody may miss on which node, those changed before and `nodes` having their new configuration.
    package func expectedAbsences(with nodes: [HostID] = []) -> [HostID: ExpectedAbsences] {
        var result: [HostID: ExpectedAbsences] = [:]
        for (node, expectedAbsences) in expectedAbsences {
            result[node] =
                fates[node] == .changed || nodes.contains(node)
                ? expectedAbsences.after : expectedAbsences.before
        }
        return result
    }

    mutating func then(_ action: Action) -> Action {
        last = action
        return action
    }

    /// Nothing was changed on any node: the staged files go and the run ends.
    mutating func end(_ summary: RolloutOutcome) -> Action {
        self.summary = summary
        switch summary {
        // Packages that are there now are not nothing.
        case .refused(let reasons) where hasInstalled:
            self.summary = .failed(reasons + ["the packages that were missing are installed"])
        case .unreachable(let errors) where hasInstalled:
            self.summary = .failed(
                errors.map(\.description) + ["the packages that were missing are installed"])
        default: break
        }
        return then(.clean)
    }

    var nothingChanged: Bool { !fates.values.contains { $0 == .changed } }

    /// A reason to stop before the next node is touched.
    private mutating func stopBefore(_ reasons: [String]) -> Action {
        close(nothingChanged ? .refused(reasons) : .failed(reasons))
    }

    /// Ends a run before its end. What was changed stays if the cluster is well with it, and goes back otherwise.
    private mutating func close(_ summary: RolloutOutcome) -> Action {
        if unconfirmed.isEmpty { return end(summary) }
        self.summary = summary
        return then(.verifyAll)
    }

    // MARK: Before anything is changed

    private mutating func afterStage(_ event: Event) -> Action {
        guard case .succeeded = event else { return refuse(event) }
        if interrupted { return end(.interrupted) }
        return then(installs.isEmpty ? .validate(cluster.nodes.map(\.id)) : .install(installs))
    }

    private mutating func afterInstall(_ event: Event) -> Action {
        switch event {
        case .succeeded:
            hasInstalled = true
            return interrupted ? end(.interrupted) : then(.validate(cluster.nodes.map(\.id)))
        // A package manager that was begun is not nothing.
        case .failed(let reasons), .failedHalfway(let reasons): return end(.failed(reasons))
        case .unknown(let error): return end(.unknown([error.description]))
        default: return refuse(event)
        }
    }

    private mutating func afterValidate(_ event: Event) -> Action {
        guard case .succeeded = event else { return refuse(event) }
        return then(.look)
    }

    private mutating func refuse(_ event: Event) -> Action {
        switch event {
        case .failed(let reasons), .failedHalfway(let reasons): end(.refused(reasons))
        case .unreachable(let errors): end(.unreachable(errors))
        // What was sent stages or judges: nothing in force was touched.
        case .unknown(let error): end(.unreachable([error]))
        case .succeeded, .saw, .each: end(.refused([]))
        }
    }

    // MARK: Node by node

    private mutating func afterLook(_ event: Event) -> Action {
        guard case .saw(let seen) = event else {
            switch event {
            case .unreachable(let errors) where nothingChanged: return end(.unreachable(errors))
            case .unreachable(let errors): return close(.failed(errors.map(\.description)))
            case .failed(let reasons): return stopBefore(reasons)
            default: return stopBefore(["the cluster cannot be looked at"])
            }
        }
        if interrupted, !waiting.isEmpty { return close(.interrupted) }
        let view = seen.excluding(expectedAbsences())
        let problems = view.problems(of: cluster, expected: expected)
        if nothingChanged, acceptsProblems {
            // Silence is no problem that is known: it is never gone on without a node.
            let silence = problems.filter { $0.node.map { view.silent[$0] != nil } ?? false }
            guard silence.isEmpty else { return stopBefore(silence.map(\.description)) }
            baseline.formUnion(problems)
        } else {
            let new = problems.filter { !baseline.contains($0) }
            guard new.isEmpty else { return stopBefore(new.map(\.description)) }
        }
        hasJudged = true
        if !together.isEmpty {
            let nodes = together
            together = []
            waiting.removeAll { nodes.contains($0.node) }
            return then(.changeTogether(nodes))
        }
        guard let node = nextNode(view) else { return end(.done) }
        (moves, movesFrom) = ([], nil)
        guard node.disturbs, handsOver else { return keepingArmed(.change(node.node)) }
        for instance in view.owned(by: node.node, in: cluster) {
            let successor = view.successor(
                of: instance, leaving: node.node, besides: leaving, in: cluster)
            if let successor, view.nodes[successor]?.follows.contains(instance.name) == true {
                moves.append(Move(instance: instance.name, to: successor))
            } else if !foretold.contains(Move(instance: instance.name, to: node.node)) {
                return stopBefore([
                    "`\(node.node)`: owns `\(instance.name)`, and no other node can take it over without loss any more"
                ])
            }
        }
        guard !moves.isEmpty else { return keepingArmed(.change(node.node)) }
        movesFrom = node.node
        return keepingArmed(.handOver(node.node, moves))
    }

    /// The rollbacks of nodes that are changed already must not happen while the next one is changed.
    mutating func keepingArmed(_ next: Action) -> Action {
        let armed = unconfirmed.flatMap(\.self)
        guard !armed.isEmpty else { return then(next) }
        afterwards = next
        return then(.extend(armed))
    }

    private mutating func afterExtend(_ event: Event) -> Action {
        if event.isSuccess, let next = afterwards { return then(next) }
        let reasons = ["what is changed so far cannot be kept under guard"] + event.reasons
        guard case .giveBack(let node, let moves) = afterwards else { return close(.failed(reasons)) }
        summary = .failed(reasons)
        return then(.giveBack(node, moves))
    }

    /// Nodes that own nothing first, as the plan orders them; then those that own least.
    private mutating func nextNode(_ view: ClusterView) -> (node: HostID, disturbs: Bool)? {
        let counted = waiting.enumerated().map { entry in
            (index: entry.offset, owned: view.owned(by: entry.element.node, in: cluster).count)
        }
        guard let best = counted.min(by: { ($0.owned, $0.index) < ($1.owned, $1.index) }) else { return nil }
        return waiting.remove(at: best.index)
    }

    private mutating func afterHandOver(_ event: Event, _ node: HostID) -> Action {
        switch event {
        case .succeeded:
            if interrupted {
                summary = .interrupted
                return then(.giveBack(node, moves))
            }
            return then(.change(node))
        default:
            summary = .failed(
                ["`\(node)`: nothing was changed: its addresses could not be handed over"] + event.reasons)
            return then(.giveBack(node, moves))
        }
    }

    private mutating func afterChange(_ event: Event, _ node: HostID) -> Action {
        switch event {
        case .succeeded, .saw: return then(.verify(node))
        case .failed(let reasons):
            return leave(node, nothingChanged ? .refused(reasons) : .failed(reasons))
        case .unreachable(let errors):
            // Nothing was sent.
            return leave(node, nothingChanged ? .unreachable(errors) : .failed(errors.map(\.description)))
        case .failedHalfway(let reasons):
            summary = .failed(reasons)
            return then(.restore(node))
        case .unknown, .each: return then(.reread(node))
        }
    }

    /// Stops before a node whose change did not begin.
    private mutating func leave(_ node: HostID, _ outcome: RolloutOutcome) -> Action {
        guard !moves.isEmpty else { return close(outcome) }
        summary = outcome
        return then(.giveBack(node, moves))
    }

    private mutating func afterReread(_ event: Event, _ node: HostID) -> Action {
        switch event {
        case .succeeded, .saw: return then(.verify(node))
        case .failed(let reasons):
            return leave(node, nothingChanged ? .refused(reasons) : .failed(reasons))
        case .failedHalfway(let reasons):
            summary = .failed(reasons)
            return then(.restore(node))
        case .unreachable, .unknown, .each:
            summary = .failed(["`\(node)`: the connection was lost while it was changed"] + event.reasons)
            return then(.awaitRevert(node))
        }
    }

    private mutating func afterVerify(_ event: Event, _ node: HostID) -> Action {
        switch event {
        case .succeeded, .saw: return passed([node])
        case .failed(let reasons), .failedHalfway(let reasons):
            summary = .failed(reasons)
            return then(.restore(node))
        case .unreachable, .unknown, .each:
            summary = .failed(["`\(node)`: cannot be reached after the change"] + event.reasons)
            return then(.awaitRevert(node))
        }
    }

    /// The gate behind these nodes has passed. Their rollbacks stay armed until the whole cluster has.
    mutating func passed(_ nodes: [HostID]) -> Action {
        for node in nodes { fates[node] = .changed }
        expected = expected(with: nodes)
        unconfirmed.append(nodes)
        if let from = movesFrom, !moves.isEmpty { return keepingArmed(.giveBack(from, moves)) }
        return isLast ? confirmAll() : then(.look)
    }

    /// Nothing more is to be changed.
    var isLast: Bool { waiting.isEmpty && together.isEmpty }
}

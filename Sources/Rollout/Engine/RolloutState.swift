import Inventory
package import Remote

/// The sequence of a run as a state machine without clock or network: it takes events and returns the next action.
/// Every failure in a run is an event, so a unit test can cover each one.
package struct RolloutState: Sendable {
    /// Nodes with work, in the planned order. `disturbs`: whether the node should own nothing while it is worked on.
    var waiting: [(node: HostID, disturbs: Bool)]
    private let cluster: Cluster
    private let installs: [HostID]
    /// Nodes that are changed at the same time, before the others.
    var together: [HostID]
    /// Nodes that were set up before this run or by it.
    package internal(set) var expected: Set<HostID>
    private let expectedAbsences: [HostID: (before: ExpectedAbsences, after: ExpectedAbsences)]
    private let handsOver: Bool
    /// Nodes whose keepalived is stopped permanently.
    private let leaving: Set<HostID>
    /// Instances that leave a node without a handover, as the plan announced.
    private let foretold: Set<Move>
    private let acceptsProblems: Bool
    /// Whether a person confirms the change, and not this run.
    let isHeld: Bool
    /// Nodes whose dead haproxy this run starts.
    private let remedied: Set<HostID>

    /// Problems that the cluster had before the run and that were accepted.
    package private(set) var baseline: Set<Problem> = []
    /// Instances that the current node has handed over and must get back.
    var moves: [Move] = []
    var movesFrom: HostID?
    /// Nodes that have passed their gates and can still be rolled back, in the order of their change. Nodes that were
    /// changed at the same time form one group.
    var unconfirmed: [[HostID]] = []
    /// Nodes that are rolled back next.
    var toRestore: [[HostID]] = []
    /// The action that follows ``Action/extend(_:)``.
    private var afterwards: Action?
    private var last: Action?
    var summary: RolloutOutcome = .done
    private var interrupted = false
    /// Whether this run installed packages.
    private var hasInstalled = false
    /// Whether the first gate has passed.
    private var hasJudged = false
    package internal(set) var fates: [HostID: NodeFate]

    /// - `handsOver`: Whether addresses are handed over before a node is disturbed; `false` for nopreempt, where
    ///   changing the node itself moves them.
    /// - `acceptsProblems`: Continue although the cluster already has problems; new ones still stop the run.
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
        remedied = plan.remedied
        isHeld = plan.confirmWithin != nil
        fates = [:]
        for node in plan.nodes { fates[node.node.id] = node.isEmpty ? .alreadyRight : .untouched }
    }

    /// Whether the gates have passed the files in force on a node, including those of an unfinished earlier run. A problem that
    /// was accepted may be that run's damage, so a node with one has not passed.
    package func hasJudged(_ node: HostID) -> Bool {
        hasJudged && !baseline.contains { $0.node == nil || $0.node == node }
    }

    /// Records that the operator wants to stop: no further node is begun.
    package mutating func interrupt() { interrupted = true }

    package mutating func begin() -> Action { then(.stage(cluster.nodes.map(\.id))) }

    /// The next action, given the result of the last one.
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
        case .confirm, .hold: afterConfirm(event)
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

    /// What each node's configuration does not have yet; `nodes` and those changed before count with their new
    /// configuration.
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

    /// Ends a run that changed no node: the staged files are removed.
    mutating func end(_ summary: RolloutOutcome) -> Action {
        self.summary = summary
        switch summary {
        // Installed packages are a change.
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

    /// Stops the run before the next node is touched.
    private mutating func stopBefore(_ reasons: [String]) -> Action {
        close(nothingChanged ? .refused(reasons) : .failed(reasons))
    }

    /// Ends an incomplete run. Changed nodes stay changed if the cluster is healthy, and are rolled back otherwise.
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
        // A package manager that has started may have changed the node.
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
        // The command only stages or validates: no file in force was touched.
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
            default: return stopBefore(["the cluster cannot be observed"])
            }
        }
        if interrupted, !waiting.isEmpty { return close(.interrupted) }
        let view = seen.excluding(expectedAbsences())
        let problems = view.problems(of: cluster, expected: expected)
        if nothingChanged, acceptsProblems {
            // A node that does not answer is never an accepted problem: the run does not continue without it.
            let silence = problems.filter { $0.node.map { view.silent[$0] != nil } ?? false }
            guard silence.isEmpty else { return stopBefore(silence.map(\.description)) }
            baseline.formUnion(problems)
        } else {
            // What is wrong for want of a daemon that this run starts is accepted until it has started it.
            baseline.formUnion(problems.filter { $0.node.map(isToBeRemedied) ?? false })
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

    /// Postpones the rollbacks of nodes that are already changed, because none may happen during the next change.
    mutating func keepingArmed(_ next: Action) -> Action {
        let armed = unconfirmed.flatMap(\.self)
        guard !armed.isEmpty else { return then(next) }
        afterwards = next
        return then(.extend(armed))
    }

    private mutating func afterExtend(_ event: Event) -> Action {
        if event.isSuccess, let next = afterwards { return then(next) }
        let reasons = ["the automatic rollbacks of the changed nodes could not be postponed"] + event.reasons
        guard case .giveBack(let node, let moves) = afterwards else { return close(.failed(reasons)) }
        summary = .failed(reasons)
        return then(.giveBack(node, moves))
    }

    /// Nodes that own nothing come first, in the planned order; then those that own the fewest instances.
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

    private func isToBeRemedied(_ node: HostID) -> Bool {
        remedied.contains(node) && fates[node] == .untouched
    }

    private mutating func afterChange(_ event: Event, _ node: HostID) -> Action {
        if remedied.contains(node), !acceptsProblems { baseline = baseline.filter { $0.node != node } }
        switch event {
        case .succeeded, .saw: return then(.verify(node))
        case .failed(let reasons):
            return leave(node, nothingChanged ? .refused(reasons) : .failed(reasons))
        case .unreachable(let errors):
            // No command was sent.
            return leave(node, nothingChanged ? .unreachable(errors) : .failed(errors.map(\.description)))
        case .failedHalfway(let reasons):
            summary = .failed(reasons)
            return then(.restore(node))
        case .unknown, .each: return then(.reread(node))
        }
    }

    /// Stops the run at a node whose change did not begin.
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

    /// Records that the gate after these nodes has passed. Their rollbacks stay scheduled until the whole cluster has
    /// passed.
    mutating func passed(_ nodes: [HostID]) -> Action {
        for node in nodes { fates[node] = .changed }
        expected = expected(with: nodes)
        unconfirmed.append(nodes)
        if let from = movesFrom, !moves.isEmpty { return keepingArmed(.giveBack(from, moves)) }
        return isLast ? confirmAll() : then(.look)
    }

    /// Whether no further node needs a change.
    var isLast: Bool { waiting.isEmpty && together.isEmpty }
}

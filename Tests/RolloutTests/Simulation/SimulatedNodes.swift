import Addresses
import Inventory
import Keepalived
import Remote

@testable import Rollout

/// The way to a simulated cluster: each command may be lost before it arrives, lose its answer, or fail.
struct SimulatedNodes: NodeAccess {
    let world: SimulatedCluster
    let run: String

    private static let loginTimeout = 3000
    private static let succeeded = CommandOutput(stdout: [], stderr: [], status: .code(0))

    private static func failed(_ why: String, code: Int = 1) -> CommandOutput {
        CommandOutput(stdout: [], stderr: Array(why.utf8), status: .code(code))
    }

    func answerGate(for cluster: Cluster) async -> AnswerGate? { nil }

    func run(
        _ script: NodeScript, on node: Node, _ operation: String, input: [UInt8], changes: Bool,
        timeout: Duration, anew: Bool
    ) async -> Result<CommandOutput, RemoteError> {
        let index = world.index(of: node.id)
        let unreachable = RemoteError.unreachable(host: node.id, cause: "no route")
        let lost = RemoteError.connectionLost(
            host: node.id, operation: operation, cause: "reset", changes: changes)
        guard !world.controllerIsDead else { return .failure(unreachable) }
        await world.time.sleep(for: 50)
        let bad = world.choices.rarely(world.commandFaults, of: 4)
        let end = world.time.now + Int(timeout.components.seconds) * 1000
        // A frozen machine answers when it goes on, if anybody still waits then.
        while world.machines[index].frozenUntil > world.time.now, world.time.now < end {
            await world.time.sleep(until: min(end, world.machines[index].frozenUntil))
        }
        if !world.machines[index].isUp || world.machines[index].cutUntil > world.time.now || bad == 1 {
            await world.time.sleep(for: Self.loginTimeout)
            return .failure(unreachable)
        }
        if world.machines[index].frozenUntil > world.time.now { return .failure(lost) }
        guard !world.controllerIsDead else { return .failure(unreachable) }
        let value = Dictionary(script.values.map { ($0.name, $0.value) }) { $1 }
        let last = script.parts.last ?? .note
        let answer = await act(last, value, on: index, anew: anew, fails: bad == 3)
        world.settle()
        // The machine may have lost its power, or its link, while it worked.
        let isHeard =
            world.machines[index].isUp && world.machines[index].cutUntil <= world.time.now
            && !world.controllerIsDead
        return isHeard && bad != 2 ? answer.map { .success($0) } ?? .failure(lost) : .failure(lost)
    }

    /// What a script does on its node; `nil` where its end is not heard.
    private func act(
        _ part: NodeScript.Part, _ value: [String: String], on index: Int, anew: Bool, fails: Bool
    ) async -> CommandOutput? {
        func milliseconds(_ name: String) -> Int { (value[name].flatMap(Int.init) ?? 0) * 1000 }
        let machine = world.machines[index]
        let now = world.time.now
        switch part {
        case .stage:
            guard machine.lock == run else { return Self.failed("this run has lost the node's lock") }
            if machine.goingBack != nil { return Self.failed("the node is going back") }
            if fails { return Self.failed("no space") }
            if let armed = machine.armed, armed.run != run {
                world.machines[index].armed?.due = now + milliseconds("RUN_LASTS")
                world.machines[index].armed?.postponedBy = run
            }
            world.machines[index].staged = run
            world.machines[index].journal[run] = "staged"
        case .validate: if fails { return Self.failed("does not accept it") }
        case .activate: return await change(value, on: index, fails: fails)
        case .reread:
            switch machine.journal[run] {
            case "changed", "verified": return Self.said("changed")
            case "restored", "restoring": return Self.said("restored")
            case "refused": return Self.said("refused")
            case "changing": return Self.said("changing")
            default: return Self.said("nothing")
            }
        case .extend:
            guard machine.armed?.run == run else { return Self.failed("the node went back by itself") }
            if fails { return Self.failed("cannot be put off") }
            world.machines[index].armed?.due = now + milliseconds("AFTER")
            world.machines[index].journal[run] = "verified"
        case .confirm:
            if machine.armed == nil {
                return machine.confirmed.contains(run)
                    ? Self.succeeded : Self.failed("the node went back by itself")
            }
            guard machine.armed?.run == run, machine.armed?.postponedBy == nil else {
                return Self.failed("another run has taken over")
            }
            if fails { return Self.failed("cannot be cancelled") }
            world.noteConfirmation(of: index, by: run, anew: anew)
            world.machines[index].armed = nil
            world.machines[index].confirmed.insert(run)
            world.machines[index].journal[run] = "confirmed"
        case .revert:
            guard world.takeBack(run, on: index) else { return Self.failed("nothing to go back to") }
            await world.time.sleep(until: world.machines[index].goingBack?.end ?? now)
            world.settle()
            let isBack = world.machines[index].journal[run] == "restored"
            return isBack ? Self.succeeded : Self.failed("its rollback has not come to its end")
        case .priorityOverride:
            let bonus = value["VALUE"].flatMap(Int.init) ?? 0
            guard bonus == 0 || machine.lock == run else {
                return Self.failed("this run has lost the node's lock")
            }
            if fails { return Self.failed("cannot write") }
            world.machines[index].bonus = bonus
            let lasts = milliseconds("EXPIRES")
            world.machines[index].bonusEnds =
                lasts == 0 ? nil : (now + lasts, value["BEFORE"].flatMap(Int.init) ?? 0)
        case .fix:
            world.machines[index].runs = false
            world.machines[index].role = .backup
        case .finish: finish(judged: value["JUDGED"] ?? "", on: index)
        default: break
        }
        return Self.succeeded
    }

    private static func said(_ word: String) -> CommandOutput {
        CommandOutput(stdout: Array((word + "\n").utf8), stderr: [], status: .code(0))
    }

    private func change(_ value: [String: String], on index: Int, fails: Bool) async -> CommandOutput? {
        let machine = world.machines[index]
        guard machine.lock == run, machine.staged == run else {
            return Self.failed("this run has lost the node's lock", code: 3)
        }
        if machine.goingBack != nil { return Self.failed("cannot schedule the automatic rollback", code: 3) }
        world.machines[index].journal[run] = "preparing"
        world.machines[index].change = SimulatedMachine.Change(
            run: run, next: world.time.now, reloads: value["KEEPALIVED_ACTION"] != "restart",
            revertAfter: (value["REVERT_AFTER"].flatMap(Int.init) ?? 0) * 1000,
            failsIn: fails ? world.choices.pick(3) : nil)
        while world.machines[index].change?.run == run, world.machines[index].isUp {
            await world.time.sleep(for: 200)
            if world.controllerIsDead { return nil }
        }
        guard world.machines[index].isUp else { return nil }
        switch world.machines[index].journal[run] {
        case "changed": return Self.succeeded
        case "refused": return Self.failed("cannot keep the old files", code: 3)
        default: return Self.failed("it fails")
        }
    }

    /// A rollback of an earlier run stays scheduled unless the gates have passed what is in force.
    private func finish(judged: String, on index: Int) {
        world.machines[index].staged = nil
        guard let armed = world.machines[index].armed, armed.postponedBy == run else { return }
        if judged == "yes" {
            world.machines[index].armed = nil
            world.machines[index].confirmed.insert(armed.run)
        } else if judged == "no" {
            world.machines[index].armed?.due = max(armed.originally, world.time.now + 5000)
            world.machines[index].armed?.postponedBy = nil
        }
    }

    // MARK: Observing

    func look(at cluster: Cluster, loggingIn: Set<HostID>) async -> ClusterViewer.Look {
        await world.time.sleep(for: 100)
        var view = ClusterView(nodes: [:])
        var unreachable: [HostID: RemoteError] = [:]
        let frozen = world.machines.contains { $0.isUp && $0.frozenUntil > world.time.now }
        if frozen { await world.time.sleep(for: Self.loginTimeout) }
        for (index, node) in cluster.nodes.enumerated() {
            let machine = world.machines[index]
            let isSilent = world.choices.rarely(world.commandFaults / 10, of: 2) == 1
            guard machine.isAwake(at: world.time.now), machine.cutUntil <= world.time.now, !isSilent,
                !world.controllerIsDead
            else {
                let error = RemoteError.unreachable(host: node.id, cause: "no route")
                unreachable[node.id] = error
                view.silent[node.id] = error.description
                continue
            }
            if loggingIn.contains(node.id) { world.noteProof(of: index, by: run) }
            view.nodes[node.id] = Self.view(of: machine, in: cluster)
        }
        return ClusterViewer.Look(view: view, answers: [], unreachable: unreachable)
    }

    private static func view(of machine: SimulatedMachine, in cluster: Cluster) -> NodeView {
        guard let instance = cluster.keepalived?.instances.first else { return NodeView() }
        let role: LiveState.Role =
            switch machine.role {
            case .backup: .backup
            case .master: .master
            case .fault: .fault
            }
        var view = NodeView(
            keepalivedRuns: machine.runs, haproxyRuns: machine.proxyRuns,
            roles: machine.runs ? [instance.name: role] : [:],
            priorities: machine.runs ? [instance.name: machine.priority] : [:],
            holds: machine.runs && machine.role == .master
                ? Set(instance.addresses.map(\.cidr.address)) : [],
            follows: [instance.name], overrides: machine.bonus == 0 ? [:] : [instance.name: machine.bonus])
        if machine.runs { view.basePriorities = [instance.name: machine.base] }
        return view
    }
}

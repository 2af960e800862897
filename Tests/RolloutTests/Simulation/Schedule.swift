import Events
import Inventory
import Remote
import Rendering

@testable import Rollout

/// One run of the engine against a simulated cluster, with the faults that a schedule of decisions brings.
struct Schedule {
    /// What must never be and was.
    private(set) var violations: [String] = []
    private(set) var decisions: [Int] = []
    /// What it was about, for whoever reads of its failure.
    private(set) var story = ""
    private(set) var outcome: RolloutOutcome?

    private static let minute = 60_000

    init(_ choices: Choices) {
        var choices = choices
        let size = 2 + choices.pick(2)
        let preempts = choices.rarely(250, of: 2) == 0
        let novelty =
            SimulatedCluster.Novelty(
                rawValue: choices.rarely(400, of: SimulatedCluster.Novelty.allCases.count)) ?? .good
        let isIncompatible = choices.rarely(150, of: 2) == 1
        let restarts = choices.pick(2) == 1
        let faults = Self.faults(size, &choices)
        guard let scene = Scene.all[[size, preempts ? 1 : 0]] else { return }
        let isFaultless = faults.isEmpty && choices.rarely(700, of: 2) == 0
        let world = SimulatedCluster(
            cluster: scene.cluster, novelty: novelty, isIncompatible: isIncompatible, faults: faults,
            choices: choices)
        if isFaultless { world.commandFaults = 0 }
        story =
            "\(size) nodes, \(preempts ? "preempt" : "nopreempt"), \(novelty)\(isIncompatible ? ", incompatible" : ""), \(restarts ? "restart" : "reload"), \(faults)"

        let before = world.machines.map(\.files)
        let plan = scene.plan(changing: Set(scene.cluster.nodes.map(\.id)), isIncompatible, restarts)
        let begun = world.now
        let report = Self.run("R1", plan, scene, in: world)
        check(
            report, world, before, after: world.now - begun,
            within: scene.timing.longest(size, installs: false))
        if isFaultless { checkFaultless(report, world) }
        checkSharing(world, faults)

        // Whatever was scheduled happens, and the next run finds the cluster well.
        world.live(until: world.now + 90 * Self.minute)
        world.heal()
        world.live(until: world.now + 10 * Self.minute)
        checkPeace(world, report)
        if novelty == .good, violations.isEmpty {
            world.startAnew()
            let old = world.machines.filter { $0.files == .old }.map(\.id)
            let again = scene.plan(changing: Set(old), isIncompatible, restarts)
            let second = old.isEmpty ? RolloutReport(outcome: .done) : Self.run("R2", again, scene, in: world)
            if second?.outcome != .done || world.machines.contains(where: { $0.files != .new }) {
                violations.append("a second run does not end clean: \(String(describing: second?.outcome))")
            }
        }
        violations += world.violations
        decisions = world.choices.taken
        outcome = report?.outcome
    }

    private static func faults(
        _ size: Int, _ choices: inout Choices
    ) -> [(time: Int, fault: SimulatedCluster.Fault)] {
        let durations = [5_000, 20_000, 60_000, 300_000]
        return (0..<choices.rarely(650, of: 4)).map { _ in
            let time = choices.pick(240) * 250
            let node = choices.pick(size)
            let lasts = durations[choices.pick(durations.count)]
            let fault: SimulatedCluster.Fault =
                switch choices.pick(7) {
                case 0: .interrupt
                case 1: .cutOff(node, until: time + lasts)
                case 2: .powerCut(node, bootsAfter: choices.pick(4) == 3 ? nil : lasts)
                case 3: .freeze(node, until: time + lasts)
                case 4: .deafTo(from: node, to: (node + 1) % size, until: time + lasts)
                case 5: .keepalivedDies(node)
                default: .controllerDies
                }
            return (time, fault)
        }
    }

    private static func run(
        _ run: String, _ plan: ClusterPlan, _ scene: Scene, in world: SimulatedCluster
    ) -> RolloutReport? {
        world.carryOut(by: run) {
            let operations = NodeOperations(
                transport: NoTransport(), access: SimulatedNodes(world: world, run: run),
                clock: SimulatedClock(time: world.time),
                context: NodeScript.Context(run: run, who: "ops@desk", what: "apply", isLocked: true),
                timing: scene.timing)
            var state = RolloutState(
                plan, expected: plan.expected, handsOver: plan.cluster.keepalived?.preempt ?? true,
                acceptsProblems: false)
            let runner = Runner(plan: plan, operations: operations, events: EventEmitter())
            let outcome = await runner.run(&state, interrupt: world.interrupt, lost: world.lostLock)
            return RolloutReport(outcome: outcome, fates: state.fates, notes: await runner.notes)
        }
    }

    // MARK: What must hold

    /// The run has ended in time, and what it says is so.
    private mutating func check(
        _ report: RolloutReport?, _ world: SimulatedCluster, _ before: [SimulatedMachine.Files],
        after time: Int,
        within limit: Duration
    ) {
        guard let report else { return violations.append("the run never ends") }
        // What a dead controller would have said, nobody hears.
        guard !world.controllerIsDead else { return }
        if time > Int(limit.components.seconds) * 1000 { violations.append("the run took \(time) ms") }
        for (machine, files) in zip(world.machines, before) {
            func complain(_ what: String) {
                violations.append("\(machine.id): said to be \(what), and is \(machine)")
            }
            switch report.fates[machine.id] {
            case .changed where machine.files != .new || machine.armed != nil || machine.claimed != nil:
                complain("changed")
            case .restored where machine.files != .old, .unproven where machine.files != .old:
                complain("restored")
            case .untouched where machine.files != files, .alreadyRight where machine.files != files:
                complain("untouched")
            default: break
            }
        }
        if report.outcome == .done, !report.fates.values.allSatisfy({ $0 == .changed }) {
            violations.append("done, and not all nodes are changed: \(report.fates)")
        }
        switch report.outcome {
        case .refused, .unreachable, .nothingToDo:
            if world.machines.map(\.files) != before {
                violations.append("\(report.outcome), and files differ")
            }
        default: break
        }
        for machine in world.machines
        where world.novelty != .good && machine.files == .new && !machine.confirmed.isEmpty {
            // That the only MASTER hears nobody shows nowhere, and a node that cannot be reached cannot be put back.
            let isAlone =
                world.novelty == .deaf
                && world.machines.allSatisfy { ($0.role == .master) == ($0.id == machine.id) }
            if case .unknown = report.fates[machine.id] { continue }
            if !isAlone { violations.append("\(machine.id): a configuration that does harm is confirmed") }
        }
    }

    /// Without a fault, a good configuration is in force everywhere in the end, and nobody noticed.
    private mutating func checkFaultless(
        _ report: RolloutReport?, _ world: SimulatedCluster
    ) {
        guard world.novelty == .good else { return }
        if report?.outcome != .done {
            violations.append("no fault, and \(String(describing: report?.outcome))")
        }
        if world.preempts, !world.isIncompatible, world.longestSilence > 0 {
            violations.append("no fault, and nobody served for \(world.longestSilence) ms")
        }
    }

    /// No two owners by our doing: only adverts that are lost, or a configuration that does harm, make them.
    private mutating func checkSharing(
        _ world: SimulatedCluster, _ faults: [(time: Int, fault: SimulatedCluster.Fault)]
    ) {
        let mayShare = faults.contains {
            switch $0.fault {
            case .deafTo, .freeze: true
            default: false
            }
        }
        guard !mayShare, !world.isIncompatible, world.novelty != .deaf else { return }
        if world.longestShared > 0 || world.sharedSince != nil {
            violations.append("two owners for \(world.longestShared) ms")
        }
    }

    /// In the end nothing is scheduled or overridden, and one node serves.
    private mutating func checkPeace(_ world: SimulatedCluster, _ report: RolloutReport?) {
        let owners = world.machines.filter { $0.serves(at: world.now) }
        // A controller that dies between the confirmations of two nodes leaves one of them to its rollback: nobody is there who
        // could decide for both. Nodes that reject each other's adverts then both serve.
        let isTorn = world.isIncompatible && Set(world.machines.map(\.files)).count == 2
        let maySplit =
            isTorn && (world.controllerIsDead || report?.fates.values.contains(where: \.isUnknown) == true)
        if owners.count != 1, !maySplit {
            violations.append("in the end \(owners.count) nodes serve: \(world.machines)")
        }
        for machine in world.machines {
            if machine.armed != nil || machine.claimed != nil {
                violations.append("\(machine.id): a rollback is still scheduled")
            }
            if machine.bonus != 0, report?.notes.contains(where: { $0.contains("keeps") }) != true {
                violations.append(
                    "\(machine.id): an override of \(machine.bonus) is left, and nothing is said of it")
            }
            if case .unknown = report?.fates[machine.id], !world.controllerIsDead, machine.files == .new,
                report?.notes.contains(where: { $0.contains("may be confirmed") }) != true
            {
                violations.append("\(machine.id): its change was to go back by itself, and is in force")
            }
        }
    }
}

extension NodeFate {
    fileprivate var isUnknown: Bool {
        if case .unknown = self { true } else { false }
    }
}

/// Clusters and plans, made once for all schedules.
private struct Scene {
    let cluster: Cluster
    let timing: RolloutTiming
    private let change: FileChange
    private let incompatibleChange: FileChange

    static let all: [[Int]: Scene] = {
        var scenes: [[Int]: Scene] = [:]
        for size in 2...3 {
            for preempts in [0, 1] {
                let nodes = Array([TestCluster.lb1, TestCluster.lb2, TestCluster.lb3].prefix(size))
                guard var cluster = try? TestCluster.make(nodes, preempt: preempts == 1) else { continue }
                cluster.haproxy = HAProxySettings(frontends: [], backends: [])
                scenes[[size, preempts]] = Scene(cluster)
            }
        }
        return scenes
    }()

    private init(_ cluster: Cluster) {
        self.cluster = cluster
        var timing = RolloutTiming(cluster)
        // A simulated look is cheap, and the steps between two of them are what takes the time of a test.
        timing.poll = .seconds(1)
        self.timing = timing
        var change = TestCluster.dividingChange
        incompatibleChange = change
        change.breaksPeerCompatibility = false
        self.change = change
    }

    func plan(changing nodes: Set<HostID>, _ isIncompatible: Bool, _ restarts: Bool) -> ClusterPlan {
        var plan = ClusterPlan(
            cluster: cluster, purpose: "apply",
            nodes: cluster.nodes.reversed().map { node in
                guard nodes.contains(node.id) else { return NodePlan(node: node) }
                return NodePlan(
                    node: node, files: [isIncompatible ? incompatibleChange : change],
                    keepalived: restarts ? .restart : .reload)
            }, goal: .converge([:]))
        plan.expected = Set(cluster.nodes.map(\.id))
        return plan
    }
}

import Addresses
import Inventory
import Keepalived
import Remote

@testable import Rollout

/// A cluster in memory: elections, power, links, and what the scripts of a run do on its nodes.
///
/// An advert has no event of its own. What counts is whether a BACKUP hears a MASTER whose claim it accepts: while it does, its
/// master-down timer does not run out.
final class SimulatedCluster: @unchecked Sendable {
    /// What the new configuration is like once it is loaded.
    enum Novelty: Int, CaseIterable {
        case good
        /// keepalived ends when it reads it.
        case endsKeepalived
        /// The node hears nobody any more, as behind a new packet filter.
        case deaf
        /// The instance is in FAULT.
        case inFault
        /// haproxy ends when it reads it.
        case endsHAProxy
    }

    enum Fault {
        case powerCut(Int, bootsAfter: Int?)
        case freeze(Int, until: Int)
        case cutOff(Int, until: Int)
        case deafTo(from: Int, to: Int, until: Int)
        case keepalivedDies(Int)
        case interrupt
        case controllerDies
    }

    /// The clock of the run that is at work.
    private(set) var time = SimulatedTime()
    let cluster: Cluster
    let novelty: Novelty
    /// Nodes with and without the new configuration reject each other's adverts.
    let isIncompatible: Bool
    let preempts: Bool
    var machines: [SimulatedMachine]
    var choices: Choices
    /// Chances in a thousand that a command meets a fault of its own.
    var commandFaults = 30
    private var faults: [(time: Int, fault: Fault)]
    /// Until when the adverts of one node do not reach another, by sender and receiver.
    private var lost: [Int: Int] = [:]
    private(set) var now = 0

    private(set) var interrupt = Interrupt()
    private(set) var lostLock = Interrupt()
    private(set) var controllerIsDead = false
    var violations: [String] = []
    /// Runs whose gate has looked at a node over a new login since they changed it.
    private var proven: Set<String> = []
    /// When two nodes began to serve the address at once.
    private(set) var sharedSince: Int?
    private(set) var longestShared = 0
    /// When the address began to be without an owner.
    private var silentSince: Int?
    private(set) var longestSilence = 0

    init(
        cluster: Cluster, novelty: Novelty, isIncompatible: Bool,
        faults: [(time: Int, fault: Fault)], choices: Choices
    ) {
        self.cluster = cluster
        self.novelty = novelty
        self.isIncompatible = isIncompatible
        preempts = cluster.keepalived?.preempt ?? true
        self.faults = faults.sorted { $0.time < $1.time }
        self.choices = choices
        let priorities = cluster.keepalived?.instances.first?.priorities ?? [:]
        machines = cluster.nodes.map { SimulatedMachine(id: $0.id, base: priorities[$0.id] ?? 100) }
        machines[0].role = .master
    }

    // MARK: Time

    /// Carries out a run, while the world goes on.
    ///
    /// - Returns: `nil` if the run never ends.
    func carryOut<Value: Sendable>(
        by run: String, _ body: @escaping @Sendable () async -> Value
    ) -> Value? {
        time = SimulatedTime(startingAt: now)
        (interrupt, lostLock) = (Interrupt(), Interrupt())
        for node in machines.indices where machines[node].isAwake(at: now) { machines[node].lock = run }
        let value = time.run(pass: { [self] end in if !controllerIsDead { live(until: end) } }, body)
        for node in machines.indices { machines[node].lock = nil }
        return value
    }

    /// Lets the world go on. It stands still when the controller dies, until its run is over.
    func live(until end: Int) {
        let wasDead = controllerIsDead
        while true {
            var next = faults.first?.time ?? .max
            var who = -1
            for index in machines.indices {
                let event = machines[index].nextEvent(after: now)
                if event < next { (next, who) = (event, index) }
            }
            guard next <= end else { break }
            now = max(now, next)
            if who < 0 { happen(faults.removeFirst().fault) } else { proceed(who) }
            settle()
            if controllerIsDead, !wasDead { return }
        }
        now = max(now, end)
    }

    /// A new run, and no more faults.
    func startAnew() {
        controllerIsDead = false
        commandFaults = 0
    }

    private func happen(_ fault: Fault) {
        switch fault {
        case .powerCut(let node, let delay): losePower(node, bootsAfter: delay)
        case .freeze(let node, let end): machines[node].frozenUntil = max(end, now)
        case .cutOff(let node, let end): machines[node].cutUntil = max(end, now)
        case .deafTo(let from, let to, let end): lost[from * 8 + to] = end
        case .keepalivedDies(let node):
            machines[node].runs = false
            machines[node].role = .backup
        case .interrupt: interrupt.request()
        case .controllerDies:
            controllerIsDead = true
            for index in machines.indices { machines[index].lock = nil }
        }
    }

    private func losePower(_ node: Int, bootsAfter delay: Int?) {
        guard machines[node].isUp else { return }
        machines[node].isUp = false
        machines[node].bootsAt = delay.map { now + $0 }
        if machines[node].lock != nil { lostLock.request() }
        machines[node].lock = nil
        machines[node].goingBack = nil
        machines[node].change = nil
        (machines[node].bonus, machines[node].bonusEnds) = (0, nil)
        machines[node].claimsAt = nil
        machines[node].role = .backup
        machines[node].frozenUntil = 0
    }

    /// The next thing that happens on a machine by itself.
    private func proceed(_ node: Int) {
        if !machines[node].isUp { return boot(node) }
        if machines[node].frozenUntil == now, now > 0 { return machines[node].frozenUntil = 0 }
        if let change = machines[node].change, change.next <= now { return proceed(with: change, on: node) }
        if let back = machines[node].goingBack, back.end <= now { return endGoingBack(back.run, on: node) }
        if let armed = machines[node].armed, armed.due <= now { return goBack(armed.run, on: node) }
        if let end = machines[node].bonusEnds, end.time <= now {
            machines[node].bonus = end.before
            return machines[node].bonusEnds = nil
        }
        if let claim = machines[node].claimsAt, claim <= now {
            machines[node].claimsAt = nil
            machines[node].role = .master
        }
    }

    private func boot(_ node: Int) {
        machines[node].isUp = true
        machines[node].bootsAt = nil
        // The rollback comes before the daemons.
        if let run = machines[node].armed?.run ?? machines[node].claimed {
            machines[node].armed = nil
            machines[node].claimed = nil
            machines[node].files = machines[node].backups[run] ?? machines[node].files
            machines[node].journal[run] = "restored"
        }
        machines[node].proxyRuns = true
        start(node)
    }

    // MARK: keepalived

    /// keepalived starts, with the files that are there.
    private func start(_ node: Int) {
        machines[node].runs = true
        machines[node].role = .backup
        machines[node].claimsAt = nil
        load(node)
    }

    private func load(_ node: Int) {
        machines[node].loaded = machines[node].files
        let isNew = machines[node].files == .new
        switch novelty {
        case .good, .deaf: break
        case .endsKeepalived where isNew:
            machines[node].runs = false
            machines[node].role = .backup
        case .inFault where isNew: machines[node].role = .fault
        case .endsHAProxy: machines[node].proxyRuns = !isNew
        case .endsKeepalived, .inFault: break
        }
        if !isNew, machines[node].role == .fault { machines[node].role = .backup }
    }

    private func farewell(_ node: Int) {
        guard machines[node].role == .master else { return }
        machines[node].role = .backup
        for other in machines.indices where other != node && hears(other, node, saying: true) {
            machines[other].claimsAt = now + skew(of: machines[other])
        }
    }

    private func skew(of machine: SimulatedMachine) -> Int { (256 - machine.priority) * 1000 / 256 }

    private func masterDown(of machine: SimulatedMachine) -> Int { 3000 + skew(of: machine) }

    /// Whether adverts of `sender` reach `receiver` and count there.
    ///
    /// - `saying`: the sender has just ended, and said so.
    private func hears(_ receiver: Int, _ sender: Int, saying: Bool = false) -> Bool {
        let from = machines[sender]
        let to = machines[receiver]
        guard from.isAwake(at: now), to.isAwake(at: now), to.runs, saying || from.runs,
            lost[sender * 8 + receiver].map({ $0 <= now }) ?? true
        else { return false }
        if novelty == .deaf, to.loaded == .new { return false }
        return !isIncompatible || from.loaded == to.loaded
    }

    /// Who claims what, after anything has changed.
    func settle() {
        for node in machines.indices where machines[node].serves(at: now) {
            for other in machines.indices where other != node && machines[other].serves(at: now) {
                // The lower of two that hear each other gives way with the next advert.
                if machines[other].priority > machines[node].priority, hears(node, other) {
                    machines[node].role = .backup
                    machines[node].claimsAt = nil
                }
            }
        }
        for node in machines.indices where machines[node].isAwake(at: now) && machines[node].runs {
            guard machines[node].role == .backup else {
                machines[node].claimsAt = nil
                continue
            }
            let isKept = machines.indices.contains { other in
                other != node && machines[other].role == .master && hears(node, other)
                    && (!preempts || machines[other].priority >= machines[node].priority)
            }
            if isKept {
                machines[node].claimsAt = nil
            } else if machines[node].claimsAt == nil {
                machines[node].claimsAt = now + masterDown(of: machines[node])
            }
        }
        watch()
    }

    private func watch() {
        if machines.contains(where: { $0.serves(at: now) }) {
            if let since = silentSince { longestSilence = max(longestSilence, now - since) }
            silentSince = nil
        } else if silentSince == nil {
            silentSince = now
        }
        if machines.count(where: { $0.serves(at: now) }) > 1 {
            if sharedSince == nil { sharedSince = now }
        } else if let since = sharedSince {
            longestShared = max(longestShared, now - since)
            sharedSince = nil
        }
        for machine in machines where machine.files == .new && machine.isUp {
            let isGuarded = machine.armed != nil || machine.claimed != nil || !machine.confirmed.isEmpty
            if !isGuarded {
                violations.append("\(machine.id): changed, not confirmed, and nothing is scheduled")
            }
        }
    }

    // MARK: Changes and rollbacks

    private func proceed(with change: SimulatedMachine.Change, on node: Int) {
        machines[node].change?.next = now + 400
        machines[node].change?.phase += 1
        func end(_ word: String?) {
            machines[node].change = nil
            if let word { machines[node].journal[change.run] = word }
        }
        // The rollback has begun: the change ends before its next step.
        if change.phase > 0, machines[node].armed?.run != change.run { return end(nil) }
        if change.failsIn == change.phase { return end(change.phase == 0 ? "refused" : "changing") }
        switch change.phase {
        case 0:
            machines[node].backups[change.run] = machines[node].files
            machines[node].claimed = nil
            machines[node].armed = SimulatedMachine.Armed(
                run: change.run, due: now + change.revertAfter, originally: now + change.revertAfter)
            machines[node].journal[change.run] = "changing"
        case 1: machines[node].files = .new
        case 2 where !change.reloads:
            // The script waits until keepalived has stopped, which takes a second, and is there again.
            farewell(node)
            machines[node].runs = false
            machines[node].change?.next = now + 1000
        default:
            if change.reloads { load(node) } else { start(node) }
            end("changed")
        }
    }

    /// The scheduled rollback of a run begins.
    private func goBack(_ run: String, on node: Int) {
        machines[node].armed = nil
        machines[node].claimed = run
        machines[node].journal[run] = "restoring"
        machines[node].goingBack = SimulatedMachine.GoingBack(run: run, end: now + 1500)
    }

    private func endGoingBack(_ run: String, on node: Int) {
        machines[node].goingBack = nil
        machines[node].claimed = nil
        machines[node].confirmed.remove(run)
        machines[node].files = machines[node].backups[run] ?? machines[node].files
        machines[node].journal[run] = "restored"
        machines[node].proxyRuns = true
        if machines[node].runs { load(node) } else { start(node) }
    }

    // MARK: For the scripts of a run

    func index(of node: HostID) -> Int { cluster.nodes.firstIndex { $0.id == node } ?? 0 }

    /// Begins a rollback at haops' command, unless one is under way; `false` if there is nothing to go back to.
    func takeBack(_ run: String, on node: Int) -> Bool {
        let machine = machines[node]
        if let armed = machine.armed, armed.run != run || armed.postponedBy.map({ $0 != run }) == true {
            return false
        }
        if machine.goingBack != nil { return true }
        guard machine.journal[run] != "restored" else { return true }
        guard machine.backups[run] != nil, machine.armed != nil || machine.lock == run else { return false }
        goBack(run, on: node)
        return true
    }

    func noteProof(of node: Int, by run: String) {
        if machines[node].journal[run] == "changed" || machines[node].journal[run] == "verified" {
            proven.insert("\(run) \(node)")
        }
    }

    /// A confirmation is only right behind a gate that has passed, over a login of its own.
    func noteConfirmation(of node: Int, by run: String, anew: Bool) {
        if !anew { violations.append("\(machines[node].id): confirmed without a new login") }
        if !proven.contains("\(run) \(node)") {
            violations.append("\(machines[node].id): confirmed, and no gate has logged in since the change")
        }
    }

    /// Everything is repaired, as an operator would do it after the night.
    func heal() {
        faults = []
        lost = [:]
        for node in machines.indices {
            machines[node].frozenUntil = 0
            machines[node].cutUntil = 0
            if !machines[node].isUp { boot(node) } else if !machines[node].runs { start(node) }
            machines[node].proxyRuns = true
        }
        settle()
    }
}

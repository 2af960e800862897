import Inventory
import Remote

@testable import Rollout

/// A node of a simulated cluster: what its scripts have written, its keepalived, its power and its links.
///
/// It does what the scripts in `Sources/Rollout/Scripts` do, step by step. The lab proves that they do so.
struct SimulatedMachine {
    enum Files { case old, new }
    enum Role { case backup, master, fault }

    /// An automatic rollback, as `armed/when` has it.
    struct Armed {
        var run: String
        var due: Int
        var postponedBy: String?
        /// When it was due before another run postponed it.
        var originally: Int
    }

    /// A rollback in progress.
    struct GoingBack {
        var run: String
        var end: Int
    }

    /// A change in progress: the script goes on without its connection.
    struct Change {
        var run: String
        var next: Int
        var phase = 0
        var reloads: Bool
        var revertAfter: Int
        /// It ends with an error before it replaces anything, or after.
        var failsIn: Int?
    }

    let id: HostID
    /// The priority in its configuration.
    let base: Int

    // What survives a power cut.
    var files = Files.old
    var backups: [String: Files] = [:]
    var staged: String?
    var armed: Armed?
    /// By run, the last line of its journal.
    var journal: [String: String] = [:]
    /// A rollback that was taken up and has not ended.
    var claimed: String?
    /// Runs whose change was confirmed.
    var confirmed: Set<String> = []

    // What does not.
    var lock: String?
    var goingBack: GoingBack?
    var change: Change?
    var bonus = 0
    var bonusEnds: (time: Int, before: Int)?

    // keepalived and haproxy.
    var loaded = Files.old
    var runs = true
    var proxyRuns = true
    var role = Role.backup
    /// When it takes the addresses, unless it hears a better claim until then.
    var claimsAt: Int?

    // Its power and its link to haops.
    var isUp = true
    var bootsAt: Int?
    var frozenUntil = 0
    var cutUntil = 0

    var priority: Int { min(254, max(1, base + bonus)) }

    func isAwake(at now: Int) -> Bool { isUp && frozenUntil <= now }

    func serves(at now: Int) -> Bool { isAwake(at: now) && runs && role == .master }

    /// The next time at which something happens here by itself.
    func nextEvent(after now: Int) -> Int {
        var next = Int.max
        func consider(_ time: Int?) {
            guard let time, time < next else { return }
            next = time
        }
        guard isUp else { return bootsAt ?? .max }
        // Nothing happens on a frozen machine until it goes on.
        if frozenUntil > now { return frozenUntil }
        if role == .backup, runs { consider(claimsAt) }
        consider(bonusEnds?.time)
        consider(armed?.due)
        consider(goingBack?.end)
        consider(change?.next)
        return max(next, now)
    }
}

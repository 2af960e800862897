package import Inventory
import Keepalived

/// The waiting times of a run, derived from keepalived's own timers.
package struct RolloutTiming: Hashable, Sendable {
    /// Between two observations of the cluster.
    package var poll: Duration
    /// Until an election among running daemons is over, including `preempt_delay`.
    package var election: Duration
    /// Until the effects of an earlier election or handover are over, before the run begins. `preempt_delay` is not
    /// included, because nothing is being moved.
    package var peace: Duration
    /// Until a changed node must be healthy.
    package var settle: Duration
    /// A changed node rolls back after this time, which is longer than everything before its gate can take.
    package var revertAfter: Duration
    /// Until a BACKUP that hears no adverts takes the addresses.
    package var masterDown: Duration
    /// Until a check that begins to fail has failed often enough to count.
    package var checks: Duration
    /// Until all checks have their first results after keepalived was started or reloaded.
    package var firstChecks: Duration
    /// How long a BACKUP waits before it takes the addresses of a MASTER of lower priority.
    package var preemptDelay: Duration
    /// The time limit of a script that changes a node.
    package var change: Duration
    /// The time limit of a package manager.
    package var install: Duration

    package init(
        poll: Duration = .milliseconds(250), election: Duration, peace: Duration? = nil, settle: Duration,
        revertAfter: Duration, masterDown: Duration = .seconds(4), checks: Duration = .zero,
        firstChecks: Duration = .zero, preemptDelay: Duration = .zero,
        change: Duration = .seconds(90), install: Duration = .seconds(600)
    ) {
        self.poll = poll
        self.election = election
        self.peace = peace ?? election
        self.settle = settle
        self.revertAfter = revertAfter
        self.masterDown = masterDown
        self.checks = checks
        self.firstChecks = firstChecks
        self.preemptDelay = preemptDelay
        self.change = change
        self.install = install
    }

    package init(_ cluster: Cluster) {
        let advert = Duration.milliseconds(10 * (cluster.keepalived?.advertInterval ?? 100))
        let timers = cluster.allTimers
        // Assumes that any number of checks fail. A cluster without instances waits as a node with its own interval
        // would.
        let masterDown =
            timers.map { $0.masterDownTime(priority: 1).value }.max()
            ?? InstanceTimers(advertInterval: advert).masterDownTime(priority: 1).value
        let checks = (cluster.keepalived?.scripts ?? []).map { script in
            Duration.seconds(
                script.interval * max(script.rise, script.fall) + (script.timeout ?? script.interval))
        }
        let delay = timers.map(\.preemptDelay).max() ?? .zero
        let peace = masterDown + advert + .seconds(4)
        let election = peace + delay
        let settle = masterDown * 2 + (checks.max() ?? .zero) + .seconds(15)
        // Addresses move away and back within this time.
        self.init(
            election: election, peace: peace, settle: settle,
            revertAfter: .seconds(90) + election + delay + settle + .seconds(30), masterDown: masterDown,
            checks: checks.max() ?? .zero,
            firstChecks: (cluster.keepalived?.scripts ?? []).map { .seconds($0.timeout ?? $0.interval) }.max()
                ?? .zero,
            preemptDelay: delay)
    }

    /// A problem that lasts longer than this does not end by itself: elections and checks are over by then, and
    /// keepalived has sent the second round of gratuitous ARP, which follows after five seconds
    /// (`garp_master_delay`).
    var patience: Duration { elected + checks + .seconds(8) }

    /// How long a node that rolls back waits for a peer to take its addresses over.
    var aside: Duration { masterDown + .seconds(2) }

    /// Until a node has rolled back and the addresses are on their owners again.
    var goBack: Duration { aside + .seconds(30) + election }

    /// How long the rollback of a node that has passed its gate stays scheduled while another node is changed: longer
    /// than that node's own time. Nodes that were changed earlier get more time, so that two nodes of one cluster
    /// never roll back at once.
    ///
    /// - `distance`: 1 for the node that passed last, 2 for the one before it.
    func kept(_ distance: Int) -> Duration {
        revertAfter + election + settle + change + goBack * distance
    }

    /// How long the rollback of a node stays scheduled while a person may confirm the change.
    ///
    /// - `patience`: the time that the person has.
    /// - `turn`: 1 for the node that goes back first; each other one waits until those before it have gone back.
    func held(_ patience: Duration, _ turn: Int) -> Duration { patience + goBack * (turn - 1) }

    /// How long a handover lasts: longer than the rollback of the node that handed over.
    var handover: Duration { revertAfter + election + change + goBack }

    /// The longest time that a run over this many nodes takes, however it ends.
    func longest(_ nodes: Int, installs: Bool) -> Duration {
        kept(nodes) * (nodes + 1) + (installs ? install : .zero)
    }

    /// A duration in whole seconds, as scripts take it.
    static func seconds(_ duration: Duration) -> String { String(duration.components.seconds) }

    /// The time without a change that a gate requires: one election of this cluster.
    static func quiet(_ cluster: Cluster) -> Duration {
        .milliseconds(10 * (cluster.keepalived?.advertInterval ?? 100) * 3 / 2)
    }
}

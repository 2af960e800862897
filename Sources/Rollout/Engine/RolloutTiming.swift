package import Inventory
import Keepalived

/// How long a run waits for what, derived from what keepalived itself needs.
package struct RolloutTiming: Hashable, Sendable {
    /// Between two looks at the cluster.
    package var poll: Duration
    /// Until an election among running daemons is over, `preempt_delay` included.
    package var election: Duration
    /// Until what an election or a handover has left behind is over, before anything is begun: `preempt_delay` is not
    /// waited for, as nobody is moved.
    package var peace: Duration
    /// Until a node that was changed must be as it should be.
    package var settle: Duration
    /// A node that was changed goes back after so long; longer than all that may come until its gate has passed.
    package var revertAfter: Duration
    /// Until a BACKUP that hears nobody takes the addresses.
    package var masterDown: Duration
    /// Until a check that begins to fail has done so often enough to count.
    package var checks: Duration
    /// Until the first results of all checks are there after keepalived was started or reloaded.
    package var firstChecks: Duration
    /// How long a BACKUP waits before it takes the addresses of a MASTER of lower priority.
    package var preemptDelay: Duration
    /// A changing script on a node.
    package var change: Duration
    /// A package manager's work.
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
        // However many checks fail. A cluster without instances waits as a node of its own interval would.
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
        // An address goes and comes back within it.
        self.init(
            election: election, peace: peace, settle: settle,
            revertAfter: .seconds(90) + election + delay + settle + .seconds(30), masterDown: masterDown,
            checks: checks.max() ?? .zero,
            firstChecks: (cluster.keepalived?.scripts ?? []).map { .seconds($0.timeout ?? $0.interval) }.max()
                ?? .zero,
            preemptDelay: delay)
    }

    /// What has been wrong in the same way for so long does not end by itself: elections and checks are over by then, and
    /// the second round of gratuitous ARP is out, which keepalived sends after five seconds (`garp_master_delay`).
    var patience: Duration { elected + checks + .seconds(8) }

    /// How long a node that goes back waits for a peer to take its addresses over.
    var aside: Duration { masterDown + .seconds(2) }

    /// Until a node has gone back and the addresses are where they belong.
    var goBack: Duration { aside + .seconds(30) + election }

    /// A node that has passed its gate stays armed for so long while another is changed: past that one's own time. Nodes
    /// that were changed earlier go back later, so that no two of one cluster do so at once.
    ///
    /// - `distance`: 1 for the node that passed last, 2 for the one before it.
    func kept(_ distance: Int) -> Duration {
        revertAfter + election + settle + change + goBack * distance
    }

    /// A handover outlives the rollback of the node that handed over.
    var handover: Duration { revertAfter + election + change + goBack }

    /// A run over so many nodes is over by then, one way or another.
    func longest(_ nodes: Int, installs: Bool) -> Duration {
        kept(nodes) * (nodes + 1) + (installs ? install : .zero)
    }

    /// A duration as a script takes it.
    static func seconds(_ duration: Duration) -> String { String(duration.components.seconds) }

    /// An election of the cluster's own length must pass without a change before a gate believes in peace.
    static func quiet(_ cluster: Cluster) -> Duration {
        .milliseconds(10 * (cluster.keepalived?.advertInterval ?? 100) * 3 / 2)
    }
}

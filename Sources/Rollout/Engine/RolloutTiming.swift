package import Inventory

/// How long a run waits for what, derived from what keepalived itself needs.
package struct RolloutTiming: Hashable, Sendable {
    /// Between two looks at the cluster.
    package var poll: Duration
    /// Until an election among running daemons is over.
    package var election: Duration
    /// Until a node that was changed must be as it should be.
    package var settle: Duration
    /// The armed revert happens after so long; longer than all that may come between arming and confirming.
    package var revertAfter: Duration
    /// A changing script on a node.
    package var change: Duration
    /// A package manager's work.
    package var install: Duration

    package init(
        poll: Duration = .milliseconds(250), election: Duration, settle: Duration, revertAfter: Duration,
        change: Duration = .seconds(90), install: Duration = .seconds(600)
    ) {
        self.poll = poll
        self.election = election
        self.settle = settle
        self.revertAfter = revertAfter
        self.change = change
        self.install = install
    }

    package init(_ cluster: Cluster) {
        let advert = Duration.milliseconds(10 * (cluster.keepalived?.advertInterval ?? 100))
        // RFC 3768: three intervals and a skew of at most one second (version 3: one interval).
        let masterDown = advert * 3 + max(advert, .seconds(1))
        let checks = (cluster.keepalived?.scripts ?? []).map { script in
            Duration.seconds(
                script.interval * max(script.rise, script.fall) + (script.timeout ?? script.interval))
        }
        let election = masterDown + advert + .seconds(4)
        let settle = masterDown * 2 + (checks.max() ?? .zero) + .seconds(15)
        self.init(
            election: election, settle: settle, revertAfter: .seconds(90) + election + settle + .seconds(30))
    }

    /// An election of the cluster's own length must pass without a change before a gate believes in peace.
    static func quiet(_ cluster: Cluster) -> Duration {
        .milliseconds(10 * (cluster.keepalived?.advertInterval ?? 100) * 3 / 2)
    }
}

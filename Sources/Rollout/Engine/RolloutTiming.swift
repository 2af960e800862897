package import Inventory

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
    /// The armed revert happens after so long; longer than all that may come between arming and confirming.
    package var revertAfter: Duration
    /// A changing script on a node.
    package var change: Duration
    /// A package manager's work.
    package var install: Duration

    package init(
        poll: Duration = .milliseconds(250), election: Duration, peace: Duration? = nil, settle: Duration,
        revertAfter: Duration,
        change: Duration = .seconds(90), install: Duration = .seconds(600)
    ) {
        self.poll = poll
        self.election = election
        self.peace = peace ?? election
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
        let delay = (cluster.keepalived?.instances ?? []).map(\.preemptDelay).max() ?? .zero
        let peace = masterDown + advert + .seconds(4)
        let election = peace + delay
        let settle = masterDown * 2 + (checks.max() ?? .zero) + .seconds(15)
        // An address goes and comes back within it.
        self.init(
            election: election, peace: peace, settle: settle,
            revertAfter: .seconds(90) + election + delay + settle + .seconds(30))
    }

    /// A run over so many nodes is over by then, one way or another.
    func longest(_ nodes: Int, installs: Bool) -> Duration {
        revertAfter * (nodes + 1) + (installs ? install : .zero)
    }

    /// A duration as a script takes it.
    static func seconds(_ duration: Duration) -> String { String(duration.components.seconds) }

    /// An election of the cluster's own length must pass without a change before a gate believes in peace.
    static func quiet(_ cluster: Cluster) -> Duration {
        .milliseconds(10 * (cluster.keepalived?.advertInterval ?? 100) * 3 / 2)
    }
}

extension VRRPInstance {
    /// How long it lets a MASTER of lower priority be: `preempt_delay` among its raw lines (keepalived.conf(5)), for
    /// which the inventory has no word of its own.
    var preemptDelay: Duration {
        let values = (extra ?? "").split(whereSeparator: \.isNewline).compactMap { line -> Double? in
            let words = line.split { $0 == " " || $0 == "\t" }
            return words.first == "preempt_delay" && words.count > 1 ? Double(words[1]) : nil
        }
        // Its last line counts; keepalived takes up to 1000 seconds.
        return .seconds(min(max(0, values.last ?? 0), 1000))
    }
}

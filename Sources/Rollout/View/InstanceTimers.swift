package import Inventory
package import Keepalived
package import Remote
import Rendering

/// The settings that decide when a node takes an instance over. Every prediction and every gate reads them here.
package struct InstanceTimers: Hashable, Sendable {
    /// 2 or 3.
    package var version: Int
    package var advertInterval: Duration
    /// Adverts that may be missed before a BACKUP takes over (`down_timer_adverts`).
    package var adverts: Int
    /// Whether it takes the addresses from a living MASTER of lower priority; false with `nopreempt`.
    package var preempts: Bool
    /// How long it waits before it preempts such a MASTER.
    package var preemptDelay: Duration

    package init(
        version: Int = 2, advertInterval: Duration = .seconds(1), adverts: Int = 3, preempts: Bool = true,
        preemptDelay: Duration = .zero
    ) {
        self.version = version
        self.advertInterval = advertInterval
        self.adverts = adverts
        self.preempts = preempts
        self.preemptDelay = preemptDelay
    }

    /// The timers of a keepalived that has read this instance.
    package init(of instance: Instance) {
        self.init(
            version: instance.version.value, advertInterval: instance.advertInterval.value,
            adverts: instance.downTimerAdverts.value, preempts: !instance.nopreempt.value,
            preemptDelay: instance.preemptDelay.value)
    }

    /// How long the node waits without an advert before it takes over.
    ///
    /// - `priority`: the node's priority, including checks and handovers.
    /// - `owner`: the timers of the MASTER that it heard last: in version 3, that MASTER's interval counts and not
    ///   the node's own.
    package func masterDownTime(priority: Int, hearing owner: InstanceTimers? = nil) -> MasterDownTime {
        MasterDownTime(
            version: version, priority: priority,
            advertInterval: version == 3 ? owner?.advertInterval ?? advertInterval : advertInterval,
            adverts: adverts)
    }
}

extension Cluster {
    /// The timers that the inventory gives an instance on a node, including its raw lines.
    package func timers(of instance: VRRPInstance, on node: HostID) -> InstanceTimers {
        guard let settings = keepalived else { return InstanceTimers() }
        // Lines are interpreted as keepalived does: the last one counts, and some contradict others.
        let startsAsMaster =
            settings.preempt && settings.initialState == .preferred && instance.preferred == node
        let (seconds, hundredths) = settings.advertInterval.quotientAndRemainder(dividingBy: 100)
        let fraction = hundredths == 0 ? "" : hundredths < 10 ? ".0\(hundredths)" : ".\(hundredths)"
        let text = """
            vrrp_instance timers {
            state \(startsAsMaster ? "MASTER" : "BACKUP")
            \(settings.preempt ? "" : "nopreempt")
            version \(instance.isIPv6 ? 3 : settings.version)
            priority \(instance.priorities[node] ?? 100)
            advert_int \(seconds)\(fraction)
            \(instance.extra ?? "")
            }

            """
        let read = ConfigurationReader(path: "timers", bytes: Array(text.utf8)).read(path: "timers")
        return read.instances.first.map(InstanceTimers.init(of:)) ?? InstanceTimers()
    }

    /// How long a node waits for an advert of an instance before it takes the addresses.
    ///
    /// - `priority`: the node's current priority; without it, the one in the inventory.
    package func masterDownTime(
        of instance: VRRPInstance, on node: HostID, priority: Int? = nil
    ) -> MasterDownTime {
        timers(of: instance, on: node)
            .masterDownTime(priority: priority ?? instance.priorities[node] ?? 100)
    }

    /// The timers of every instance on every node.
    var allTimers: [InstanceTimers] {
        nodes.flatMap { node in
            (keepalived?.instances ?? []).map { timers(of: $0, on: node.id) }
        }
    }
}

extension ClusterView {
    /// The timers that a node's daemon reports; those that it does not report come from the inventory.
    package func timers(
        of instance: VRRPInstance, on node: HostID, in cluster: Cluster
    ) -> InstanceTimers {
        let written = cluster.timers(of: instance, on: node)
        return nodes[node]?.timers[instance.name]?.completed(by: written) ?? written
    }

    /// How long a node waits for an advert of an instance before it takes the addresses, with its current priority.
    package func masterDownTime(
        of instance: VRRPInstance, on node: HostID, in cluster: Cluster
    ) -> MasterDownTime {
        timers(of: instance, on: node, in: cluster).masterDownTime(
            priority: nodes[node]?.priorities[instance.name] ?? instance.priorities[node] ?? 100,
            hearing: owner(of: instance).map { timers(of: instance, on: $0, in: cluster) })
    }
}

/// The timers that a daemon reports; no daemon reports all.
package struct LiveTimers: Hashable, Sendable {
    package var version: Int?
    package var advertInterval: Duration?
    package var adverts: Int?
    package var preempts: Bool
    package var preemptDelay: Duration?

    package init(of live: LiveState.Instance) {
        version = live.version
        advertInterval = live.advertInterval.map { .milliseconds(10 * $0) }
        adverts = live.downTimerAdverts
        preempts = !live.nopreempt
        preemptDelay = live.preemptDelay
    }

    fileprivate func completed(by written: InstanceTimers) -> InstanceTimers {
        InstanceTimers(
            version: version ?? written.version, advertInterval: advertInterval ?? written.advertInterval,
            adverts: adverts ?? written.adverts, preempts: preempts,
            preemptDelay: preemptDelay ?? written.preemptDelay)
    }
}

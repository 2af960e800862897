package import Inventory
package import Keepalived
package import Remote
import Rendering

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

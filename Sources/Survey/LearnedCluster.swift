import Addresses
import Facts
package import Inventory
package import Keepalived
package import Remote

/// A cluster named on the command line, learned from the nodes' own configurations.
///
/// A learned cluster suffices to find owners, to restart in order and to move addresses; it cannot be rendered.
package enum LearnedCluster {
    /// Reads every node's configuration.
    ///
    /// - Throws: ``SurveyError`` when nothing can be learned from the nodes that answered; `InterruptedQuestion`.
    package static func learn(_ cluster: Cluster, in context: SurveyContext) async throws -> Cluster {
        let transport = context.transport
        let answers = try await context.question(cluster.nodes.map(\.target), "reading configurations") {
            await transport.facts(of: $0, Probe(.configuration))
        }
        var configurations: [(HostID, Configuration)] = []
        for node in cluster.nodes {
            // Reads the configuration as its own keepalived does: an instance that is overlooked here would have its
            // owner restarted first and without a handover.
            guard case .success(let facts)? = answers[node.id] else { continue }
            do {
                _ = try facts.value(of: ConfigurationFilesFact.self)
            } catch {
                throw SurveyError.unreadableConfiguration(node.id, cause: "\(error)")
            }
            guard let configuration = facts.keepalivedConfiguration else { continue }
            configurations.append((node.id, configuration))
        }
        let silent = cluster.nodes.map(\.id).filter { id in
            if case .failure? = answers[id] { true } else { false }
        }
        guard silent.isEmpty else { throw SurveyError.silentNodes(silent) }
        var learned = cluster
        learned.keepalived = settings(from: configurations)
        learned.isLearned = true
        guard learned.keepalived != nil else { throw SurveyError.noInstance }
        return learned
    }

    /// The settings that the configurations have in common. Pure.
    package static func settings(from configurations: [(HostID, Configuration)]) -> KeepalivedSettings? {
        var instances: [VRRPInstance] = []
        var first: Instance?
        for (host, configuration) in configurations {
            for instance in configuration.instances {
                first = first ?? instance
                if let known = instances.firstIndex(where: { $0.name == instance.name }) {
                    instances[known].priorities[host] = instance.priority.value
                } else if let id = instance.virtualRouterID?.value {
                    instances.append(
                        VRRPInstance(
                            name: instance.name, routerID: id, interface: instance.interface?.value,
                            addresses: instance.addresses.compactMap(address),
                            excluded: instance.excludedAddresses.compactMap(address), preferred: host,
                            priorities: [host: instance.priority.value],
                            extra: timers(of: instance, unlike: first ?? instance)))
                }
            }
        }
        guard let first, !instances.isEmpty else { return nil }
        for index in instances.indices {
            let best = instances[index].priorities.max { ($0.value, $1.key) < ($1.value, $0.key) }
            instances[index].preferred = best?.key ?? instances[index].preferred
        }
        return KeepalivedSettings(
            interface: first.interface?.value ?? "", transport: first.isUnicast ? .unicast : .multicast,
            version: first.version.value, advertInterval: hundredths(first.advertInterval.value),
            preempt: !configurations.contains { $0.1.instances.contains { $0.nopreempt.value } },
            notify: .none,
            instances: instances)
    }

    /// The lines that decide how long a takeover takes, where they differ from the cluster's settings.
    private static func timers(of instance: Instance, unlike first: Instance) -> String? {
        var lines: [String] = []
        if instance.version.value != first.version.value { lines.append("version \(instance.version.value)") }
        if instance.advertInterval.value != first.advertInterval.value {
            let (seconds, rest) = hundredths(instance.advertInterval.value).quotientAndRemainder(
                dividingBy: 100)
            lines.append("advert_int \(seconds)" + (rest == 0 ? "" : rest < 10 ? ".0\(rest)" : ".\(rest)"))
        }
        if instance.downTimerAdverts.value != 3 {
            lines.append("down_timer_adverts \(instance.downTimerAdverts.value)")
        }
        let delay = instance.preemptDelay.value.components.seconds
        if delay > 0 { lines.append("preempt_delay \(delay)") }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private static func address(_ vip: Keepalived.VirtualAddress) -> Inventory.VirtualAddress? {
        CIDR(vip.address, prefixLength: vip.prefixLength).map {
            Inventory.VirtualAddress(cidr: $0, interface: vip.device, label: vip.label)
        }
    }

    private static func hundredths(_ interval: Duration) -> Int {
        Int(interval.components.seconds) * 100 + Int(interval.components.attoseconds / 10_000_000_000_000_000)
    }
}

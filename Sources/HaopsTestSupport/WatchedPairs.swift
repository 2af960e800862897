import Addresses
package import Checks
package import Events
package import Facts
package import Inventory
package import Keepalived
package import Remote
package import Survey
import Timeline

/// Pairs of balancers that a model watches, without machines: `web1` with `web1-lb1` and `web1-lb2`, and so on. Each has two
/// addresses, which the first node owns.
package struct WatchedPairs: Sendable {
    package let fleet: Fleet
    package var model: WatchModel
    package var now = UTCTime(millisecondsSince1970: 1_796_095_743_000)

    package init(_ count: Int = 1) throws {
        let clusters = (1...count).map { number in
            """
              web\(number):
                nodes:
                  web\(number)-lb1: { address: 10.1.\(number).11, priority: 150 }
                  web\(number)-lb2: { address: 10.1.\(number).12, priority: 100 }
                keepalived:
                  interface: eth0
                  notify: false
                  instances:
                    VI_1:
                      router_id: \(number)
                      addresses: [{ vip: 10.2.\(number).50/24, interface: eth1 }, { vip: 10.2.\(number).51/24, interface: eth1 }]

            """
        }
        fleet = try readFleet(
            yaml: Array(("haops: 1\nclusters:\n" + clusters.joined()).utf8), file: "haops.yaml",
            directory: "/")
        model = WatchModel(fleet: fleet, at: now)
    }

    /// What a node says when it is asked.
    ///
    /// - `role`: of its instance; `nil` when keepalived does not run.
    package func facts(of host: HostID, _ role: LiveState.Role?, holds: Bool) -> HostFacts {
        let cluster = fleet.clusters.first { $0.nodes.contains { $0.id == host } }
        let vips = (cluster?.virtualAddresses ?? []).map(\.vip.cidr)
        let priority = host.name.hasSuffix("lb1") ? 150 : 100
        var facts = HostFacts(host: host)
        facts.set(
            InterfacesFact.self,
            to: [
                Interface(name: "eth0"),
                Interface(name: "eth1", addresses: holds ? vips.map { Interface.Held(cidr: $0) } : []),
            ])
        var daemon = KeepalivedDaemon(pid: role == nil ? nil : 7, hasChild: role != nil)
        if let role {
            daemon.roleSource = .daemon
            daemon.now = now.millisecondsSince1970 / 1000
            daemon.state = LiveState(instances: [
                LiveState.Instance(
                    name: "VI_1", role: role, basePriority: priority, effectivePriority: priority,
                    addresses: vips.map(\.description), lastTransition: now.millisecondsSince1970 / 1000 - 600
                )
            ])
            daemon.checks = CheckStates(scripts: [.init(name: "check_haproxy", isFailing: false)])
        }
        facts.set(KeepalivedFact.self, to: daemon)
        facts.set(
            ServicesFact.self,
            to: [
                "keepalived": ServiceState(isRunning: role != nil, detail: ""),
                "haproxy": ServiceState(isRunning: true, detail: ""),
            ])
        facts.set(
            HAProxyHealthFact.self,
            to: HAProxyHealth(rows: ["web1", "web2"].map { .init(proxy: "web", server: $0, status: "UP") }))
        return facts
    }

    /// What a look at a cluster brings.
    ///
    /// - `changed`: nodes that say something else than that all is well, or nothing.
    package func look(
        at cluster: Cluster, _ changed: [HostID: ProbeResult] = [:]
    ) -> OwnershipSurvey.Outcome {
        let nodes = cluster.nodes.enumerated().map { index, node in
            (
                node.id,
                changed[node.id]
                    ?? .success(facts(of: node.id, index == 0 ? .master : .backup, holds: index == 0))
            )
        }
        let verdicts = cluster.virtualAddresses.map { instance, vip in
            ownership(
                of: VIPQuestion(vip: vip.cidr.address, cluster: cluster.name, instance: instance.name),
                nodes: nodes)
        }
        return OwnershipSurvey.Outcome(cluster: cluster, ownerships: verdicts, nodes: nodes, observers: [])
    }

    /// A first look at all, after which every node is heard.
    package mutating func begin() -> [WatchEvent] {
        var events = model.apply(.looked(fleet.clusters.map { look(at: $0) }, began: now), at: now)
        for node in fleet.clusters.flatMap(\.nodes) { events += model.apply(.heard(node.id), at: now) }
        return events + model.settle(at: now)
    }

    /// Lets time pass, in milliseconds.
    package mutating func wait(_ milliseconds: Int) -> [WatchEvent] {
        now = now.adding(milliseconds: milliseconds)
        return model.settle(at: now)
    }

    /// A line that a node's stream has, as ``WitnessScript`` prints it; `@` stands for the time.
    package mutating func tell(_ host: HostID, _ line: String) -> [WatchEvent] {
        let kernel = "[" + now.iso8601.dropLast(1) + "000]"
        let seconds = now.millisecondsSince1970 / 1000
        let fraction = String(now.millisecondsSince1970 % 1000 + 1000).dropFirst()
        let text = line.hasPrefix("@ ") ? kernel + line.dropFirst() : "\(seconds).\(fraction)000 \(line)"
        guard let event = WitnessLines(host: host, clock: ClockOffset()).event(of: text) else { return [] }
        return model.apply(.told(event), at: now)
    }

    package mutating func look(_ changed: [HostID: ProbeResult], began: UTCTime? = nil) -> [WatchEvent] {
        model.apply(.looked([look(at: fleet.clusters[0], changed)], began: began ?? now), at: now)
    }
}

import Addresses
import Facts
import FoundationEssentials
import Inventory
import Keepalived
import Remote
import Rendering
import Testing

@testable import HaopsCommands
@testable import Rollout

/// Many pairs that are set up alike, and plans for them, made from facts without a machine. They have no scripts: to render
/// and compare those takes most of the time.
struct MadeUpFleet {
    var fleet: Fleet

    /// - `change`: what is different in the text of one cluster, by its number.
    init(_ count: Int, _ change: (Int, String) -> String = { $1 }) throws {
        let width = String(count).count
        let clusters = (1...count).map { number in
            let digits = String(number)
            let name = "c" + String(repeating: "0", count: width - digits.count) + digits
            return change(
                number,
                """
                  \(name):
                    nodes:
                      \(name)-lb1: { address: 10.1.\(number).11, priority: 150 }
                      \(name)-lb2: { address: 10.1.\(number).12, priority: 100 }
                    keepalived:
                      interface: eth0
                      transport: unicast
                      notify: false
                      instances:
                        VI_1:
                          router_id: \(number)
                          addresses: [{ vip: 10.2.\(number).50/24, interface: eth1 }]
                    haproxy:
                      frontends: { web: { bind: ["10.2.\(number).50:80"], mode: http, backend: web } }
                      backends: { web: { mode: http, servers: { web1: 10.3.\(number).21:80 } } }

                """)
        }
        let text = "haops: 1\nclusters:\n" + clusters.joined()
        fleet = try readFleet(yaml: Array(text.utf8), file: "haops.yaml", directory: "/")
    }

    /// What `apply` would do on nodes that have nothing yet, or have and run what `before` says.
    func plans(from before: MadeUpFleet? = nil) throws -> [ClusterPlan] {
        try fleet.clusters.enumerated().map { index, cluster in
            let old = before?.fleet.clusters[index]
            return try plan(cluster, from: old)
        }
    }

    private func plan(_ cluster: Cluster, from old: Cluster?) throws -> ClusterPlan {
        let desired = Dictionary(
            uniqueKeysWithValues: try render(cluster) { _ in nil }.map {
                ($0.node.id, DesiredNode($0, of: cluster))
            })
        let present = Dictionary(
            uniqueKeysWithValues: try old.map { try render($0) { _ in nil } }?.map {
                ($0.node.id, Dictionary($0.files.map { ($0.path, $0) }) { $1 })
            } ?? [])
        let facts = cluster.nodes.map { node -> (node: Node, facts: Result<HostFacts, RemoteError>) in
            var facts = HostFacts(host: node.id)
            let paths = (desired[node.id]?.files ?? []).map(\.path)
            facts.set(
                FilesFact.self,
                to: Dictionary(
                    paths.map { path in
                        let file = present[node.id]?[path]
                        return (
                            path,
                            file.map {
                                FileState(
                                    kind: .regular, mode: $0.mode, modified: 0, contents: Array($0.contents))
                            } ?? .absent
                        )
                    }
                ) { $1 })
            let service = ServiceState(
                isInstalled: true, isRunning: old != nil, isEnabled: old != nil, detail: "")
            facts.set(ServicesFact.self, to: ["keepalived": service, "haproxy": service])
            facts.set(LoadTimesFact.self, to: LoadTimes(["keepalived": 100, "haproxy": 100]))
            return (node, .success(facts))
        }
        let instances = cluster.keepalived?.instances ?? []
        let views = cluster.nodes.map { node in
            guard old != nil else {
                return (node.id, NodeView(keepalivedRuns: false, haproxyRuns: false))
            }
            let owned = instances.filter { $0.preferred == node.id }
            return (
                node.id,
                NodeView(
                    roles: Dictionary(
                        uniqueKeysWithValues: instances.map {
                            ($0.name, $0.preferred == node.id ? .master : .backup)
                        }),
                    priorities: Dictionary(
                        uniqueKeysWithValues: instances.map { ($0.name, $0.priorities[node.id] ?? 0) }),
                    holds: Set(owned.flatMap { $0.addresses.map(\.cidr.address) }),
                    follows: Set(instances.map(\.name)))
            )
        }
        return Planner.plan(
            cluster, purpose: "apply", goal: .converge(desired), facts: facts,
            view: ClusterView(nodes: Dictionary(uniqueKeysWithValues: views)))
    }
}

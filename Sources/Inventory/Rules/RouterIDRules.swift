import Addresses
import Remote

/// Finds instances with the same router id, interface and family: they would receive each other's adverts.
func routerIDProblems(of cluster: Cluster, in fleet: Fleet) -> [Diagnostic] {
    guard let keepalived = cluster.keepalived else { return [] }
    struct Router: Hashable {
        var interface: String
        var isIPv6: Bool
        var id: Int
    }
    var problems: [Diagnostic] = []
    var reported: Set<String> = []
    for node in cluster.nodes {
        var instances: [Router: VRRPInstance] = [:]
        for instance in keepalived.instances where instance.routerID > 0 {
            guard let address = instance.addresses.first?.cidr.address else { continue }
            let router = Router(
                interface: keepalived.interface(of: instance, on: node), isIPv6: address.isIPv6,
                id: instance.routerID)
            guard let first = instances[router] else {
                instances[router] = instance
                continue
            }
            guard reported.insert(instance.name).inserted else { continue }
            problems.append(
                Diagnostic(
                    .error, at: fleet.location(of: .routerID(cluster: cluster.name, instance: instance.name)),
                    "`\(instance.name)` and `\(first.name)` both have the router id \(router.id) on `\(router.interface)`",
                    remedy: "give each instance on an interface a `router_id` of its own"))
        }
    }
    return problems
}

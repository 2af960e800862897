import Addresses
import Remote

/// Finds instances of different clusters with one router id on one network segment: each cluster would receive the
/// other's adverts, and refuse or obey them.
///
/// An inventory does not say what is connected with what. Two instances are taken to be on one segment when the addresses
/// that they carry on their own interface are of one network; or, where the addresses are on another interface, when these
/// are of one network and the clusters' machines are neighbours too. Unicast adverts reach their peers only.
func sharedSegmentProblems(in fleet: Fleet) -> [Diagnostic] {
    var firsts: [RouterOnSegment: (cluster: String, instance: String)] = [:]
    var problems: [Diagnostic] = []
    for cluster in fleet.clusters {
        guard let keepalived = cluster.keepalived, keepalived.transport == .multicast else { continue }
        for instance in keepalived.instances where instance.routerID > 0 {
            let segments = segments(of: instance, keepalived, cluster).sorted().map {
                RouterOnSegment(segment: $0, of: instance)
            }
            let other = segments.lazy.compactMap { firsts[$0] }.first { $0.cluster != cluster.name }
            if let other {
                problems.append(
                    Diagnostic(
                        .error,
                        at: fleet.location(of: .routerID(cluster: cluster.name, instance: instance.name)),
                        sharedRouterID(instance, other),
                        remedy: "give one of them a `router_id` that nobody else on the segment uses"))
            }
            for segment in segments where firsts[segment] == nil {
                firsts[segment] = (cluster.name, instance.name)
            }
        }
    }
    return problems
}

/// The same where the networks of the machines' interfaces are known.
func sharedSegmentProblems(
    in fleet: Fleet, interfaceNetworks: [HostID: [String: [CIDR]]]
) -> [Diagnostic] {
    var firsts: [RouterOnSegment: (cluster: String, instance: String)] = [:]
    var problems: [Diagnostic] = []
    for cluster in fleet.clusters {
        guard let keepalived = cluster.keepalived, keepalived.transport == .multicast else { continue }
        for instance in keepalived.instances where instance.routerID > 0 {
            var isReported = false
            for node in cluster.nodes {
                let interface = keepalived.interface(of: instance, on: node)
                let networks = (interfaceNetworks[node.id]?[interface] ?? []).filter {
                    !$0.address.isLinkLocal && $0.isNetwork
                }
                for network in networks {
                    let router = RouterOnSegment(segment: network.network, of: instance)
                    guard let other = firsts[router] else {
                        firsts[router] = (cluster.name, instance.name)
                        continue
                    }
                    guard other.cluster != cluster.name, !isReported else { continue }
                    isReported = true
                    problems.append(
                        Diagnostic(
                            .error,
                            at: fleet.location(
                                of: .routerID(cluster: cluster.name, instance: instance.name)),
                            sharedRouterID(instance, other)
                                + ": `\(interface)` of `\(node.id)` is in \(network.network)",
                            remedy: "give one of them a `router_id` that nobody else on the segment uses"))
                }
            }
        }
    }
    return problems
}

private func sharedRouterID(
    _ instance: VRRPInstance, _ other: (cluster: String, instance: String)
) -> String {
    "`\(instance.name)` has the router id \(instance.routerID), which `\(other.instance)` of cluster `\(other.cluster)` has on the same network segment"
}

/// A router id of one address family, where its adverts are heard.
private struct RouterOnSegment: Hashable {
    var segment: String
    var id: Int
    var isIPv6: Bool

    init(segment: String, of instance: VRRPInstance) {
        self.segment = segment
        id = instance.routerID
        isIPv6 = instance.addresses.first?.cidr.address.isIPv6 ?? false
    }
}

/// Words for the segments that an instance's adverts are on, as far as an inventory shows.
private func segments(
    of instance: VRRPInstance, _ keepalived: KeepalivedSettings, _ cluster: Cluster
) -> Set<String> {
    let interfaces = Set(cluster.nodes.map { keepalived.interface(of: instance, on: $0) })
    let neighbourhoods = Set(
        cluster.nodes.compactMap { ($0.vrrpAddress ?? IPAddress($0.target.host))?.neighbourhood })
    var segments: Set<String> = []
    for vip in instance.addresses + instance.excluded {
        let usual = vip.cidr.address.neighbourhood
        if vip.interface.map(interfaces.contains) ?? true {
            if vip.cidr.isNetwork {
                segments.insert(vip.cidr.network)
            } else if let usual, neighbourhoods.contains(usual) {
                segments.insert(usual)
            }
        } else if let network = vip.cidr.isNetwork ? vip.cidr.network : usual {
            segments.formUnion(neighbourhoods.map { "\(network) behind \($0)" })
        }
    }
    return segments
}

extension CIDR {
    /// Whether it says which network its address is of.
    fileprivate var isNetwork: Bool { prefixLength < (address.isIPv6 ? 128 : 32) }
}

extension IPAddress {
    /// The network that an address is usually of; link-local ones say nothing.
    fileprivate var neighbourhood: String? {
        isLinkLocal ? nil : CIDR(self, prefixLength: isIPv6 ? 64 : 24)?.network
    }
}

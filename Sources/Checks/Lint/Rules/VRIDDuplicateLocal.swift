import Addresses
import Keepalived

/// Two instances of one node use the same router id on one interface.
///
/// - Condition: Both have the same `virtual_router_id`, address family, interface and transport; for unicast, also a
///   common peer.
/// - Why: keepalived refuses to run (`both use VRID`).
/// - Remedy: Give each instance a different id. Instances with another address family, multicast group or other peers
///   may share an id.
struct VRIDDuplicateLocal: NodeRule {
    static let id = "vrid-dup-local"

    /// What two instances have in common that would take each other's adverts for their own.
    private struct Socket: Hashable {
        var id: Int
        var family: Instance.Family
        var interface: String?
        /// Where the adverts go: a multicast group, or a unicast source and one of its peers.
        var source: IPAddress?
        var destination: IPAddress?
        var isUnicast: Bool
    }

    func check(_ node: LintNode) -> [Finding] {
        var users: [Socket: Instance] = [:]
        var findings: [Finding] = []
        for instance in node.instances {
            let sockets = sockets(of: instance)
            if let first = sockets.lazy.compactMap({ users[$0] }).first {
                findings.append(
                    node.finding(
                        Self.id, .error, at: instance.virtualRouterID?.location ?? instance.location,
                        "\(first.name) and \(instance.name) both use router id \(instance.virtualRouterID?.value ?? 0) on \(instance.interface?.value ?? "one interface")",
                        effect: "keepalived refuses to run",
                        fix: "give \(instance.name) a router id of its own",
                        also: [first.virtualRouterID?.location ?? first.location]))
            }
            for socket in sockets where users[socket] == nil { users[socket] = instance }
        }
        return findings
    }

    private func sockets(of instance: Instance) -> [Socket] {
        guard let id = instance.virtualRouterID?.value else { return [] }
        let socket = Socket(
            id: id, family: instance.family, interface: instance.interface?.value,
            isUnicast: instance.isUnicast)
        let destinations =
            instance.isUnicast ? instance.unicastPeers.map(\.address) : [instance.multicastGroup?.value]
        return destinations.map { destination in
            var socket = socket
            if instance.isUnicast { socket.source = instance.sourceAddress?.value }
            socket.destination = destination
            return socket
        }
    }
}

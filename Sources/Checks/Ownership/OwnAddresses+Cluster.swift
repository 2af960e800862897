import Addresses
package import Inventory
import Remote

extension OwnAddresses {
    /// The machines' addresses that a cluster's inventory contains: those by which they are reached, the source
    /// addresses of adverts, and the servers behind haproxy.
    package init(of cluster: Cluster) {
        self.init()
        for node in cluster.nodes {
            if let address = IPAddress(node.target.host) { add(address, "how \(node.id) is reached") }
            let own = (cluster.keepalived?.instances ?? []).compactMap { $0.vrrpAddresses[node.id] }
            for address in [node.vrrpAddress].compactMap(\.self) + own {
                add(address, "what \(node.id) sends adverts from")
            }
        }
        for observer in cluster.observers {
            if let address = IPAddress(observer.target.host) { add(address, "how \(observer.id) is reached") }
        }
        for target in cluster.nodes.map(\.target) + cluster.observers.map(\.target) {
            for jump in target.jumps ?? [] {
                // `user@host:port`, `[2001:db8::1]:22`, `198.51.100.1`.
                let host = jump.split(separator: "@").last.map(String.init) ?? jump
                if let address = IPAddress(host) ?? Endpoint(host)?.address {
                    add(address, "the jump host to \(target.id)")
                }
            }
        }
        let virtual = cluster.isLearned ? [] : Set(cluster.virtualAddresses.map(\.vip.cidr.address))
        for backend in cluster.haproxy?.backends ?? [] {
            for server in backend.servers {
                // A backend may be a service behind another virtual address of the cluster.
                guard let address = Endpoint(server.endpoint)?.address, !virtual.contains(address)
                else { continue }
                add(address, "server \(server.name) of backend \(backend.name)")
            }
        }
    }
}

package import Addresses
package import Facts
import HAProxy
package import Inventory
import Remote

/// The TCP ports that haproxy is to serve on virtual addresses. Pure.
package struct ServedPorts: Sendable {
    /// No more of one address are tried.
    private static let most = 8

    private struct Listener: Hashable {
        /// `nil` for every address.
        var address: IPAddress?
        var port: ServedPort
    }

    private var listeners: Set<Listener> = []

    /// By the inventory, where it configures haproxy; else by the haproxy.cfg of the cluster's nodes.
    package init(of cluster: Cluster, nodes: [ProbeResult]) {
        if cluster.haproxy == nil { self.init(of: nodes) } else { self.init(of: cluster) }
    }

    /// By the frontends of the inventory.
    package init(of cluster: Cluster) {
        for frontend in cluster.haproxy?.frontends ?? [] {
            for bind in frontend.binds {
                let words = bind.split(separator: " ")
                guard let first = words.first, !words.contains("namespace") else { continue }
                for part in first.split(separator: ",") {
                    add(HAProxyAddress(part), isHTTP: frontend.mode == .http && !words.contains("ssl"))
                }
            }
        }
    }

    /// By the haproxy.cfg of nodes, where it was asked. A haproxy that neither runs nor starts at boot on any of them is
    /// to serve nothing.
    package init(of nodes: [ProbeResult]) {
        let facts = nodes.compactMap { try? $0.get() }
        let isUsed = facts.contains {
            guard let service = $0.known(ServicesFact.self)?["haproxy"] else { return false }
            return service.isRunning || service.isEnabled == true
        }
        guard isUsed else { return }
        for node in facts {
            guard let file = node.known(ConfigurationFilesFact.self)?.haproxy else { continue }
            let http = file.httpSections
            for bind in file.binds where !bind.isInNamespace {
                add(bind.endpoint, isHTTP: http.contains(bind.section) && !bind.isTLS)
            }
        }
    }

    private mutating func add(_ endpoint: HAProxyAddress?, isHTTP: Bool) {
        guard let endpoint, let number = endpoint.port.flatMap({ Int($0) }), (1...65535).contains(number),
            endpoint.isAny || endpoint.address != nil
        else { return }
        let isUnspecified = endpoint.isAny || endpoint.host == "0.0.0.0" || endpoint.host == "::"
        listeners.insert(
            Listener(
                address: isUnspecified ? nil : endpoint.address,
                port: ServedPort(number: number, isHTTP: isHTTP)))
    }

    /// The ports of one address; one that also carries something else than HTTP is only connected to.
    package subscript(_ vip: IPAddress) -> [ServedPort] {
        var found: [Int: Bool] = [:]
        for listener in listeners where listener.address == nil || listener.address == vip {
            let port = listener.port
            found[port.number] = (found[port.number] ?? true) && port.isHTTP
        }
        return found.map { ServedPort(number: $0.key, isHTTP: $0.value) }.sorted().prefix(Self.most).map(
            \.self)
    }
}

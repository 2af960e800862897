import Addresses

/// Problems that `haproxy -c` does not find, because it never binds.
func haproxyProblems(of cluster: Cluster, in fleet: Fleet) -> [Diagnostic] {
    guard let haproxy = cluster.haproxy else { return [] }
    let vips = Set(cluster.virtualAddresses.map(\.vip.cidr.address))
    var problems: [Diagnostic] = []
    var listeners: [Listener: String] = [:]
    var unbindable: Set<Bool> = []
    for frontend in haproxy.frontends {
        for (index, bind) in frontend.binds.enumerated() {
            let words = bind.split(separator: " ")
            guard let endpoint = words.first.flatMap({ Endpoint(String($0)) }) else { continue }
            let place = fleet.location(
                of: .bind(cluster: cluster.name, frontend: frontend.name, index: index))
            if let other = listeners.updateValue(frontend.name, forKey: Listener(endpoint)) {
                problems.append(
                    Diagnostic(
                        .error, at: place,
                        other == frontend.name
                            ? "frontend `\(other)` binds this twice"
                            : "frontend `\(other)` already binds this: connections would go to either",
                        remedy: "keep one of the two"))
            }
            guard let address = endpoint.address, cluster.keepalived != nil else { continue }
            if !vips.contains(address) {
                guard !address.isLoopback else { continue }
                problems.append(
                    Diagnostic(
                        .warning, at: place, "\(address) is not a virtual address of `\(cluster.name)`",
                        remedy:
                            "bind a virtual address, or `*:\(endpoint.port)` for every address of the node"))
            } else if !words.contains("transparent"), !allowsForeignBinds(cluster, isIPv6: address.isIPv6),
                unbindable.insert(address.isIPv6).inserted
            {
                let key = "net.\(address.isIPv6 ? "ipv6" : "ipv4").ip_nonlocal_bind"
                problems.append(
                    Diagnostic(
                        .warning, at: place,
                        "haproxy cannot bind \(address) on a node that does not own it, unless the kernel allows it",
                        remedy: "add `sysctl: { \(key): 1 }`"))
            }
        }
    }
    return problems
}

/// Whether the kernel allows binding to foreign addresses. IPv4 and IPv6 have separate settings.
private func allowsForeignBinds(_ cluster: Cluster, isIPv6: Bool) -> Bool {
    let key = "net.\(isIPv6 ? "ipv6" : "ipv4").ip_nonlocal_bind"
    return cluster.sysctl.contains { setting in
        String(setting.key.map { $0 == "/" ? "." : $0 }) == key && setting.value == "1"
    }
}

/// Where a frontend listens; addresses compared as addresses.
private struct Listener: Hashable {
    var address: IPAddress?
    var host: String
    var port: Int

    init(_ endpoint: Endpoint) {
        address = endpoint.address
        host = address != nil || endpoint.host.isEmpty ? "*" : endpoint.host
        port = endpoint.port
    }
}

extension IPAddress {
    fileprivate var isLoopback: Bool {
        switch self {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }
}

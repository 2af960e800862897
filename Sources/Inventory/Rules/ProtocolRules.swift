import Addresses
import Remote

/// Contradictions with VRRP: version, authentication, unicast.
func protocolProblems(of cluster: Cluster, in fleet: Fleet) -> [Diagnostic] {
    guard let keepalived = cluster.keepalived else { return [] }
    var problems = unicastProblems(of: cluster, keepalived, in: fleet)
    if keepalived.version == 3, keepalived.authPass != nil {
        problems.append(
            Diagnostic(
                .error, at: fleet.location(of: .authPass(cluster: cluster.name)),
                "VRRP version 3 has no authentication (RFC 5798): keepalived ignores `auth_pass`",
                remedy: "remove `auth_pass`, or write `version: 2`"))
    }
    if case .literal(let secret) = keepalived.authPass, let problem = authPassProblem(secret) {
        problems.append(
            Diagnostic(
                .error, at: fleet.location(of: .authPass(cluster: cluster.name)),
                "`auth_pass` \(problem.message)",
                remedy: problem.remedy))
    }
    for instance in keepalived.instances {
        if keepalived.version == 2, instance.addresses.first?.cidr.address.isIPv6 == true {
            problems.append(
                Diagnostic(
                    .warning,
                    at: fleet.location(
                        of: .address(cluster: cluster.name, instance: instance.name, index: 0)),
                    "VRRP version 2 knows no IPv6 (RFC 3768): nothing but keepalived understands what it then sends",
                    remedy: "write `version: 3` in `keepalived`"))
        }
        let own = Set(cluster.nodes.map { keepalived.interface(of: instance, on: $0) })
        for interface in instance.trackInterfaces where own == [interface] {
            problems.append(
                Diagnostic(
                    .warning,
                    at: fleet.location(
                        of: .trackInterface(
                            cluster: cluster.name, instance: instance.name, interface: interface)),
                    "`\(instance.name)` follows its own interface `\(interface)` anyway: keepalived complains about tracking it",
                    remedy: "remove it from `track_interfaces`"))
        }
    }
    let tracked = Set(keepalived.instances.flatMap(\.trackScripts))
    for script in keepalived.scripts where !tracked.contains(script.name) {
        problems.append(
            Diagnostic(
                .warning, at: fleet.location(of: .script(cluster: cluster.name, name: script.name)),
                "no instance tracks the script `\(script.name)`: its failure moves nothing",
                remedy: "add `track_scripts: [\(script.name)]` to an instance"))
    }
    if let firewall = cluster.firewall, firewall.backend != .none, !firewall.allow.contains(.vrrp) {
        problems.append(
            Diagnostic(
                .warning, at: fleet.location(of: .firewall(cluster: cluster.name)),
                "the firewall settings do not allow VRRP: nodes that do not hear each other all become owner",
                remedy: "write `allow: [vrrp, icmp]`"))
    }
    if cluster.nodes.count == 1 {
        problems.append(
            Diagnostic(
                .warning, at: fleet.location(of: .node(cluster.nodes[0].id), .cluster(cluster.name)),
                "`\(cluster.nodes[0].id)` is the only node of `\(cluster.name)`: no other node can take over its addresses",
                remedy: "add a second node"))
    }
    return problems
}

/// With unicast each node needs an address of the family that its instances advertise.
private func unicastProblems(
    of cluster: Cluster, _ keepalived: KeepalivedSettings, in fleet: Fleet
) -> [Diagnostic] {
    guard keepalived.transport == .unicast else { return [] }
    var problems: [Diagnostic] = []
    var missing: Set<HostID> = []
    for instance in keepalived.instances {
        var sources: [IPAddress: HostID] = [:]
        for node in cluster.nodes {
            let place = fleet.location(of: .nodeVRRPAddress(node.id), .nodeAddress(node.id), .node(node.id))
            guard let source = instance.vrrpAddress(of: node) else {
                guard missing.insert(node.id).inserted else { continue }
                problems.append(
                    Diagnostic(
                        .error, at: place,
                        "with unicast, peers must know the IP address that `\(node.id)` sends its adverts from",
                        remedy: "add `vrrp_address` to `\(node.id)`: `\(node.target.host.visible)` is a name")
                )
                continue
            }
            if let other = sources.updateValue(node.id, forKey: source) {
                problems.append(
                    Diagnostic(
                        .error, at: place,
                        "`\(node.id)` and `\(other)` both send their adverts from \(source)",
                        remedy: "correct `vrrp_address`"))
            }
            if let vip = instance.addresses.first?.cidr.address, vip.isIPv6 != source.isIPv6 {
                problems.append(
                    Diagnostic(
                        .error, at: place,
                        "`\(instance.name)` advertises \(vip.isIPv6 ? "IPv6" : "IPv4"), but `\(node.id)` is known by \(source): keepalived drops such a peer",
                        remedy:
                            "give the instance `vrrp_addresses` of that family, or use `transport: multicast`, or move the addresses to `excluded` of another instance"
                    ))
            }
        }
    }
    return problems.uniqued
}

extension [Diagnostic] {
    /// Each once: instances that share their nodes' addresses have the same problems.
    fileprivate var uniqued: [Diagnostic] {
        var seen: Set<String> = []
        return filter { seen.insert("\($0.location) \($0.message)").inserted }
    }
}

/// Why keepalived cannot use a password. The text does not quote the password.
///
/// VRRPv2 has room for 8 bytes (RFC 2338, 5.3.10): keepalived cuts the rest off.
func authPassProblem(_ secret: Secret) -> (message: String, remedy: String)? {
    let text = secret.revealed
    if text.isEmpty { return ("is empty", "choose up to 8 characters") }
    if text.utf8.count > 8 {
        return (
            "has more than 8 bytes: keepalived would use the first 8 only",
            "choose a password of at most 8 bytes"
        )
    }
    if text.utf8.contains(where: {
        $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
    }) {
        return (
            "has a quote, a backslash or a control character, which keepalived.conf cannot hold",
            "choose other characters"
        )
    }
    // keepalived has definitions of its own, as `${_PWD}`, and puts their values between quotes too.
    if text.contains("$_") || text.contains("${_") {
        return (
            "has `$_` or `${_`, with which a definition of keepalived's own begins: it would use another password",
            "choose other characters"
        )
    }
    return nil
}

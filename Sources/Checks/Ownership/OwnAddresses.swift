package import Addresses
package import Facts
import HAProxy
import Keepalived

/// Addresses that belong to machines and must never be virtual: a keepalived that takes one cuts the machine off.
package struct OwnAddresses: Sendable, Hashable {
    /// The owner of each address, in words that follow "the address is": "lb1's own, on eth0".
    package private(set) var owners: [IPAddress: String] = [:]

    package init() {}

    package init(_ owners: [IPAddress: String]) { self.owners = owners }

    package func owner(of address: IPAddress) -> String? { owners[address] }

    /// Adds an address that belongs to a machine. The first description of an address is kept.
    package mutating func add(_ address: IPAddress, _ whose: String) {
        owners[address] = owners[address] ?? whose
    }

    /// Adds the addresses on machines' interfaces that no keepalived manages, and those that keepalived itself sends
    /// from or to.
    ///
    /// Uses ``InterfacesFact``, ``KeepalivedFact``, and the node's configuration if it was asked.
    /// - `virtual`: addresses that may move, as an inventory lists them.
    package mutating func add(_ machines: [(name: String, facts: HostFacts)], virtual: Set<IPAddress>) {
        let live = machines.reduce(into: virtual) { all, machine in
            all.formUnion(machine.facts.liveVIPs ?? [])
        }
        for (name, facts) in machines { addSources(of: name, facts, besides: live) }
        for (name, facts) in machines {
            // A daemon that does not report its instances may have set any address in its file.
            let mayBeVirtual = live.union(facts.liveVIPs == nil ? facts.writtenVIPs : [])
            for interface in facts.known(InterfacesFact.self) ?? [] {
                for address in interface.addresses.map(\.cidr.address)
                where !address.isLoopback && !address.isLinkLocal && !mayBeVirtual.contains(address) {
                    add(address, "\(name)'s own, on \(interface.name)")
                }
            }
        }
    }

    private mutating func addSources(of name: String, _ facts: HostFacts, besides virtual: Set<IPAddress>) {
        for instance in facts.keepalivedConfiguration?.instances ?? [] {
            if let source = instance.sourceAddress?.value { add(source, "what \(name) sends adverts from") }
            for peer in instance.unicastPeers { add(peer.address, "a unicast peer of \(name)'s") }
        }
        addBackends(of: name, facts, besides: virtual)
        guard let daemon = facts.known(KeepalivedFact.self), daemon.roleSource.isCurrent else { return }
        for instance in daemon.state?.instances ?? [] {
            guard let master = instance.masterAddress.flatMap({ IPAddress($0) }), !virtual.contains(master)
            else { continue }
            add(master, "what \(instance.name)'s MASTER sends adverts from")
        }
    }
}

extension OwnAddresses {
    /// Adds the servers in a machine's haproxy.cfg, if it was asked. A service behind a virtual address does not
    /// count.
    package mutating func addBackends(of name: String, _ facts: HostFacts, besides virtual: Set<IPAddress>) {
        for server in facts.known(ConfigurationFilesFact.self)?.haproxy?.servers ?? [] {
            guard let address = server.endpoint.address, !address.isLoopback, !virtual.contains(address)
            else {
                continue
            }
            add(address, "server \(server.name) in \(name)'s haproxy.cfg")
        }
    }
}

extension HostFacts {
    /// The virtual addresses that a machine's keepalived runs with; `nil` if it does not report them.
    package var liveVIPs: Set<IPAddress>? {
        guard let daemon = known(KeepalivedFact.self), daemon.isRunning, daemon.roleSource.isCurrent,
            let state = daemon.state
        else { return nil }
        return Set(state.instances.flatMap(\.addresses).compactMap { CIDR($0)?.address })
    }

    /// The virtual addresses that its configuration lists.
    fileprivate var writtenVIPs: Set<IPAddress> {
        Set((keepalivedConfiguration?.instances ?? []).flatMap(\.allAddresses).map(\.address))
    }
}

extension IPAddress {
    package var isLoopback: Bool {
        switch self {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }
}

package import Addresses

/// A network interface and its addresses according to the kernel.
package struct Interface: Hashable, Sendable {
    package var name: String
    package var mac: MACAddress?
    /// Whether it is administratively up.
    package var isUp: Bool
    /// Whether it is up and has a carrier.
    package var hasCarrier: Bool
    package var addresses: [Held]

    /// An address in the kernel's list, the primary source of who holds a virtual address.
    package struct Held: Hashable, Sendable {
        package var cidr: CIDR
        package var label: String?
        package var isSecondary: Bool
        /// Why the kernel does not use it yet, or not at all: the state of IPv6's duplicate address detection (RFC 4862).
        package var unused: Unused?

        package enum Unused: String, Hashable, Sendable {
            /// Detection goes on.
            case tentative
            /// Another machine has it.
            case dadfailed
        }

        package init(
            cidr: CIDR, label: String? = nil, isSecondary: Bool = false, unused: Unused? = nil
        ) {
            self.cidr = cidr
            self.label = label
            self.isSecondary = isSecondary
            self.unused = unused
        }
    }

    package init(
        name: String, mac: MACAddress? = nil, isUp: Bool = true, hasCarrier: Bool = true,
        addresses: [Held] = []
    ) {
        self.name = name
        self.mac = mac
        self.isUp = isUp
        self.hasCarrier = hasCarrier
        self.addresses = addresses
    }
}

/// The machine's interfaces in the kernel's order.
///
/// Parses iproute2's text and not its JSON, because every version prints it (`-j` came with 4.13).
package struct InterfacesFact: Fact {
    package static let name = "interfaces"

    package init() {}

    /// The exit status shows whether the list is complete: a machine without listed addresses would seem to hold
    /// none.
    package let script = "ip addr show"

    package func parse(_ output: SectionOutput) throws(FactError) -> [Interface] {
        var interfaces: [Interface] = []
        // If a name occurs twice, the first one counts.
        var places: [String: Int] = [:]
        var current: Int?
        for line in output.lines {
            // `2: eth0@if5: <UP,...> mtu ...`, and below it `link/ether 02:... brd ...` and
            // `inet 203.0.113.11/24 brd ... scope global eth0`
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let first = words.first else { continue }
            if first.hasSuffix(":"), Int(first.dropLast()) != nil, let interface = Self.link(words) {
                current = places[interface.name] ?? interfaces.count
                guard current == interfaces.count else { continue }
                places[interface.name] = current
                interfaces.append(interface)
            } else if let current {
                if first.hasPrefix("link/"), words.count > 1, interfaces[current].mac == nil {
                    interfaces[current].mac = MACAddress(words[1])
                } else if let held = Self.address(words) {
                    interfaces[current].addresses.append(held)
                }
            }
        }
        guard !interfaces.isEmpty else {
            throw .unreadable(fact: Self.name, cause: "`ip` lists no interface (exit \(output.status))")
        }
        guard output.status == 0 else {
            throw .unreadable(fact: Self.name, cause: "`ip` ended with exit \(output.status)")
        }
        return interfaces
    }

    /// The interface that a line of `ip` begins: its words, `3:`, `eth1@if8:`, `<UP,LOWER_UP>`.
    package static func link(_ words: [Substring]) -> Interface? {
        guard words.count > 2, words[1].hasSuffix(":"), words[2].hasPrefix("<") else { return nil }
        let flags = words[2].dropFirst().dropLast().split(separator: ",")
        return Interface(
            name: String(words[1].dropLast().prefix { $0 != "@" }), isUp: flags.contains("UP"),
            hasCarrier: flags.contains("LOWER_UP"))
    }

    /// The address of a line of `ip`, from `inet` or `inet6` on.
    package static func address(_ words: [Substring]) -> Interface.Held? {
        guard words.count > 1, words[0] == "inet" || words[0] == "inet6" else { return nil }
        // `inet 192.0.2.1 peer 192.0.2.2/32`: the prefix follows the peer; the address is the machine's own.
        var cidr = CIDR(words[1])
        if words.count > 3, words[2] == "peer", let address = IPAddress(words[1]), let peer = CIDR(words[3]) {
            cidr = CIDR(address, prefixLength: peer.prefixLength)
        }
        guard let cidr else { return nil }
        var label: String?
        // After `scope global` come flags and, for IPv4, the label.
        if words[0] == "inet", let scope = words.firstIndex(of: "scope") {
            let rest = words[(scope + 1)...].dropFirst()
            label = rest.last {
                !["secondary", "dynamic", "noprefixroute", "deprecated", "tentative"].contains($0)
            }
            .map(String.init)
        }
        // `scope global dadfailed tentative`; an optimistic one is used while it is tentative (RFC 4429).
        let unused: Interface.Held.Unused? =
            words.contains("dadfailed")
            ? .dadfailed
            : words.contains("tentative") && !words.contains("optimistic") ? .tentative : nil
        return Interface.Held(
            cidr: cidr, label: label, isSecondary: words.contains("secondary"), unused: unused)
    }
}

extension HostFacts {
    /// The interface that has an address, if the machine holds it. Addresses are compared as values, never as text. Of
    /// several interfaces, one that others reach: the loopback interface counts last.
    ///
    /// An address that the kernel does not use is not held: nobody gets an answer from it.
    package func interface(holding address: IPAddress) -> Interface? {
        let holding = (known(InterfacesFact.self) ?? []).filter {
            $0.addresses.contains { $0.cidr.address == address && $0.unused == nil }
        }
        return holding.first { $0.name != "lo" } ?? holding.first
    }

    /// Where an address is that the kernel does not use, and why it does not.
    package func unused(_ address: IPAddress) -> (interface: String, why: Interface.Held.Unused)? {
        for interface in known(InterfacesFact.self) ?? [] {
            for held in interface.addresses where held.cidr.address == address {
                if let why = held.unused { return (interface.name, why) }
            }
        }
        return nil
    }
}

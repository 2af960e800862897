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

        package init(cidr: CIDR, label: String? = nil, isSecondary: Bool = false) {
            self.cidr = cidr
            self.label = label
            self.isSecondary = isSecondary
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
/// Parses iproute2's one-line text and not its JSON, because every version prints it (`-j` came with 4.13).
package struct InterfacesFact: Fact {
    package static let name = "interfaces"

    package init() {}

    /// The exit status shows whether the list is complete: a machine without listed addresses would seem to hold
    /// none.
    package let script = "ip -o link show && ip -o addr show"

    package func parse(_ output: SectionOutput) throws(FactError) -> [Interface] {
        var interfaces: [Interface] = []
        // If a name occurs twice, the first one counts.
        var places: [Substring: Int] = [:]
        for line in output.lines {
            // `2: eth0@if5: <UP,...> mtu ...` or `2: eth0    inet 203.0.113.11/24 brd ... scope global eth0\ ...`
            let words = line.split { $0 == " " || $0 == "\t" || $0 == "\\" }
            guard words.count >= 3, words[0].hasSuffix(":"), Int(words[0].dropLast()) != nil else { continue }
            if words[1].hasSuffix(":") {
                let interface = Self.link(words)
                places[interface.name[...]] = places[interface.name[...]] ?? interfaces.count
                interfaces.append(interface)
            } else if let index = places[words[1].prefix { $0 != "@" }], let held = Self.address(words) {
                interfaces[index].addresses.append(held)
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

    private static func link(_ words: [Substring]) -> Interface {
        let name = words[1].dropLast().prefix { $0 != "@" }
        let flags = words[2].dropFirst().dropLast().split(separator: ",")
        let mac = words.firstIndex { $0.hasPrefix("link/") }
            .flatMap { words.indices.contains($0 + 1) ? MACAddress(words[$0 + 1]) : nil }
        return Interface(
            name: String(name), mac: mac, isUp: flags.contains("UP"),
            hasCarrier: flags.contains("LOWER_UP"))
    }

    private static func address(_ words: [Substring]) -> Interface.Held? {
        guard words.count >= 4, words[2] == "inet" || words[2] == "inet6" else { return nil }
        // `inet 192.0.2.1 peer 192.0.2.2/32`: the prefix follows the peer; the address is the machine's own.
        var cidr = CIDR(words[3])
        if words.count > 5, words[4] == "peer", let address = IPAddress(words[3]), let peer = CIDR(words[5]) {
            cidr = CIDR(address, prefixLength: peer.prefixLength)
        }
        guard let cidr else { return nil }
        var label: String?
        // After `scope global` come flags and, for IPv4, the label.
        if words[2] == "inet", let scope = words.firstIndex(of: "scope") {
            let rest = words[(scope + 1)...].dropFirst().prefix { $0 != "valid_lft" }
            label = rest.last {
                !["secondary", "dynamic", "noprefixroute", "deprecated", "tentative"].contains($0)
            }
            .map(String.init)
        }
        return Interface.Held(cidr: cidr, label: label, isSecondary: words.contains("secondary"))
    }
}

extension HostFacts {
    /// The interface that has an address, if the machine holds it. Addresses are compared as values, never as text. Of
    /// several interfaces, one that others reach: the loopback interface counts last.
    package func interface(holding address: IPAddress) -> Interface? {
        let holding = (known(InterfacesFact.self) ?? []).filter {
            $0.addresses.contains { $0.cidr.address == address }
        }
        return holding.first { $0.name != "lo" } ?? holding.first
    }
}

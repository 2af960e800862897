package import Addresses

/// A machine's ARP or neighbour-discovery entry for another machine's link-layer address.
package struct Neighbour: Hashable, Sendable {
    package var address: IPAddress
    package var interface: String
    package var mac: MACAddress
    /// The kernel's state: `REACHABLE`, `STALE`, `DELAY`, `PROBE`, `PERMANENT`, `NOARP`.
    package var state: String

    package init(address: IPAddress, interface: String, mac: MACAddress, state: String) {
        self.address = address
        self.interface = interface
        self.mac = mac
        self.state = state
    }
}

/// The machine's neighbour table, without entries that have no link-layer address.
package struct NeighboursFact: Fact {
    package static let name = "neighbours"

    package init() {}

    package let script = "ip -o neigh show"

    package func parse(_ output: SectionOutput) throws(FactError) -> [Neighbour] {
        output.lines.compactMap { line in
            // `203.0.113.50 dev eth1 lladdr 02:00:00:00:00:0b REACHABLE`
            let words = line.split(separator: " ")
            guard let first = words.first, let address = IPAddress(first),
                let device = words.firstIndex(of: "dev"), words.indices.contains(device + 1),
                let link = words.firstIndex(of: "lladdr"), words.indices.contains(link + 1),
                let mac = MACAddress(words[link + 1]), let state = words.last, state != "FAILED"
            else { return nil }
            return Neighbour(
                address: address, interface: String(words[device + 1]), mac: mac, state: String(state))
        }
    }
}

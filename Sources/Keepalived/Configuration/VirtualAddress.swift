package import Addresses

/// An address as `virtual_ipaddress`, `virtual_ipaddress_excluded` or `static_ipaddress` lists it.
package struct VirtualAddress: Hashable, Sendable {
    package enum Broadcast: Hashable, Sendable {
        /// `brd -`: the network's lowest address.
        case lowest
        /// `brd +`: the network's highest address.
        case highest
        case address(IPAddress)
    }

    package var address: IPAddress
    /// Without a length in the text: 32 or 128, never the interface's.
    package var prefixLength: Int
    package var device: String?
    package var broadcast: Broadcast?
    package var scope: String?
    package var label: String?
    package var peer: IPAddress?
    /// `no_track`: keepalived does not restore the address when something else removes it.
    package var isUntracked = false
    package var preferredLifetime: String?
    /// `home`, `-nodad`, `mngtmpaddr`, `noprefixroute`, `autojoin`, `use_vmac`, `track_group`, sorted.
    package var flags: [String] = []
    package var location: ConfigurationLocation

    package var cidr: CIDR? { CIDR(address, prefixLength: prefixLength) }

    /// Whether keepalived treats both entries as equal; the place in the file does not count.
    package func isSame(as other: VirtualAddress) -> Bool {
        var copy = other
        copy.location = location
        return self == copy
    }
}

package import Addresses

/// What a probe asks an address for.
package enum ProbeKind: Hashable, Comparable, Sendable, CustomStringConvertible {
    case icmp
    /// A connection.
    case tcp(port: Int)
    /// A request, and a status below 500.
    case http(port: Int)

    /// "icmp", "tcp 443", "http 80".
    package var description: String {
        switch self {
        case .icmp: "icmp"
        case .tcp(let port): "tcp \(port)"
        case .http(let port): "http \(port)"
        }
    }

    /// Whether it is answered by the service, and not by the kernel.
    package var isOfService: Bool { self != .icmp }
}

/// An address, and what it is asked for.
package struct ProbeTarget: Hashable, Comparable, Sendable {
    package var address: IPAddress
    package var kind: ProbeKind

    package init(_ address: IPAddress, _ kind: ProbeKind) {
        self.address = address
        self.kind = kind
    }

    package static func < (left: ProbeTarget, right: ProbeTarget) -> Bool {
        (left.address, left.kind) < (right.address, right.kind)
    }
}

internal import Remote

/// One machine of a route, with the operator's configuration applied.
///
/// Equal jump hosts share a connection.
struct Hop: Hashable, Sendable {
    /// The operator's name for it.
    var name: String
    /// What to connect to: `HostName`, or the name itself.
    var address: String
    var port: Int
    var user: String
    /// `HostKeyAlias`: the name under which known_hosts has it.
    var hostKeyAlias: String?
    /// Configured key files, tried before the agent's other keys.
    var identities: [String]
    /// ssh's default key files, tried last.
    var defaultIdentities: [String]
    /// Offer only the keys of `identities`.
    var identitiesOnly: Bool
    /// Whether `CertificateFile` names certificates.
    var hasCertificates = false
    /// The socket of ssh-agent.
    var agent: String?
    var userKnownHosts: [String]
    var globalKnownHosts: [String]
    var acceptNew: Bool
    /// Whether `StrictHostKeyChecking no` is configured. It is not followed: unknown keys are refused.
    var ignoresLaxChecking = false
    var hashKnownHosts: Bool
    /// `CheckHostIP`: whether the name's address is looked up in known_hosts as well.
    var checksAddress = false
    var connectTimeout: Duration?
    /// `AddressFamily`, for the first hop only.
    var family = AddressFamily.any
    /// `BindAddress`, for the first hop only.
    var source: String?
    /// The other restrictions of the configuration.
    var restrictions = Restrictions()

    /// The name that known_hosts lines are compared with: `[host]:port` unless the port is 22.
    var knownHostsName: String { hostKeyAlias ?? knownHostsName(of: address) }

    func knownHostsName(of address: String) -> String { port == 22 ? address : "[\(address)]:\(port)" }

    /// The name without the port; `nil` when ``knownHostsName`` has no port.
    var bareName: String? { hostKeyAlias == nil && port != 22 ? address : nil }

    /// The destination for an error about `machine`; `nil` when it equals that name.
    func destination(from machine: HostID) -> String? {
        guard name == machine.name, address == name else { return label }
        return port == 22 ? nil : "port \(port)"
    }

    /// For messages: the name, and the address when it says more.
    var label: String {
        let place = port == 22 ? address : "\(address):\(port)"
        let label = name == address ? place : "\(name) (\(place))"
        return ignoresLaxChecking ? label + " (StrictHostKeyChecking no is not followed)" : label
    }
}

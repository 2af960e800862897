internal import Remote

/// One machine on the way, as the operator's configuration finally describes it.
///
/// Equal hops share a connection where they are jump hosts.
struct Hop: Hashable, Sendable {
    /// What the operator calls it.
    var name: String
    /// What to connect to: `HostName`, or the name itself.
    var address: String
    var port: Int
    var user: String
    /// `HostKeyAlias`: the name under which known_hosts has it.
    var hostKeyAlias: String?
    /// Key files that were asked for, tried before the agent's other keys.
    var identities: [String]
    /// Key files that ssh would try by itself, tried last.
    var defaultIdentities: [String]
    /// Offer only keys that `identities` names.
    var identitiesOnly: Bool
    /// `CertificateFile` names certificates to log in with.
    var hasCertificates = false
    /// The socket of ssh-agent.
    var agent: String?
    var userKnownHosts: [String]
    var globalKnownHosts: [String]
    var acceptNew: Bool
    /// `StrictHostKeyChecking no` was asked for, and is not followed: unknown keys are refused all the same.
    var ignoresLaxChecking = false
    var hashKnownHosts: Bool
    /// `CheckHostIP`: the address that the name stands for is looked for in known_hosts as well.
    var checksAddress = false
    var connectTimeout: Duration?
    /// `AddressFamily`, where nothing is before this hop.
    var family = AddressFamily.any
    /// `BindAddress`, where nothing is before this hop.
    var source: String?
    /// What else the configuration forbids.
    var restrictions = Restrictions()

    /// The name that known_hosts lines are compared with: `[host]:port` unless the port is 22.
    var knownHostsName: String { hostKeyAlias ?? knownHostsName(of: address) }

    func knownHostsName(of address: String) -> String { port == 22 ? address : "[\(address)]:\(port)" }

    /// The name without the port, where ``knownHostsName`` has one.
    var bareName: String? { hostKeyAlias == nil && port != 22 ? address : nil }

    /// Where it is, for an error about `machine`, as far as that name does not say so.
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

/// The facts of each question to nodes, by purpose. A survey adds the facts that only it needs.
extension [any Fact] {
    /// The machine's own addresses, its neighbour table and how its kernel answers ARP: all that an observer is asked.
    package static var neighbourhood: [any Fact] {
        [InterfacesFact(), NeighboursFact(), ARPSettingsFact()]
    }

    /// The owners of addresses, and pending work of earlier runs.
    package static var ownership: [any Fact] { neighbourhood + [KeepalivedFact(), PendingFact()] }

    /// The configurations of both daemons, and the facts that decide how keepalived parses its own.
    package static var configuration: [any Fact] {
        [ConfigurationFilesFact(.daemons), SystemFact(), VersionFact()]
    }

    /// What gates check: daemons, roles, addresses, listeners, and whether the daemons run the configuration on disk.
    package static var gate: [any Fact] {
        neighbourhood + [
            SystemFact(), ServicesFact(), HAProxyFact(asksVersion: false), KeepalivedFact(), HaopsStateFact(),
            ConfigurationFilesFact(.keepalived), HAProxyLoadFact(),
        ]
    }

    /// The facts that every plan of a change needs.
    package static var change: [any Fact] {
        [SystemFact(), ServicesFact(), InterfacesFact(), HaopsStateFact(), PendingFact()]
    }

    /// The state of the services, in addition to the owners.
    package static var status: [any Fact] { [SystemFact(), ServicesFact(), HAProxyFact(), HaopsStateFact()] }

    /// Doctor's first question, which decides what is asked next.
    package static var doctor: [any Fact] {
        neighbourhood + [
            KeepalivedFact(), SystemFact(), ServicesFact(), ConfigurationFilesFact(), PendingFact(),
        ]
    }

    /// Doctor's second question: everything that changes, and everything that could block adverts or addresses.
    package static var doctorAgain: [any Fact] {
        neighbourhood + [
            KeepalivedFact(), JournalFact(), NotifyLogFact(), ServicesFact(), HAProxyFact(),
            HAProxyHealthFact(), FirewallFact(), LoadTimesFact(), HAProxyLoadFact(),
            NetworkConfigurationFact(),
            SysctlFact(["net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind"]),
        ]
    }
}

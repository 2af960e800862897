/// What the questions to nodes consist of, by what they are asked for. A survey adds what only it needs.
extension [any Fact] {
    /// Its own addresses, and whose machines it takes for the owners of others: all that an observer is asked.
    package static var neighbourhood: [any Fact] {
        [InterfacesFact(), NeighboursFact(), ARPSettingsFact()]
    }

    /// Who owns which address, and what a run of haops has pending.
    package static var ownership: [any Fact] { neighbourhood + [KeepalivedFact(), PendingFact()] }

    /// What both daemons read, and what decides how keepalived reads it.
    package static var configuration: [any Fact] {
        [ConfigurationFilesFact(.daemons), SystemFact(), VersionFact()]
    }

    /// Whether the node is as a gate wants it: daemons, roles, addresses, listeners, and whether they run what is written.
    package static var gate: [any Fact] {
        neighbourhood + [
            SystemFact(), ServicesFact(), HAProxyFact(asksVersion: false), KeepalivedFact(), HaopsStateFact(),
            ConfigurationFilesFact(.keepalived), HAProxyLoadFact(),
        ]
    }

    /// What every change is planned from, whatever is to be changed.
    package static var change: [any Fact] {
        [SystemFact(), ServicesFact(), InterfacesFact(), HaopsStateFact(), PendingFact()]
    }

    /// How the services are, beside who owns what.
    package static var status: [any Fact] { [SystemFact(), ServicesFact(), HAProxyFact(), HaopsStateFact()] }

    /// What doctor wants to know first: it decides what is asked next.
    package static var doctor: [any Fact] {
        neighbourhood + [
            KeepalivedFact(), SystemFact(), ServicesFact(), ConfigurationFilesFact(), PendingFact(),
        ]
    }

    /// What moves, and what could keep adverts or addresses away: doctor's second question.
    package static var doctorAgain: [any Fact] {
        neighbourhood + [
            KeepalivedFact(), JournalFact(), NotifyLogFact(), ServicesFact(), HAProxyFact(),
            HAProxyHealthFact(), FirewallFact(), LoadTimesFact(), HAProxyLoadFact(),
            NetworkConfigurationFact(),
            SysctlFact(["net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind"]),
        ]
    }
}

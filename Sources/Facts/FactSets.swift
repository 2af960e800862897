import Inventory

/// The facts of each question to nodes, by purpose: all lists that do not depend on the cluster.
///
/// Questions that an inventory or a goal decides add to them where they are asked: `Rollout.facts(for:on:)`,
/// `Preflight.questions(_:of:)`, and the surveys' own facts about files and addresses.
extension [any Fact] {
    /// The machine's own addresses, its neighbour table and how its kernel answers ARP: all that an observer is asked.
    package static var neighbourhood: [any Fact] {
        [InterfacesFact(), NeighboursFact(), ARPSettingsFact()]
    }

    /// The owners of addresses, and pending work of earlier runs.
    package static var ownership: [any Fact] {
        neighbourhood + [KeepalivedFact(.process), PendingFact(), KeptServersFact()] + record
    }

    /// What shows a daemon's state without a question to it; see `HostFacts.provenState`.
    package static var record: [any Fact] {
        [RoleRecordFact(), AdvertSocketsFact(), ConfigurationFilesFact(.keepalived), SystemFact()]
    }

    /// The configurations of both daemons, and the facts that decide how keepalived parses its own.
    package static var configuration: [any Fact] {
        [ConfigurationFilesFact(.daemons), SystemFact(), VersionFact()]
    }

    /// What gates check: daemons, roles, addresses, listeners, and whether the daemons run the configuration on disk.
    ///
    /// - `ports`: where haproxy is to listen.
    package static func gate(ports: Set<Int>) -> [any Fact] {
        neighbourhood + [
            SystemFact(), ServicesFact(), HAProxyFact(asksVersion: false, ports: ports), KeepalivedFact(),
            HaopsStateFact(), ConfigurationFilesFact(.keepalived), HAProxyLoadFact(),
        ]
    }

    /// The facts that every plan of a change needs.
    package static var change: [any Fact] {
        [SystemFact(), ServicesFact(), InterfacesFact(), HaopsStateFact(), PendingFact(), KeptServersFact()]
    }

    /// The servers of haproxy: what they are, what is kept of them, and what stands against a change.
    package static var servers: [any Fact] {
        [
            SystemFact(), ServicesFact(), PendingFact(), KeptServersFact(), ServerStatesFact(),
            HAProxyHealthFact(readsLog: false),
        ]
    }

    /// The sessions of haproxy's servers.
    package static var sessions: [any Fact] { [HAProxyHealthFact(readsLog: false)] }

    /// The state of the services, in addition to the owners.
    package static var status: [any Fact] {
        [
            SystemFact(), ServicesFact(), HAProxyFact(), HaopsStateFact(),
            HAProxyHealthFact(readsLog: false, extent: .twice), DiskSpaceFact(),
        ]
    }

    /// What the balancers see of their servers, in addition to the owners.
    package static var backends: [any Fact] {
        [
            ServicesFact(), HAProxyHealthFact(readsLog: false, extent: .twice),
            FilesFact([NodePaths.haproxyConfig]),
        ]
    }

    /// Doctor's first question, which decides what is asked next.
    package static var doctor: [any Fact] {
        neighbourhood + [
            KeepalivedFact(.checks), SystemFact(), ServicesFact(), ConfigurationFilesFact(),
            PendingFact(),
            FilesFact([NodePaths.haproxyConfig, NodePaths.sysctl]), NamedPathsFact(), AdvertSocketsFact(),
            ReversePathFact(), FirewallFact(asksFirewalld: false),
            HAProxyHealthFact(readsLog: false, extent: .everything),
        ]
    }

    /// Doctor's second question: everything that changes, and everything that could block adverts or addresses.
    package static var doctorAgain: [any Fact] {
        neighbourhood + [
            KeepalivedFact(.checks), JournalFact(), CheckHistoryFact(), ServicesFact(),
            ProcessesFact(), HAProxyFact(), HAProxyHealthFact(extent: .everything), FirewallFact(),
            AdvertSocketsFact(), ReversePathFact(),
        ]
    }

    /// What doctor asks while it listens: what does not change in these seconds.
    package static var doctorMeanwhile: [any Fact] {
        [
            NotifyLogFact(), ToolsFact(), DiskSpaceFact(), LoadTimesFact(), HAProxyLoadFact(),
            NetworkConfigurationFact(),
            SysctlFact(["net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind"]),
        ]
    }

    /// What decides how a failure would end, in one question: roles and priorities, what the nodes track, what drops adverts,
    /// what haproxy listens on and sees, and whether all of it is loaded.
    package static var readiness: [any Fact] {
        neighbourhood + [
            KeepalivedFact(.checks), SystemFact(), ServicesFact(), ServiceRestartFact(),
            ConfigurationFilesFact(.daemons), FilesFact([NodePaths.haproxyConfig]), NamedPathsFact(),
            FirewallFact(asksFirewalld: false), HAProxyFact(asksVersion: false), HAProxyHealthFact(),
            HAProxyLoadFact(), LoadTimesFact(), CertificatesFact(), PendingFact(),
        ]
    }

    /// What lint reads of a live node.
    package static var lint: [any Fact] {
        [
            SystemFact(), VersionFact(), ConfigurationFilesFact(), InterfacesFact(),
            NetworkConfigurationFact(), FirewallFact(), NamedPathsFact(), NamesFact(), KernelSettingsFact(),
            KeepalivedFact(.process), ToolsFact(), ServicesFact(), HAProxyFact(),
            CertificatesFact(), ServedCertificatesFact(),
        ]
    }

    /// What an inventory is made of.
    package static var `import`: [any Fact] {
        [
            SystemFact(), InterfacesFact(), KeepalivedFact(.process), ServicesFact(), HAProxyFact(),
            PackagesFact(["keepalived", "haproxy"]),
            SysctlFact(
                [
                    "net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind", "net.ipv4.ip_forward",
                    "net.ipv4.conf.all.arp_ignore", "net.ipv4.conf.all.arp_announce",
                    "net.ipv4.conf.all.rp_filter", "net.ipv4.conf.all.promote_secondaries",
                ], andThoseOf: ["/etc/sysctl.d/*.conf", "/etc/sysctl.conf"]),
            FirewallFact(), ConfigurationFilesFact(), OwnScriptsFact(manifest: NodePaths.manifest),
        ]
    }

    /// What the preflight reads of a planner's answer, beside its own questions.
    package static var preflight: [any Fact] { [SystemFact(), InterfacesFact(), KeepalivedFact()] }

    /// The owners of addresses and what may keep them apart, before and after a fix.
    package static var fix: [any Fact] {
        [
            SystemFact(), InterfacesFact(), ServicesFact(), KeepalivedFact(), NeighboursFact(),
            FirewallFact(), HaopsStateFact(), ConfigurationFilesFact(.keepalived),
        ]
    }

    /// The configurations of nodes that do not follow a handover file.
    package static var switchover: [any Fact] { [SystemFact(), ServicesFact(), ConfigurationFilesFact()] }

    /// The backups that a rollback can restore.
    package static var rollback: [any Fact] { [HaopsStateFact(listsBackups: true), PendingFact()] }

    /// Pending work of earlier runs alone.
    package static var pending: [any Fact] { [PendingFact()] }

    /// The journals of earlier runs, and the run that holds the lock.
    package static var history: [any Fact] { [RunJournalFact(), PendingFact()] }

    /// What a plan to restart daemons needs in addition: the configurations that they will read.
    package static var restart: [any Fact] { [ConfigurationFilesFact(), LoadTimesFact(), KeepalivedFact()] }

    /// What a restart of haproxy needs besides.
    package static var haproxyRestart: [any Fact] { [HAProxyFact(), HAProxyLoadFact(), HAProxyNeedsFact()] }
}

/// The paths that haops uses on a node: the only list of them.
package enum NodePaths {
    package static let keepalivedConfig = "/etc/keepalived/keepalived.conf"
    package static let scripts = "/etc/keepalived"
    package static let notifyScript = "/etc/keepalived/haops-notify.sh"
    /// haops' drop-in for keepalived's systemd unit; see ``KeepalivedSettings/startsScriptsAsItStops``.
    package static let keepalivedService = "/etc/systemd/system/keepalived.service.d/90-haops.conf"
    package static let haproxyConfig = "/etc/haproxy/haproxy.cfg"
    package static let sysctl = "/etc/sysctl.d/90-haops.conf"
    /// State that survives a reboot: backups, the journal, scheduled rollbacks.
    package static let stateDirectory = "/var/lib/haops"
    /// State that ends with a reboot: the lock, running steps.
    package static let volatileDirectory = "/run/haops"
    /// The list of shipped files, see `Manifest`.
    package static let manifest = stateDirectory + "/manifest"

    /// The servers of haproxy that haops keeps out of service, a line each.
    package static let keptServers = stateDirectory + "/servers"

    /// Where packet filters are kept for the next boot: by haops' own service, or by the distribution's.
    package enum Firewall {
        package static let directory = "/etc/haops"
        package static let script = directory + "/firewall.sh"
        package static let nftRules = directory + "/firewall.nft"
        package static let unit = "/etc/systemd/system/haops-firewall.service"
        package static let initScript = "/etc/init.d/haops-firewall"
        package static let nftConfigs = ["/etc/nftables.conf", "/etc/sysconfig/nftables.conf"]
        /// Files of iptables-save, each with the service that loads it.
        package static let savedRules: [(path: String, loader: String, isIPv6: Bool)] = [
            ("/etc/iptables/rules.v4", "netfilter-persistent", false),
            ("/etc/iptables/rules.v6", "netfilter-persistent", true),
            ("/etc/sysconfig/iptables", "iptables", false), ("/etc/sysconfig/ip6tables", "ip6tables", true),
        ]
    }

    /// The file whose number keepalived adds to an instance's priority: `haops switchover` and handovers write it.
    ///
    /// It lies in `/run`, so that no override outlives a reboot. keepalived 2.x watches the directory with
    /// inotify, and detects both a write in place and a rename. The number is clamped to ±253 and the sum to
    /// 1...254; -254 or less means FAULT (keepalived.conf(5), "Track files").
    package static func handover(of instance: String) -> String { "/run/haops-handover.\(instance)" }

    /// The name of that file in keepalived.conf.
    package static func handoverName(of instance: String) -> String { "haops_handover_\(instance)" }

    /// The state file that ``notifyScript`` writes: `STATE PRIORITY SECONDS`.
    package static func state(of instance: String) -> String { "/run/haops-state.\(instance)" }
}

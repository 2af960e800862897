/// Where haops puts things on a node.
package enum NodePaths {
    package static let keepalivedConfig = "/etc/keepalived/keepalived.conf"
    package static let scripts = "/etc/keepalived"
    package static let notifyScript = "/etc/keepalived/haops-notify.sh"
    /// What systemd reads beside keepalived's own unit; see ``KeepalivedSettings/startsScriptsAsItStops``.
    package static let keepalivedService = "/etc/systemd/system/keepalived.service.d/90-haops.conf"
    package static let haproxyConfig = "/etc/haproxy/haproxy.cfg"
    package static let sysctl = "/etc/sysctl.d/90-haops.conf"
    /// What of the operator's own files haops has shipped, see ``Manifest``.
    package static let manifest = "/var/lib/haops/manifest"

    /// The file whose number keepalived adds to an instance's priority: `haops switchover` and handovers write it.
    ///
    /// It lies in `/run`, so that no override outlives a reboot. keepalived 2.x watches the directory with inotify
    /// and takes both a write in place and a rename for a change; the number is clamped to ±253 in the sum, the
    /// sum to 1...254, and -254 or less means FAULT (keepalived.conf(5), "Track files").
    package static func handover(of instance: String) -> String { "/run/haops-handover.\(instance)" }

    /// What keepalived.conf calls that file.
    package static func handoverName(of instance: String) -> String { "haops_handover_\(instance)" }

    /// What ``notifyScript`` writes: `STATE PRIORITY SECONDS`.
    package static func state(of instance: String) -> String { "/run/haops-state.\(instance)" }
}

/// How a node's distribution lays out its files.
package enum NodeFamily: String, Sendable, CaseIterable {
    /// Debian, Ubuntu and their kin.
    case debian
    /// Red Hat, Fedora, CentOS and their kin.
    case redhat

    /// What the service manager reads keepalived's arguments from.
    package var keepalivedOptions: String {
        switch self {
        case .debian: "/etc/default/keepalived"
        case .redhat: "/etc/sysconfig/keepalived"
        }
    }

    var keepalivedOptionsTemplate: String {
        switch self {
        case .debian: "keepalived.default.mustache"
        case .redhat: "keepalived.sysconfig.mustache"
        }
    }

    /// In a directory that the distribution's own package makes.
    var haproxyStatsSocket: String {
        switch self {
        case .debian: "/run/haproxy/admin.sock"
        case .redhat: "/var/lib/haproxy/stats"
        }
    }
}

/// The paths that haops uses on a node.
package enum NodePaths {
    package static let keepalivedConfig = "/etc/keepalived/keepalived.conf"
    package static let scripts = "/etc/keepalived"
    package static let notifyScript = "/etc/keepalived/haops-notify.sh"
    /// haops' drop-in for keepalived's systemd unit; see ``KeepalivedSettings/startsScriptsAsItStops``.
    package static let keepalivedService = "/etc/systemd/system/keepalived.service.d/90-haops.conf"
    package static let haproxyConfig = "/etc/haproxy/haproxy.cfg"
    package static let sysctl = "/etc/sysctl.d/90-haops.conf"
    /// The list of shipped files, see ``Manifest``.
    package static let manifest = "/var/lib/haops/manifest"

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

/// The file layout of a node's distribution.
package enum NodeFamily: String, Sendable, CaseIterable {
    /// Debian, Ubuntu and their derivatives.
    case debian
    /// Red Hat, Fedora, CentOS and their derivatives.
    case redhat

    /// The file from which the service manager reads keepalived's arguments.
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

    /// haproxy's stats socket, in a directory that the distribution's package creates.
    var haproxyStatsSocket: String {
        switch self {
        case .debian: "/run/haproxy/admin.sock"
        case .redhat: "/var/lib/haproxy/stats"
        }
    }
}

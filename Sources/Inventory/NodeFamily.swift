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

    /// In a directory that the distribution's own package makes.
    package var haproxyStatsSocket: String {
        switch self {
        case .debian: "/run/haproxy/admin.sock"
        case .redhat: "/var/lib/haproxy/stats"
        }
    }
}

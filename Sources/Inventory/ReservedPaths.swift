/// Whether an operator's file may be shipped to a path.
package func mayShip(to path: String) -> Bool {
    path.hasPrefix("/") && path != "/" && ReservedPaths.objection(to: path) == nil
        && !path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().contains {
            $0.isEmpty || $0 == ".." || $0 == "."
        }
        && !path.hasSuffix(" ") && path.utf8.count <= 1024
        && !path.unicodeScalars.contains { $0.properties.generalCategory == .control }
}

/// Paths to which an inventory's files cannot be shipped, because haops or the kernel owns them.
enum ReservedPaths {
    /// Files that haops renders, each with the key of the inventory that changes it.
    private static let files: [String: String] = [
        "/etc/keepalived/keepalived.conf": "`keepalived`, or its `extra`",
        "/etc/keepalived/haops-notify.sh": "`notify` of `keepalived`",
        "/etc/default/keepalived": "`options` of `keepalived`",
        "/etc/sysconfig/keepalived": "`options` of `keepalived`",
        "/etc/systemd/system/keepalived.service.d/90-haops.conf": "`notify` of `keepalived`",
        "/etc/haproxy/haproxy.cfg": "`haproxy`, or its `extra`",
        "/etc/sysctl.d/90-haops.conf": "`sysctl`",
        "/etc/systemd/system/haops-firewall.service": "`firewall`",
        "/etc/init.d/haops-firewall": "`firewall`",
        "/etc/iptables/rules.v4": "`firewall`",
        "/etc/iptables/rules.v6": "`firewall`",
        "/etc/sysconfig/iptables": "`firewall`",
        "/etc/sysconfig/ip6tables": "`firewall`",
        "/etc/nftables.conf": "`firewall`",
        "/etc/sysconfig/nftables.conf": "`firewall`",
    ]
    /// The directories of haops' state.
    private static let state = ["/var/lib/haops", "/run/haops", "/var/run/haops", "/etc/haops"]
    /// The kernel's file systems.
    private static let kernel = ["/proc", "/sys", "/dev"]

    /// Why a file may not be shipped to a path, and what to do instead; `nil` when it may.
    static func objection(to path: String) -> (message: String, remedy: String)? {
        if let key = files[path] {
            return ("haops writes `\(path)` itself", "change it by \(key)")
        }
        if state.contains(where: { path == $0 || path.hasPrefix($0 + "/") || path.hasPrefix($0 + "-") }) {
            return ("\(quoted(path)) is where haops keeps its own state", "choose another place")
        }
        if kernel.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) {
            return ("\(quoted(path)) is the kernel's", "choose a place on disk")
        }
        return nil
    }
}

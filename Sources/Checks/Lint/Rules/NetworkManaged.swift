import Keepalived

/// Another program manages the interface and removes addresses.
///
/// - Condition: systemd-networkd or NetworkManager manages an interface of an instance, without
///   `KeepConfiguration=`.
/// - Why: A restart of that program removes virtual addresses. keepalived since 2.0 notices and starts an election;
///   1.x does not notice.
/// - Remedy: Set `KeepConfiguration=yes`, or leave the interface unmanaged.
struct NetworkManaged: NodeRule {
    static let id = "networkd"

    func check(_ node: LintNode) -> [Finding] {
        guard let managers = node.facts?.networkManagers, let first = node.instances.first else { return [] }
        return managers.sorted().map { manager in
            node.finding(
                Self.id, .warning, at: first.location, "\(manager) manages interfaces on the node",
                effect: node.version < KeepalivedVersion(2, 0, 0)
                    ? "its restart removes the addresses, and keepalived \(node.version) does not notice"
                    : "its restart removes the addresses, and keepalived starts an election",
                fix: manager == "systemd-networkd"
                    ? "set `KeepConfiguration=yes` for the interface" : "leave the interface unmanaged",
                evidence: [Evidence(.daemon, "\(manager) is running")])
        }
    }
}

package import Facts
package import Inventory

/// Everything that one node needs to be as the inventory says.
package struct NodePlan: Sendable {
    package var node: Node
    /// In the order in which they are replaced.
    package var files: [FileChange]
    /// Kernel values that are set now; a file makes them last.
    package var sysctls: [SysctlChange]
    package var firewall: FirewallChange
    /// Packages that are missing.
    package var packages: [String]
    /// What installs them: `apt`, `dnf`, `yum`, `zypper`, `apk`.
    package var packageManager: String?
    package var keepalived: DaemonAction
    package var haproxy: DaemonAction
    /// Services that do not start at boot yet.
    package var enable: [String]
    /// Services that started at boot and must not any more: only a rollback to before they were set up has any.
    package var disable: [String] = []
    /// What its daemons are to read that haops does not bring.
    package var unmanaged: [UnmanagedConfig] = []
    /// keepalived's makes it one that understands only nodes that have read the like.
    package var breaksPeerCompatibilityInPlace = false
    /// What speaks against going on, lower case, names in backticks. Nothing is changed while there is any.
    package var obstacles: [String]
    /// A run that did not end here, as it called itself: finishing it is work too.
    package var unfinished: String?
    /// Whoever holds its lock: nothing is done, and nothing is concluded, before that has ended.
    package var lock: LockHolder?
    /// Worth knowing before saying yes.
    package var notes: [String]
    /// What the cluster is to have and this node does not know of yet.
    package var absentBefore = ExpectedAbsences()
    /// What it will not know of afterwards either, as after a rollback.
    package var absentAfter = ExpectedAbsences()

    package init(
        node: Node, files: [FileChange] = [], sysctls: [SysctlChange] = [], firewall: FirewallChange = .none,
        packages: [String] = [], packageManager: String? = nil, keepalived: DaemonAction = .none,
        haproxy: DaemonAction = .none,
        enable: [String] = [], obstacles: [String] = [], notes: [String] = []
    ) {
        self.node = node
        self.files = files
        self.sysctls = sysctls
        self.firewall = firewall
        self.packages = packages
        self.packageManager = packageManager
        self.keepalived = keepalived
        self.haproxy = haproxy
        self.enable = enable
        self.obstacles = obstacles
        self.notes = notes
    }

    /// Nothing is to be done.
    package var isEmpty: Bool {
        files.isEmpty && sysctls.isEmpty && firewall.isEmpty && packages.isEmpty && keepalived == .none
            && haproxy == .none && enable.isEmpty && disable.isEmpty
    }

    /// Whether the node should own nothing while it is done.
    package var disturbsService: Bool { keepalived != .none || haproxy != .none }

    /// Daemons that read their configuration because of it.
    var daemonsThatRead: Set<String> {
        var names: Set<String> = []
        if keepalived.reads { names.insert("keepalived") }
        if haproxy.reads { names.insert("haproxy") }
        return names
    }

    /// With what its keepalived reads then it understands only nodes that have read it too.
    var breaksPeerCompatibility: Bool {
        keepalived != .none
            && (breaksPeerCompatibilityInPlace || files.contains(where: \.breaksPeerCompatibility))
    }

    package var effect: ChangeEffect { files.map(\.effect).max() ?? .none }
}

/// A kernel setting whose running value differs.
package struct SysctlChange: Hashable, Sendable {
    package var key: String
    package var before: String?
    package var after: String

    package init(key: String, before: String?, after: String) {
        self.key = key
        self.before = before
        self.after = after
    }
}

/// What opens a node's packet filter for VRRP and ICMP.
package struct FirewallChange: Hashable, Sendable {
    /// Commands for the rules in force, each idempotent.
    package var commands: [String]
    /// What the operator is told: "accept VRRP (112) in iptables INPUT, before `-j DROP`".
    package var descriptions: [String]

    package init(commands: [String], descriptions: [String]) {
        self.commands = commands
        self.descriptions = descriptions
    }

    package static let none = FirewallChange(commands: [], descriptions: [])
    package var isEmpty: Bool { commands.isEmpty }
}

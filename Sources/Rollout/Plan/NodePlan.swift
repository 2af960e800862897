package import Facts
package import Inventory

/// Everything that makes one node match the inventory.
package struct NodePlan: Sendable {
    package var node: Node
    /// The changed files, in the order in which they are replaced.
    package var files: [FileChange]
    /// Kernel settings that are set at once; a file makes them permanent.
    package var sysctls: [SysctlChange]
    package var firewall: FirewallChange
    /// Packages that are missing.
    package var packages: [String]
    /// The package manager that installs them: `apt`, `dnf`, `yum`, `zypper`, `apk`.
    package var packageManager: String?
    package var keepalived: DaemonAction
    package var haproxy: DaemonAction
    /// Services that do not start at boot yet and must.
    package var enable: [String]
    /// Services that start at boot and must not any more: only a rollback to before their setup has any.
    package var disable: [String] = []
    /// Configurations that its daemons will read and that haops does not ship.
    package var unmanaged: [UnmanagedConfig] = []
    /// After loading this file, the node rejects adverts from nodes that have not loaded it yet.
    package var breaksPeerCompatibilityInPlace = false
    /// Reasons not to continue, lower case, names in backticks. While there are any, nothing is changed.
    package var obstacles: [String]
    /// The name of an unfinished run on this node; finishing it is work too.
    package var unfinished: String?
    /// The run whose change waits for a person here, and is taken back by this plan.
    package var undoes: String?
    /// The holder of its lock. Until that run has ended, nothing is done and nothing is concluded.
    package var lock: LockHolder?
    /// What the operator should know before agreeing.
    package var notes: [String]
    /// Instances and addresses of the inventory that this node does not have yet.
    package var absentBefore = ExpectedAbsences()
    /// Instances and addresses that this node will not have afterwards either, as after a rollback.
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

    /// Whether there is nothing to do.
    package var isEmpty: Bool {
        files.isEmpty && sysctls.isEmpty && firewall.isEmpty && packages.isEmpty && keepalived == .none
            && haproxy == .none && enable.isEmpty && disable.isEmpty
    }

    /// Whether the node should own nothing while it is changed.
    package var disturbsService: Bool { keepalived != .none || haproxy != .none }

    /// Daemons that read their configuration because of this plan.
    var daemonsThatRead: Set<String> {
        var names: Set<String> = []
        if keepalived.reads { names.insert("keepalived") }
        if haproxy.reads { names.insert("haproxy") }
        return names
    }

    /// Whether keepalived, with its new configuration, rejects adverts from nodes that have not read theirs.
    var breaksPeerCompatibility: Bool {
        keepalived != .none
            && (breaksPeerCompatibilityInPlace || files.contains(where: \.breaksPeerCompatibility))
    }

    package var effect: FileEffect { files.map(\.effect).max() ?? .none }
}

/// A kernel setting whose running value differs from the desired one.
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

/// Commands that open a node's packet filter for VRRP and ICMP.
package struct FirewallChange: Hashable, Sendable {
    /// Commands that change the rules in force, each idempotent.
    package var commands: [String]
    /// The description for the operator: "accept VRRP (112) in iptables INPUT, before `-j DROP`".
    package var descriptions: [String]

    package init(commands: [String], descriptions: [String]) {
        self.commands = commands
        self.descriptions = descriptions
    }

    package static let none = FirewallChange(commands: [], descriptions: [])
    package var isEmpty: Bool { commands.isEmpty }
}

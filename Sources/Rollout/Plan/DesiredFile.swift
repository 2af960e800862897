package import Inventory
package import Rendering

/// What a whole node is to be.
package struct DesiredNode: Sendable {
    package var files: [DesiredFile]
    package var sysctls: [SysctlSetting]
    package var packages: [String]
    package var firewall: FirewallWish?
    /// Whether each daemon is to run, and to start at boot; those not named are left alone.
    package var services: [String: Service]
    /// It was so before: a set that was saved, whose mistakes are its operator's own.
    package var wasInForce = false

    package struct Service: Hashable, Sendable {
        package var runs: Bool
        package var isEnabled: Bool
        /// What a running daemon is told whatever else changes; what it reads then is judged where it stands.
        package var told: DaemonAction
        /// With what it reads then it understands only nodes that have read it too.
        package var divides: Bool

        package init(
            runs: Bool = true, isEnabled: Bool = true, told: DaemonAction = .none, divides: Bool = false
        ) {
            self.runs = runs
            self.isEnabled = isEnabled
            self.told = told
            self.divides = divides
        }
    }

    package init(
        files: [DesiredFile], sysctls: [SysctlSetting] = [], packages: [String] = [],
        firewall: FirewallWish? = nil, services: [String: Service] = [:]
    ) {
        self.files = files
        self.sysctls = sysctls
        self.packages = packages
        self.firewall = firewall
        self.services = services
    }

    /// What an inventory wants of a node.
    package init(_ rendered: RenderedNode, of cluster: Cluster) {
        var services: [String: Service] = [:]
        if cluster.keepalived != nil { services["keepalived"] = Service() }
        if cluster.haproxy != nil { services["haproxy"] = Service() }
        self.init(
            files: rendered.files.map(DesiredFile.init), sysctls: cluster.sysctl, packages: cluster.packages,
            firewall: cluster.firewall.map { FirewallWish($0, node: rendered.node, of: cluster) },
            services: services)
    }
}

/// What a file on a node is to be: rendered from an inventory, taken from a saved set, or derived for its firewall.
package struct DesiredFile: Hashable, Sendable {
    /// What the file is for: it decides what must be done when it changes.
    package enum Role: String, Sendable, CaseIterable {
        /// In the order in which files are replaced: whatever loads a set half replaced finds what it refers to.
        case sysctl, firewall, checkScript, notifyScript, keepalivedOptions, haproxyConfig, keepalivedConfig
    }

    /// Absolute, on the node.
    package var path: String
    /// `nil` is a file that must not be there.
    package var contents: [UInt8]?
    package var mode: Int
    /// `user:group`; `nil` keeps the owner of a file that is there and makes a new one root's.
    package var owner: String?
    package var secrets: [Secret]
    package var role: Role

    package init(
        path: String, contents: [UInt8]?, mode: Int = 0o644, owner: String? = nil, secrets: [Secret] = [],
        role: Role
    ) {
        self.path = path
        self.contents = contents
        self.mode = mode
        self.owner = owner
        self.secrets = secrets
        self.role = role
    }

    package init(_ file: RenderedFile) {
        let role: Role =
            switch file.role {
            case .keepalivedConfig: .keepalivedConfig
            case .keepalivedOptions: .keepalivedOptions
            case .checkScript: .checkScript
            case .notifyScript: .notifyScript
            case .haproxyConfig: .haproxyConfig
            case .sysctl: .sysctl
            }
        self.init(
            path: file.path, contents: file.contents, mode: file.mode, secrets: file.secrets, role: role)
    }
}

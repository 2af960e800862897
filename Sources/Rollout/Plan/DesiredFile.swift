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
    /// Whether what haops shipped once, and is not among ``files`` any more, is removed.
    package var removesLeftovers = false

    package struct Service: Hashable, Sendable {
        package var runs: Bool
        package var isEnabled: Bool
        /// What a running daemon is told whatever else changes; what it reads then is judged where it stands.
        package var told: DaemonAction
        /// With what it reads then it understands only nodes that have read it too.
        package var breaksPeerCompatibility: Bool

        package init(
            runs: Bool = true, isEnabled: Bool = true, told: DaemonAction = .none,
            breaksPeerCompatibility: Bool = false
        ) {
            self.runs = runs
            self.isEnabled = isEnabled
            self.told = told
            self.breaksPeerCompatibility = breaksPeerCompatibility
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
        // The last script of a stop has left the inventory, or there was none.
        if cluster.keepalived?.startsScriptsAsItStops == false {
            files.append(
                DesiredFile(path: NodePaths.keepalivedService, contents: nil, role: .keepalivedService))
        }
        removesLeftovers = true
    }
}

/// What a file on a node is to be: rendered from an inventory, taken from a saved set, or derived for its firewall.
package struct DesiredFile: Hashable, Sendable {
    /// What the file is for: it decides what must be done when it changes.
    package enum Role: String, Sendable, CaseIterable {
        /// In the order in which files are replaced: whatever loads a set half replaced finds what it refers to.
        case sysctl, firewall, keepalivedService
        /// The operator's own, told apart by what must be done once they have changed.
        case file, fileReloadingKeepalived, fileRestartingKeepalived, fileReloadingHAProxy,
            fileRestartingHAProxy
        case checkScript, notifyScript, keepalivedOptions, haproxyConfig, keepalivedConfig
        /// Which of the operator's own there are.
        case manifest

        /// An operator's own file.
        package init(_ onChange: ShippedFile.OnChange) {
            self =
                switch onChange {
                case .none: .file
                case .reloadKeepalived: .fileReloadingKeepalived
                case .restartKeepalived: .fileRestartingKeepalived
                case .reloadHAProxy: .fileReloadingHAProxy
                case .restartHAProxy: .fileRestartingHAProxy
                }
        }

        /// `nil` for what is not an operator's own file.
        package var onChange: ShippedFile.OnChange? {
            switch self {
            case .file: ShippedFile.OnChange.none
            case .fileReloadingKeepalived: .reloadKeepalived
            case .fileRestartingKeepalived: .restartKeepalived
            case .fileReloadingHAProxy: .reloadHAProxy
            case .fileRestartingHAProxy: .restartHAProxy
            case .sysctl, .firewall, .keepalivedService, .checkScript, .notifyScript, .keepalivedOptions,
                .haproxyConfig, .keepalivedConfig, .manifest:
                nil
            }
        }

        /// Those whose change concerns keepalived, and haproxy.
        static let ofKeepalived: Set<Self> = [
            .keepalivedConfig, .keepalivedOptions, .fileReloadingKeepalived, .fileRestartingKeepalived,
        ]
        static let ofHAProxy: Set<Self> = [.haproxyConfig, .fileReloadingHAProxy, .fileRestartingHAProxy]
    }

    /// Absolute, on the node.
    package var path: String
    /// `nil` is a file that must not be there.
    package var contents: [UInt8]?
    package var mode: Int
    /// `user:group`; `nil` keeps the owner of a file that is there and makes a new one root's.
    package var owner: String?
    package var secrets: [Secret]
    /// Whether nothing of the contents may be shown.
    package var isHidden: Bool
    package var role: Role

    package init(
        path: String, contents: [UInt8]?, mode: Int = 0o644, owner: String? = nil, secrets: [Secret] = [],
        isHidden: Bool = false, role: Role
    ) {
        self.path = path
        self.contents = contents
        self.mode = mode
        self.owner = owner
        self.secrets = secrets
        self.isHidden = isHidden
        self.role = role
    }

    package init(_ file: RenderedFile) {
        let role: Role =
            switch file.role {
            case .keepalivedConfig: .keepalivedConfig
            case .keepalivedOptions: .keepalivedOptions
            case .keepalivedService: .keepalivedService
            case .checkScript: .checkScript
            case .notifyScript: .notifyScript
            case .haproxyConfig: .haproxyConfig
            case .sysctl: .sysctl
            case .shipped(let onChange): Role(onChange)
            case .manifest: .manifest
            }
        self.init(
            path: file.path, contents: file.contents, mode: file.mode, owner: file.owner,
            secrets: file.secrets, isHidden: file.isHidden, role: role)
    }
}

package import Inventory
package import Rendering

/// The desired state of a whole node.
package struct DesiredNode: Sendable {
    package var files: [DesiredFile]
    package var sysctls: [SysctlSetting]
    package var packages: [String]
    package var firewall: FirewallWish?
    /// Whether each daemon must run and start at boot; daemons that are not named stay unchanged.
    package var services: [String: Service]
    /// Whether this state was in force before: it comes from a backup, and the operator is responsible for its
    /// mistakes.
    package var wasInForce = false
    /// Whether files that haops shipped earlier and that are not in ``files`` are removed.
    package var removesLeftovers = false

    package struct Service: Hashable, Sendable {
        package var runs: Bool
        package var isEnabled: Bool
        /// What a running daemon must do in any case; the configuration that it then reads is tested in place.
        package var told: DaemonAction
        /// Whether the daemon, once it has read that configuration, rejects adverts from nodes that have not.
        package var breaksPeerCompatibility: Bool
        /// Whether a stopped daemon stays stopped, and what starts at boot stays as it is.
        package var isLeft: Bool

        package init(
            runs: Bool = true, isEnabled: Bool = true, told: DaemonAction = .none,
            breaksPeerCompatibility: Bool = false, isLeft: Bool = false
        ) {
            self.isLeft = isLeft
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

    /// The state of a node that the inventory describes.
    package init(_ rendered: RenderedNode, of cluster: Cluster) {
        var services: [String: Service] = [:]
        if cluster.keepalived != nil { services["keepalived"] = Service(isLeft: cluster.isAdopted) }
        if cluster.haproxy != nil { services["haproxy"] = Service(isLeft: cluster.isAdopted) }
        self.init(
            files: rendered.files.map(DesiredFile.init), sysctls: cluster.sysctl, packages: cluster.packages,
            firewall: cluster.firewall.map { FirewallWish($0, node: rendered.node, of: cluster) },
            services: services)
        // The inventory has no script that runs when keepalived stops, or has it no longer.
        if cluster.keepalived?.startsScriptsAsItStops == false, !cluster.isAdopted {
            files.append(
                DesiredFile(path: NodePaths.keepalivedService, contents: nil, role: .keepalivedService))
        }
        removesLeftovers = true
    }
}

/// The desired state of a file on a node: rendered from an inventory, taken from a backup, or derived for the node's
/// firewall.
package struct DesiredFile: Hashable, Sendable {
    /// The purpose of the file, which decides what a change of it requires.
    package enum Role: String, Sendable, CaseIterable {
        /// In the order in which files are replaced: a daemon that loads half of the new files finds every file that
        /// those refer to.
        case sysctl, firewall, keepalivedService
        /// The operator's own files, distinguished by what a change of them requires.
        case file, fileReloadingKeepalived, fileRestartingKeepalived, fileReloadingHAProxy,
            fileRestartingHAProxy
        case checkScript, notifyScript, keepalivedOptions, haproxyConfig, keepalivedConfig
        /// The list of the operator's own files on the node.
        case manifest

        /// The role of an operator's own file.
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

        /// `nil` for a file that is not the operator's own.
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

        /// The roles whose change concerns keepalived, and those that concern haproxy.
        static let ofKeepalived: Set<Self> = [
            .keepalivedConfig, .keepalivedOptions, .fileReloadingKeepalived, .fileRestartingKeepalived,
        ]
        static let ofHAProxy: Set<Self> = [.haproxyConfig, .fileReloadingHAProxy, .fileRestartingHAProxy]
    }

    /// Its absolute path on the node.
    package var path: String
    /// `nil` for a file that must not exist.
    package var contents: [UInt8]?
    package var mode: Int
    /// `user:group`; `nil` keeps the owner of an existing file and makes a new one root's.
    package var owner: String?
    package var secrets: [Secret]
    /// Whether the contents must not be shown.
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

package import Inventory
package import Rendering

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

package import Inventory

/// One file of a node's set, complete: what it says and how it stands on the node.
package struct RenderedFile: Sendable {
    /// Absolute, on the node.
    package var path: String
    package var contents: [UInt8]
    /// Permission bits, `0o640`.
    package var mode: Int
    /// Whether ``contents`` holds a secret, so that it is never shown unmasked nor kept world-readable.
    package var isSecret: Bool
    /// `user:group`; `nil` leaves it as it is, and makes a new file root's.
    package var owner: String?
    /// Whether nothing of ``contents`` may be shown, not even what changes in it.
    package var isHidden: Bool
    /// The secrets that were put into it, to be masked wherever it is shown: see ``SecretMask``.
    package var secrets: [Secret]
    package var role: Role

    /// What the file is for: it decides what must be done when it changes.
    package enum Role: Hashable, Sendable {
        case keepalivedConfig, keepalivedOptions, keepalivedService, checkScript, notifyScript, haproxyConfig,
            sysctl
        /// One of the operator's own.
        case shipped(ShippedFile.OnChange)
        /// Of those, see ``Manifest``.
        case manifest
    }

    package init(
        path: String, contents: [UInt8], mode: Int, owner: String? = nil, isSecret: Bool = false,
        isHidden: Bool = false, secrets: [Secret] = [], role: Role
    ) {
        self.path = path
        self.contents = contents
        self.mode = mode
        self.owner = owner
        self.isSecret = isSecret
        self.isHidden = isHidden
        self.secrets = secrets
        self.role = role
    }
}

/// All files of one node, in the order of their paths. Firewall rules are no file: they are derived on the
/// node from what it has (see `Rollout`).
package struct RenderedNode: Sendable {
    package var node: Node
    package var files: [RenderedFile]

    package init(node: Node, files: [RenderedFile]) {
        self.node = node
        self.files = files
    }
}

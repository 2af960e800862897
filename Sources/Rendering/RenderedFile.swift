package import Inventory

/// One rendered file of a node, with its contents, owner and mode.
package struct RenderedFile: Sendable {
    /// Absolute, on the node.
    package var path: String
    package var contents: [UInt8]
    /// Permission bits, `0o640`.
    package var mode: Int
    /// Whether ``contents`` contains a secret. Such a file is never shown unmasked and never world-readable.
    package var isSecret: Bool
    /// `user:group`; `nil` keeps the owner of an existing file, and gives a new file to root.
    package var owner: String?
    /// Whether ``contents`` must not be shown at all, not even as a diff.
    package var isHidden: Bool
    /// The secrets in ``contents``, which ``SecretMask`` hides.
    package var secrets: [Secret]
    package var role: Role

    /// The purpose of the file, which decides what a change requires.
    package enum Role: Hashable, Sendable {
        case keepalivedConfig, keepalivedOptions, keepalivedService, checkScript, notifyScript, haproxyConfig,
            sysctl
        /// An operator's file.
        case shipped(ShippedFile.OnChange)
        /// The list of the operator's files, see ``Manifest``.
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

/// The mode that an existing file gets: a permission that was removed on the node stays removed, and a permission that
/// must not exist is removed.
package func keptMode(_ present: Int, wanted: Int) -> Int { present & wanted | wanted & 0o700 }

/// All files of one node, sorted by path. Firewall rules are not among them: they are derived from the node's
/// present rules (see `Rollout`).
package struct RenderedNode: Sendable {
    package var node: Node
    package var files: [RenderedFile]

    package init(node: Node, files: [RenderedFile]) {
        self.node = node
        self.files = files
    }
}

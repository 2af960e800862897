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
    /// The secrets that were put into it, to be masked wherever it is shown: see ``SecretMask``.
    package var secrets: [Secret]
    package var role: Role

    /// What the file is for: it decides what must be done when it changes.
    package enum Role: String, Sendable {
        case keepalivedConfig, keepalivedOptions, checkScript, notifyScript, haproxyConfig, sysctl
    }

    package init(
        path: String, contents: [UInt8], mode: Int, isSecret: Bool = false, secrets: [Secret] = [], role: Role
    ) {
        self.path = path
        self.contents = contents
        self.mode = mode
        self.isSecret = isSecret
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

package import Inventory
package import Remote

/// The result of an import: an inventory that means the same as the nodes' files, or the reasons why there is
/// none.
package struct ImportedCluster: Sendable {
    /// YAML, as an operator would write it. It holds no secret.
    package var inventory: String
    /// Lines that the inventory cannot express, and the `extra:` that contains them.
    package var kept: [KeptLine] = []
    /// Lines that were dropped because keepalived or haproxy skips them.
    package var dropped: [Remark] = []
    /// What cannot be expressed. With any refusal the inventory is a draft with another meaning.
    package var refusals: [Remark] = []
    /// What `apply` would add for haops itself.
    package var additions: [Remark] = []
    /// Notes; nothing is lost.
    package var notes: [Remark] = []
    /// The secrets that the inventory names, with their values.
    package var secrets: [ImportedSecret] = []

    package var isFaithful: Bool { refusals.isEmpty }
}

/// A place in a file of a node.
package struct NodePlace: Hashable, Sendable, CustomStringConvertible {
    package var node: HostID
    package var file: String
    /// Counted from 1; `nil` means the whole file.
    package var line: Int?

    package init(node: HostID, file: String, line: Int? = nil) {
        self.node = node
        self.file = file
        self.line = line
    }

    package var description: String { "\(node):\(file)" + (line.map { ":\($0)" } ?? "") }
}

/// A remark about places in files. Its quotations are safe to show.
package struct Remark: Hashable, Sendable, CustomStringConvertible {
    package var places: [NodePlace]
    package var text: String
    package var hint: String?

    package init(_ text: String, at places: [NodePlace] = [], hint: String? = nil) {
        self.text = text
        self.places = places
        self.hint = hint
    }

    package var description: String {
        (places.isEmpty ? "" : places.map(\.description).joined(separator: ", ") + ": ") + text
    }
}

/// Raw lines that went into an `extra:` of the inventory.
package struct KeptLine: Hashable, Sendable {
    package var places: [NodePlace]
    /// The first of the lines, secrets hidden.
    package var text: String
    /// `keepalived.extra.VI_1`, `haproxy.extra.sections`.
    package var key: String
}

/// A secret that was read from a node, and its name in the inventory.
package struct ImportedSecret: Sendable {
    package var name: String
    /// The environment variable that the inventory names.
    package var variable: String
    package var value: Inventory.Secret
    package var places: [NodePlace]
}

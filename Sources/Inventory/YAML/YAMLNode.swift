/// A place in a YAML text without its file name: small enough to stand on every node of a big inventory.
struct Mark: Hashable, Sendable {
    /// From 1.
    var line: Int32
    /// From 1, in Unicode scalars.
    var column: Int32
    /// How many scalars, never fewer than 1, never past the end of the line.
    var length: Int32
    /// How many lines the thing spans.
    var lines: Int32 = 1
}

/// One value of a YAML document and where it stands.
///
/// Scalars keep their text: what it means is decided by whoever asks for it, so that a node named `no`
/// or `0x10` is only a name.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        /// `isPlain` is false for quoted and block scalars, which are always text.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
        /// What could not be read and has been reported: nothing more is to be said of it.
        case broken
    }

    var content: Content
    var mark: Mark
}

/// A key and its value.
struct YAMLEntry: Sendable {
    var key: String
    var keyMark: Mark
    var value: YAMLNode
}

extension YAMLNode {
    /// A value that was left out: nothing behind the colon, `~` or `null`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return text.isEmpty || text == "~" || text == "null" || text == "Null" || text == "NULL"
    }

    var scalar: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    var entries: [YAMLEntry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// What a person would call it: for messages about a value of the wrong kind.
    var kind: String {
        switch content {
        case .scalar where isNull: "nothing"
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .broken: "nothing"
        }
    }
}

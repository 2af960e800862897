/// A place in a YAML text without its file name, kept small because every node of the tree has one.
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

/// One value of a YAML document with its place.
///
/// Scalars keep their text, and the reading code interprets it. So a node named `no` or `0x10` is only a name.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        /// `isPlain` is false for quoted and block scalars, which are always text.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
        /// A part that could not be read. It was reported already, and causes no further diagnostics.
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
    /// Whether the value is missing: nothing after the colon, `~` or `null`.
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

    /// The kind in words, for messages about a value of the wrong kind.
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

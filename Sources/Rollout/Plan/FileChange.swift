package import Rendering

/// A file of a node that differs from its desired state.
package struct FileChange: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case create, update, delete
        /// The contents stay; mode or owner change.
        case mode
        /// The file on disk is correct; the daemon has not read it yet.
        case notLoaded = "not-loaded"
    }

    package var path: String
    package var role: DesiredFile.Role
    package var kind: Kind
    package var effect: FileEffect
    /// The reasons for the effect, a sentence each.
    package var reasons: [String]
    /// Whether nodes with and without the change reject each other's adverts; then changing nodes one by one is not
    /// safe in any order.
    package var breaksPeerCompatibility = false
    /// The diff, with secrets hidden.
    package var diff: UnifiedDiff
    /// The new contents; `nil` for a deletion.
    package var contents: [UInt8]?
    package var mode: Int
    package var owner: String

    /// Its place in the order of replacement: an operator's own file appears before the configuration that names it,
    /// and is deleted after it.
    var order: (Int, String) {
        (kind == .delete && role.onChange != nil ? DesiredFile.Role.manifest.rank - 1 : role.rank, path)
    }

    /// Equal for changes whose text is the same on several nodes, for output to fold them.
    package var foldingKey: String {
        "\(path)\n\(kind.rawValue)\n\(effect.rawValue)\n\(reasons.joined(separator: "\n"))\n"
            + diff.text(old: "", new: "")
    }
}

/// What a change requires of its daemon, mildest first.
package enum FileEffect: String, Sendable, CaseIterable, Comparable {
    case none, reload, restart
    /// All nodes must read it within one master-down time: reloading nodes one by one is not safe in any order.
    case synchronisedReload = "synchronised-reload"
    /// The addresses move in any case.
    case failover

    package static func < (left: FileEffect, right: FileEffect) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What is done to a daemon on one node.
package enum DaemonAction: String, Sendable, Comparable, CaseIterable {
    case none, reload, restart, start, stop

    /// Whether the daemon reads its configuration as a result.
    var reads: Bool { self == .reload || self == .restart || self == .start }

    package static func < (left: DaemonAction, right: DaemonAction) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .none: 0
        case .reload: 1
        case .restart: 2
        case .start: 3
        case .stop: 4
        }
    }
}

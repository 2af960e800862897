package import Rendering

/// One file of one node that is not as it should be.
package struct FileChange: Sendable {
    package enum Kind: String, Sendable {
        case create, update, delete
        /// The contents stay, mode or owner change.
        case mode
        /// The disk is right, the daemon has not read it yet.
        case notLoaded = "not-loaded"
    }

    package var path: String
    package var role: DesiredFile.Role
    package var kind: Kind
    package var effect: ChangeEffect
    /// Why the effect is what it is, a sentence each.
    package var reasons: [String]
    /// Whether nodes with and without the change are deaf to each other: then no order of single nodes is safe.
    package var breaksPeerCompatibility = false
    /// Secrets hidden.
    package var diff: UnifiedDiff
    /// What will stand on the node; `nil` for a deletion.
    package var contents: [UInt8]?
    package var mode: Int
    package var owner: String

    /// Where it stands in the order in which files are replaced: an operator's own file is there before a configuration
    /// that names it, and goes after it.
    var order: (Int, String) {
        (kind == .delete && role.onChange != nil ? DesiredFile.Role.manifest.rank - 1 : role.rank, path)
    }

    /// Equal for changes that read the same on several nodes, so that output may fold them.
    package var foldingKey: String {
        "\(path)\n\(kind.rawValue)\n\(effect.rawValue)\n\(reasons.joined(separator: "\n"))\n"
            + diff.text(old: "", new: "")
    }
}

/// What a change asks of the daemon concerned, mildest first.
package enum ChangeEffect: String, Sendable, CaseIterable, Comparable {
    case none, reload, restart
    /// All nodes must read it within one master-down time: no order of single reloads is safe.
    case synchronisedReload = "synchronised-reload"
    /// Whatever is done, the addresses move.
    case failover

    package static func < (left: ChangeEffect, right: ChangeEffect) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What is done to a daemon on one node.
package enum DaemonAction: String, Sendable, Comparable {
    case none, reload, restart, start, stop

    /// The daemon reads its configuration by it.
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

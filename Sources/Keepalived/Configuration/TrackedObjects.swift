/// The command of a `vrrp_script` or a notify line.
package struct ScriptCommand: Hashable, Sendable {
    /// The program and its arguments as keepalived executes them, without a shell.
    package var arguments: [String]
    /// Words after the script that keepalived ignores, usually because of missing quotes.
    package var ignoredWords: [String]
    package var location: ConfigurationLocation
    /// The first sign outside quotes that only a shell would understand.
    package var shellSign: String?

    package var program: String { arguments.first ?? "" }
    package var text: String { arguments.joined(separator: " ") }
}

/// A user, and a group if one is named, to run scripts as.
package struct ScriptUser: Hashable, Sendable {
    package var user: String
    package var group: String?
}

/// `vrrp_script`.
package struct TrackScript: Sendable {
    package var name: String
    package var location: ConfigurationLocation
    package var command: ScriptCommand?
    /// Seconds, default 1.
    package var interval = Setting(1)
    /// Seconds; 0, the default, means the interval.
    package var timeout = Setting(0)
    /// -253 to 253; 0, the default, means FAULT on failure.
    package var weight = Setting(0)
    package var isReversed = false
    package var rise = Setting(1)
    package var fall = Setting(1)
    package var user: Setting<ScriptUser>?
    package var startsFailed = false
}

/// `vrrp_track_file` or, since 2.1, `track_file`.
package struct TrackFile: Sendable {
    package var name: String
    package var location: ConfigurationLocation
    package var path: Setting<String>?
    /// Multiplies the number in the file; default 1.
    package var weight = Setting(1)
    package var isReversed = false
    /// The value with which `init_file` creates the file; `nil` without `init_file`.
    package var initialValue: Setting<Int>?
    package var overwritesAtStart = false
}

/// `vrrp_track_process`.
package struct TrackProcess: Sendable {
    package var name: String
    package var location: ConfigurationLocation
    package var process: Setting<[String]>?
    package var weight = Setting(0)
    package var isReversed = false
    package var quorum = Setting(1)
    package var quorumMaximum: Setting<Int>?
    /// The rest of the block as written (`delay`, `param_match`, …).
    package var others: [Statement] = []
}

/// An entry of `track_script`, `track_file`, `track_process` or `track_interface`.
package struct TrackedReference: Hashable, Sendable {
    package var name: String
    /// The effective weight: the entry's own, or else the tracked object's.
    package var weight: Int
    /// Whether the entry states a weight of its own.
    package var hasOwnWeight: Bool
    package var isReversed: Bool
    package var location: ConfigurationLocation

    package func isSame(as other: TrackedReference) -> Bool {
        (name, weight, isReversed) == (other.name, other.weight, other.isReversed)
    }
}

package import Remote

/// Why a survey has no result.
package enum SurveyError: Error, Hashable, Sendable {
    /// Nodes did not answer; each was reported when that became known.
    case silentNodes([HostID])
    /// A node's keepalived configuration cannot be read.
    case unreadableConfiguration(HostID, cause: String)
    /// No node's keepalived configuration has a VRRP instance.
    case noInstance
}

package import Remote

/// Why a survey has no answer.
package enum SurveyError: Error, Hashable, Sendable {
    /// Nodes did not answer; each was named as it was found out.
    case silentNodes([HostID])
    /// A node cannot say what its keepalived reads.
    case unreadableConfiguration(HostID, cause: String)
    /// No node has a VRRP instance in what its keepalived reads.
    case noInstance
}

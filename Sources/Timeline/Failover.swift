package import Events

/// An address that changed its owner, or lost it, or found one: one row of the story that the logs tell.
package struct Failover: Hashable, Sendable {
    /// An owner.
    package enum Party: Hashable, Sendable {
        case node(String)
        /// A node whose log is not among these; its address where a log names it.
        case elsewhere(address: String?)
    }

    /// How long the address had no owner, or two.
    package enum Silence: Hashable, Sendable {
        /// Milliseconds without an owner, and how much that may be wrong.
        case nobody(Int, precision: Int)
        /// Milliseconds with both owners.
        case both(Int, precision: Int)
        /// The logs do not say.
        case unknown
    }

    package enum Course: String, CaseIterable, Hashable, Sendable {
        /// Another node took it.
        case moved
        /// The same node lost it and took it again.
        case retaken = "taken-again"
        /// A second node took it while the first one kept it.
        case twoOwners = "two-owners"
        /// Nobody took it, by these logs.
        case lost
        /// The first owner in these logs.
        case first = "first-owner"
        /// A node that had lost it is well again, and did not take it back.
        case notTakenBack = "not-taken-back"
    }

    package var cluster: String
    package var instance: String
    /// The addresses that the logs name, and no more than are worth naming.
    package var addresses: [String] = []
    package var course: Course
    /// Who had it; `nil` when no log says.
    package var from: Party?
    package var to: Party?
    package var lostAt: Moment?
    /// When a log last has a word of an owner whose end it does not have.
    package var lastSeen: Moment?
    package var takenAt: Moment?
    /// Why it was lost, from the immediate cause to the first one; empty when the logs do not say.
    package var causes: [String] = []
    /// Why the new owner took it; empty when the logs do not say.
    package var takenBecause: [String] = []
    package var silence: Silence
    /// Whether the new owner was there before the old one stepped back for its advert, as the protocol has it.
    package var isHandover = false
    /// What has to be known besides.
    package var remarks: [String] = []

    /// When it was over.
    package var lastTime: UTCTime { [lostAt, takenAt].compactMap { $0?.time }.max() ?? time }

    /// When it happened.
    package var time: UTCTime {
        [lostAt, takenAt].compactMap { $0?.time }.min() ?? lastSeen?.time ?? UTCTime(millisecondsSince1970: 0)
    }
}

package import Addresses
package import Events
package import Facts
package import Remote

/// Something that changed while a fleet was watched.
package struct WatchEvent: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The verdict on addresses, or their owner.
        case verdict
        /// A node's kernel has an address, or no longer.
        case address
        /// keepalived's role for an instance on a node.
        case role
        case priority
        /// Whether a node is heard.
        case node
        /// keepalived or haproxy on a node.
        case service
        /// A server behind haproxy, as one node sees it.
        case backend
        /// A health check of keepalived's on a node.
        case check
        case link
        /// What haops has begun on a node and left: a change that waits for a person's confirmation, an unfinished run.
        case pending
        /// What a log says besides.
        case log
    }

    package enum Weight: Hashable, Sendable {
        case good, plain, warning, bad
    }

    package var kind: Kind
    /// When it happened, by the clock of this machine.
    package var time: UTCTime
    /// When it was known here.
    package var seen: UTCTime
    package var cluster: String
    package var node: HostID?
    package var instance: String?
    package var addresses: [IPAddress] = []
    /// What it is of: a service, a server, a check, an interface.
    package var subject: String?
    package var from: String?
    package var to: String?
    package var owners: [HostID] = []
    /// What happened, without time, cluster and node. It may quote a node: not yet safe for a terminal.
    package var words: String
    package var weight = Weight.plain
    /// Whether it only says what was so at the beginning.
    package var isFirst = false

    package init(
        _ kind: Kind, at time: UTCTime, seen: UTCTime, cluster: String, node: HostID? = nil, words: String
    ) {
        self.kind = kind
        self.time = time
        self.seen = seen
        self.cluster = cluster
        self.node = node
        self.words = words
    }
}

/// What the streams and the looks tell a ``WatchModel``.
package enum WatchNews: Sendable {
    /// A node's stream has begun: from now on its changes are told as they happen.
    case heard(HostID)
    /// A node's stream is late, or broken.
    case silent(HostID, RemoteError)
    case told(WitnessEvent)
    /// The addresses that a node had when its stream began.
    case addresses(HostID, [WitnessEvent])
    /// Work of haops is pending on a node, or no longer: what it is only a look tells.
    case pending(HostID)
    /// The states of haproxy's servers on a node.
    case servers(HostID, HAProxyHealth)
    /// A look at clusters that began then has ended.
    case looked([OwnershipSurvey.Outcome], began: UTCTime)
    /// So many pieces of news were lost, because they came too fast.
    case lost(Int)
}

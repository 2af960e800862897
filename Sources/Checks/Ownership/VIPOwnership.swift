package import Addresses
package import Facts
package import Keepalived
package import Remote

/// Who owns one virtual address, how sure that is, and what each witness said.
package struct VIPOwnership: Sendable {
    package enum Verdict: String, Sendable, CaseIterable {
        /// Exactly one holder, whose keepalived runs and claims MASTER, and nobody sees it elsewhere. Where somebody else
        /// could ask, it was answered.
        case owned
        /// Held and claimed by one, and nobody else gets an answer.
        case dark
        /// Held and claimed by one, and a machine that does not hold it answers for it.
        case contested
        /// Two or more hold it and two or more daemons claim MASTER.
        case splitBrain = "split-brain"
        /// Held by a node whose keepalived is dead or not MASTER: a leftover.
        case orphan
        case unowned
        /// A daemon says MASTER, its kernel has no address.
        case claimedButAbsent = "claimed-but-absent"
        /// One owner, but an observer's neighbour entry names another link-layer address.
        case staleARP = "stale-arp"
        /// A node that might hold it, or a daemon that might own it, could not be asked.
        case unknown
    }

    /// What one node says.
    package struct NodeView: Sendable {
        package var node: HostID
        /// Why it could not be asked; `nil` when it could.
        package var silence: RemoteError?
        package var holds: Bool
        /// Which interface carries the address, if any.
        package var interface: String?
        /// `nil` when it is not known whether keepalived runs.
        package var daemonRuns: Bool?
        package var claim: LiveState.Role?
        package var roleSource: KeepalivedDaemon.RoleSource
        package var priority: Int?
        package var priorityOverride: KeepalivedDaemon.PriorityOverride?
        /// The interface that carries the address is known to have no carrier.
        package var isWithoutCarrier = false
        /// It has the address where it answers nobody for it, such as on `lo` with `arp_ignore`.
        package var isQuiet = false

        /// Its daemon said everything that it has, and neither the address nor the instance is among it.
        package var isUnknownToDaemon = false

        package var isReachable: Bool { silence == nil }
        /// Whether it is known who the daemon says it is: one that does not run is nobody.
        package var hasKnownRole: Bool { daemonRuns == false || claim != nil || isUnknownToDaemon }
        /// It has the address, and its daemon certainly does not stand for it.
        package var isLeftover: Bool { standsForIt && !claimsMaster && hasKnownRole }
        /// It has the address, and others may be answered by it.
        package var standsForIt: Bool { holds && (!isQuiet || claimsMaster) }
        package var claimsMaster: Bool { daemonRuns == true && claim == .master }
    }

    /// One neighbour-table entry for the address.
    package struct ARPView: Sendable {
        package var observer: HostID
        package var mac: MACAddress
        /// Whose interface has that link-layer address, of several the one that holds the virtual address; `nil`
        /// when it is none of the cluster's.
        package var node: HostID?
        package var state: String
    }

    package var vip: IPAddress
    package var cluster: String
    package var instance: String?
    package var verdict: Verdict
    package var nodes: [NodeView]
    package var arp: [ARPView]
    /// What machines got that asked for the address.
    package var answers: [AnswerView] = []
    package var answer = Answer.notProbed
    /// One sentence that says why the verdict is what it is.
    package var reason: String

    /// Two or more have an address, and two or more daemons say that they are its MASTER.
    package static func isSplitBrain(holders: Int, claimants: Int) -> Bool { holders >= 2 && claimants >= 2 }

    package var holders: [HostID] { nodes.filter(\.standsForIt).map(\.node) }
    /// The one node that holds the address and whose daemon claims it, if there is exactly one.
    package var trueOwner: HostID? {
        let owners = nodes.filter { $0.holds && $0.claimsMaster }
        return owners.count == 1 ? owners.first?.node : nil
    }
}

/// A virtual address that is asked about, and the instance that should carry it.
package struct VIPQuestion: Hashable, Sendable {
    package var vip: IPAddress
    package var cluster: String
    /// `nil` when only the address is known.
    package var instance: String?

    package init(vip: IPAddress, cluster: String, instance: String? = nil) {
        self.vip = vip
        self.cluster = cluster
        self.instance = instance
    }
}

package import Addresses
package import Facts
package import Keepalived
package import Remote

/// The verdict on the owner of one virtual address, with the data of each source.
package struct VIPOwnership: Sendable {
    package enum Verdict: String, Sendable, CaseIterable {
        /// Exactly one holder, whose keepalived runs and claims MASTER, and no neighbour table contradicts it. Where another
        /// machine could ask for the address, it got an answer.
        case owned
        /// Held and claimed by one, and nobody else gets an answer.
        case dark
        /// Held and claimed by one, and a machine that does not hold it answers for it.
        case contested
        /// Two or more hold it and two or more daemons claim MASTER.
        case splitBrain = "split-brain"
        /// A leftover: a node holds it whose keepalived is dead or not MASTER.
        case orphan
        case unowned
        /// A daemon claims MASTER, but its kernel does not have the address.
        case claimedButAbsent = "claimed-but-absent"
        /// One owner, but an observer's neighbour entry names another link-layer address.
        case staleARP = "stale-arp"
        /// A node that might hold the address, or a daemon that might own it, could not be asked.
        case unknown

        /// Whether an operator should be woken up.
        package var isBad: Bool {
            switch self {
            case .owned, .unknown: false
            case .dark, .contested, .splitBrain, .orphan, .unowned, .claimedButAbsent, .staleARP: true
            }
        }

        /// Whether a monitor is to call it critical: with a stale neighbour table the owner still serves.
        package var isCritical: Bool { isBad && self != .staleARP }
    }

    /// The data of one node.
    package struct NodeView: Sendable {
        package var node: HostID
        /// Why it could not be asked; `nil` when it could.
        package var silence: RemoteError?
        package var holds: Bool
        /// The interface that has the address, if any.
        package var interface: String?
        /// `nil` when it is not known whether keepalived runs.
        package var daemonRuns: Bool?
        package var claim: LiveState.Role?
        package var roleSource: KeepalivedDaemon.RoleSource
        package var priority: Int?
        package var priorityOverride: KeepalivedDaemon.PriorityOverride?
        /// As configured; below it, `priority` was lowered by checks.
        package var basePriority: Int?
        /// Seconds since its instance's last change of state, by the node's own clock.
        package var age: Int?
        /// The interface that carries the address is known to have no carrier.
        package var isWithoutCarrier = false
        /// It has the address where it answers nobody for it, such as on `lo` with `arp_ignore`.
        package var isQuiet = false

        /// It has the address, and its kernel does not use it: where, and why.
        package var unused: String?

        /// Whether its daemon reported everything, without this address and this instance.
        package var isUnknownToDaemon = false

        package var isReachable: Bool { silence == nil }
        /// Whether the daemon's role is known; a daemon that does not run has no role.
        package var hasKnownRole: Bool { daemonRuns == false || claim != nil || isUnknownToDaemon }
        /// Whether it has the address although its daemon certainly does not claim it.
        package var isLeftover: Bool { standsForIt && !claimsMaster && hasKnownRole }
        /// Whether it has the address and may answer others for it.
        package var standsForIt: Bool { holds && (!isQuiet || claimsMaster) }
        package var claimsMaster: Bool { daemonRuns == true && claim == .master }
    }

    /// One neighbour-table entry for the address.
    package struct ARPView: Sendable {
        package var observer: HostID
        package var mac: MACAddress
        /// The node with that link-layer address; of several, the one that holds the virtual address; `nil` if it
        /// does not belong to the cluster.
        package var node: HostID?
        package var state: String
    }

    package var vip: IPAddress
    package var cluster: String
    package var instance: String?
    package var verdict: Verdict
    package var nodes: [NodeView]
    package var arp: [ARPView]
    /// What each machine that asked for the address got.
    package var answers: [AnswerView] = []
    package var answer = Answer.notProbed
    /// One sentence with the reason for the verdict.
    package var reason: String

    /// Whether two or more nodes have an address and two or more daemons claim MASTER for it.
    package static func isSplitBrain(holders: Int, claimants: Int) -> Bool { holders >= 2 && claimants >= 2 }

    package var holders: [HostID] { nodes.filter(\.standsForIt).map(\.node) }
    /// The node that holds the address and whose daemon claims it, if there is exactly one.
    package var trueOwner: HostID? {
        let owners = nodes.filter { $0.holds && $0.claimsMaster }
        return owners.count == 1 ? owners.first?.node : nil
    }
}

/// A virtual address to examine, and the instance that should carry it.
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

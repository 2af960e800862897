/// The state of a running daemon, read from any of its dumps.
///
/// The parsers skip the secrets in a dump (`auth_data`).
package struct LiveState: Hashable, Sendable {
    package var instances: [Instance]

    package init(instances: [Instance]) { self.instances = instances }

    /// keepalived's own states (vrrp.h: 0 INIT, 1 BACK, 2 MAST, 3 FAULT).
    package enum Role: String, Hashable, Sendable, CaseIterable {
        case initial = "INIT"
        case backup = "BACKUP"
        case master = "MASTER"
        case fault = "FAULT"
    }

    package struct Instance: Hashable, Sendable {
        package var name: String
        package var role: Role
        /// The interface of its adverts; with `use_vmac` the one that the daemon created.
        package var interface: String
        package var routerID: Int
        /// `nil` where only the role is known, as from the journal.
        package var basePriority: Int?
        /// After the weights of scripts and files, clamped to 1...254; `nil` where only the role is known.
        package var effectivePriority: Int?
        /// As the daemon prints them, an address and perhaps a prefix length each.
        package var addresses: [String]
        /// Seconds since 1970.
        package var lastTransition: Int?
        /// The master that a backup receives adverts from; `nil` when the dump does not say.
        package var masterAddress: String?
        package var masterPriority: Int?
        package var nopreempt: Bool
        package var version: Int?
        /// Hundredths of a second.
        package var advertInterval: Int?
        /// `nil` when the dump does not say.
        package var preemptDelay: Duration?
        /// Adverts that may be missed; not in any JSON dump.
        package var downTimerAdverts: Int?
        /// `nil` when unknown, as opposed to zero counts.
        package var counters: Counters?

        package init(
            name: String, role: Role, interface: String = "", routerID: Int = 0, basePriority: Int? = nil,
            effectivePriority: Int? = nil, addresses: [String] = [], lastTransition: Int? = nil,
            masterAddress: String? = nil, masterPriority: Int? = nil, nopreempt: Bool = false,
            version: Int? = nil,
            advertInterval: Int? = nil, counters: Counters? = nil
        ) {
            self.name = name
            self.role = role
            self.interface = interface
            self.routerID = routerID
            self.basePriority = basePriority
            self.effectivePriority = effectivePriority
            self.addresses = addresses
            self.lastTransition = lastTransition
            self.masterAddress = masterAddress
            self.masterPriority = masterPriority
            self.nopreempt = nopreempt
            self.version = version
            self.advertInterval = advertInterval
            self.counters = counters
        }
    }

    /// Counters since the daemon's start. Two samples show whether adverts arrive.
    package struct Counters: Hashable, Sendable {
        package var advertsReceived: Int
        package var advertsSent: Int
        package var becameMaster: Int
        package var releasedMaster: Int
        /// Received and refused, by reason, zero counts left out.
        package var refused: [String: Int]

        package init(
            advertsReceived: Int = 0, advertsSent: Int = 0, becameMaster: Int = 0, releasedMaster: Int = 0,
            refused: [String: Int] = [:]
        ) {
            self.advertsReceived = advertsReceived
            self.advertsSent = advertsSent
            self.becameMaster = becameMaster
            self.releasedMaster = releasedMaster
            self.refused = refused
        }

        /// Creates the counters from counts with their names in the JSON dump.
        init(named counts: [String: Int]) {
            let harmless: Set = [
                "advert_rcvd", "advert_sent", "become_master", "release_master", "pri_zero_rcvd",
                "pri_zero_sent",
            ]
            self.init(
                advertsReceived: counts["advert_rcvd"] ?? 0, advertsSent: counts["advert_sent"] ?? 0,
                becameMaster: counts["become_master"] ?? 0, releasedMaster: counts["release_master"] ?? 0,
                refused: counts.filter { !harmless.contains($0.key) && $0.value != 0 })
        }
    }
}

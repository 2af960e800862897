import FoundationEssentials

/// What a running daemon says of itself, whichever of its dumps it was read from.
///
/// Secrets that a dump holds (`auth_data`) are left behind by the parsers.
package struct LiveState: Hashable, Sendable {
    package var instances: [Instance]

    package init(instances: [Instance]) { self.instances = instances }

    /// keepalived's own states (vrrp.h: 0 INIT, 1 BACK, 2 MAST, 3 FAULT).
    package enum Role: String, Hashable, Sendable {
        case initial = "INIT"
        case backup = "BACKUP"
        case master = "MASTER"
        case fault = "FAULT"
    }

    package struct Instance: Hashable, Sendable {
        package var name: String
        package var role: Role
        /// Where its adverts travel.
        package var interface: String
        package var routerID: Int
        package var basePriority: Int
        /// After the weights of scripts and files, clamped to 1...254.
        package var effectivePriority: Int
        /// As the daemon prints them, an address and perhaps a prefix length each.
        package var addresses: [String]
        /// Seconds since 1970.
        package var lastTransition: Int?
        /// Whom a backup hears, where the dump says so.
        package var masterAddress: String?
        package var masterPriority: Int?
        package var nopreempt: Bool
        package var version: Int?
        /// Hundredths of a second.
        package var advertInterval: Int?
        package var counters: Counters

        package init(
            name: String, role: Role, interface: String = "", routerID: Int = 0, basePriority: Int = 100,
            effectivePriority: Int = 100, addresses: [String] = [], lastTransition: Int? = nil,
            masterAddress: String? = nil, masterPriority: Int? = nil, nopreempt: Bool = false,
            version: Int? = nil,
            advertInterval: Int? = nil, counters: Counters = Counters()
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

    /// Since the daemon started. Two samples tell whether adverts travel.
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
    }
}

extension LiveState {
    /// Reads the JSON dump (`keepalived --signum=JSON`, builds with `--enable-json`); `nil` when it is none.
    ///
    /// Written against keepalived 2.2.7: an array of instances, each with `data` and `stats`. From 2.2.8 on
    /// `json_version 2` wraps the array in an object under `vrrp`.
    package init?(json: some Sequence<UInt8>) {
        let data = Data(json)
        let decoder = JSONDecoder()
        let entries: [DumpedInstance]
        if let array = try? decoder.decode([DumpedInstance].self, from: data) {
            entries = array
        } else if let object = try? decoder.decode(DumpedObject.self, from: data) {
            entries = object.vrrp
        } else {
            return nil
        }
        self.init(instances: entries.map(\.instance))
    }

    private struct DumpedObject: Decodable { var vrrp: [DumpedInstance] }

    /// Only the members that are wanted are decoded: the password is never touched.
    private struct DumpedInstance: Decodable {
        var data: Body
        var stats: [String: Int]?

        struct Body: Decodable {
            var iname: String
            var ifp_ifname: String?
            var vrid: Int?
            var state: Int
            var base_priority: Int?
            var effective_priority: Int?
            var master_priority: Int?
            var last_transition: Double?
            var adver_int: Double?
            var nopreempt: Bool?
            var version: Int?
            var vips: [String]?
            var evips: [String]?
        }

        var instance: Instance {
            let roles: [Role] = [.initial, .backup, .master, .fault]
            let stats = stats ?? [:]
            let harmless: Set = [
                "advert_rcvd", "advert_sent", "become_master", "release_master", "pri_zero_rcvd",
                "pri_zero_sent",
            ]
            return Instance(
                name: data.iname, role: roles.indices.contains(data.state) ? roles[data.state] : .initial,
                interface: data.ifp_ifname ?? "", routerID: data.vrid ?? 0,
                basePriority: data.base_priority ?? 100,
                effectivePriority: data.effective_priority ?? data.base_priority ?? 100,
                // `203.0.113.50/24 dev eth1 scope global label eth1:0 set`
                addresses: ((data.vips ?? []) + (data.evips ?? []))
                    .compactMap { $0.split(separator: " ").first.map(String.init) },
                lastTransition: data.last_transition.flatMap { Int(exactly: $0.rounded()) },
                masterPriority: data.master_priority, nopreempt: data.nopreempt ?? false,
                version: data.version,
                advertInterval: data.adver_int.flatMap { Int(exactly: ($0 * 100).rounded()) },
                counters: Counters(
                    advertsReceived: stats["advert_rcvd"] ?? 0, advertsSent: stats["advert_sent"] ?? 0,
                    becameMaster: stats["become_master"] ?? 0, releasedMaster: stats["release_master"] ?? 0,
                    refused: stats.filter { !harmless.contains($0.key) && $0.value != 0 }))
        }
    }
}

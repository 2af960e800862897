package import Addresses

/// `vrrp_instance` as keepalived runs it, defaults filled in and contradictions resolved.
package struct Instance: Sendable {
    package enum State: String, Hashable, Sendable {
        case master = "MASTER"
        case backup = "BACKUP"
    }

    package enum Family: Hashable, Sendable { case ipv4, ipv6 }

    /// `authentication`, which only VRRP version 2 has.
    package struct Authentication: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable {
            case password = "PASS"
            case header = "AH"
        }

        package var kind: Kind
        /// At most eight bytes: keepalived uses only that many of `auth_pass`.
        package var secret: Secret
    }

    package struct UnicastPeer: Hashable, Sendable {
        package var address: IPAddress
        package var minimumTTL = 0
        package var maximumTTL = 255
        package var location: ConfigurationLocation
    }

    /// Gratuitous ARP and neighbour advertisements; seconds and counts.
    package struct GratuitousARP: Hashable, Sendable {
        package var delay = 5
        package var repetitions = 5
        /// 0, the default, means that they are sent only at a change of state.
        package var refresh = 0
        package var refreshRepetitions = 1
        package var lowerPriorityDelay: Int?
        package var lowerPriorityRepetitions: Int?
    }

    package struct VMAC: Hashable, Sendable {
        package var interface: String?
        package var isIPVLAN = false
        package var sendsFromBase = false
    }

    package struct Notify: Hashable, Sendable {
        /// The keyword: `notify`, `notify_master`, …
        package var event: String
        package var command: ScriptCommand
        package var user: ScriptUser?
    }

    package let name: String
    package let location: ConfigurationLocation
    /// The place of the block's `}`, if there is one.
    package var end: ConfigurationLocation?

    package var state = Setting(State.backup)
    package var interface: Setting<String>?
    /// `nil` when it is missing or not a number: keepalived then refuses to run.
    package var virtualRouterID: Setting<Int>?
    /// 1 to 255; without the keyword 100, or since 2.0 255 for `state MASTER`.
    package var priority = Setting(100)
    package var version = Setting(2)
    package var family = Family.ipv4
    package var advertInterval = Setting(Duration.seconds(1))
    /// Adverts that may be missed before a backup takes over; configurable since 2.2.3.
    package var downTimerAdverts = Setting(3)
    package var authentication: Setting<Authentication>?
    /// `nopreempt`, unless something cancels it.
    package var nopreempt: Setting<Bool> = Setting(false)
    package var preemptDelay = Setting(Duration.zero)
    package var strict = Setting(false)
    package var accept = Setting(true)
    package var unicastPeers: [UnicastPeer] = []
    /// Whether adverts go to the peers; false means to the multicast group.
    package var isUnicast = false
    /// Whether there is any unicast keyword, even if the instance uses multicast in the end.
    package var mentionsUnicast = false
    /// The place of the `unicast_peer` block.
    package var unicastLocation: ConfigurationLocation?
    package var sourceAddress: Setting<IPAddress>?
    package var tracksSourceAddress = false
    package var checksUnicastSource = false
    package var faultsWithoutPeers = false
    package var multicastGroup: Setting<IPAddress>?
    package var addresses: [VirtualAddress] = []
    package var excludedAddresses: [VirtualAddress] = []
    package var routes: [Statement] = []
    package var rules: [Statement] = []
    package var trackInterfaces: [TrackedReference] = []
    package var trackScripts: [TrackedReference] = []
    package var trackFiles: [TrackedReference] = []
    package var trackProcesses: [TrackedReference] = []
    package var trackBFDs: [TrackedReference] = []
    package var ignoresOwnInterface = false
    package var vmac: Setting<VMAC>?
    package var garp = GratuitousARP()
    package var skipsAdvertAddressCheck = Setting(false)
    package var notify: [Notify] = []
    package var promotesSecondaries = false
    /// All other statements, as written.
    package var others: [Statement] = []

    package init(name: String, location: ConfigurationLocation) {
        self.name = name
        self.location = location
    }

    /// Whether keepalived treats this node as the owner of the addresses, whose priority never changes.
    package var isOwner: Bool { priority.value == 255 }

    /// All addresses of the instance, including the excluded ones.
    package var allAddresses: [VirtualAddress] { addresses + excludedAddresses }
}

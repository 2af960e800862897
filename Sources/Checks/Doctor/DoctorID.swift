/// The identifiers of doctor's findings, which never change: causes, and symptoms that no cause explains.
package enum DoctorID: String, Hashable, Sendable, CaseIterable {
    // Causes of a split-brain.
    case routerIDDiffers = "cause-vrid-differs"
    case transportMixed = "cause-transport-mixed"
    case unicastPeers = "cause-unicast-peers"
    case vrrpVersion = "cause-vrrp-version"
    case authentication = "cause-auth"
    case advertInterval = "cause-advert-interval"
    case vipSet = "cause-vip-set"
    case bothOwner = "cause-both-owner"
    case samePriority = "cause-same-priority"
    case firewallOutput = "cause-firewall-output"
    case conntrackUnicast = "cause-conntrack-unicast"
    case firewallInput = "cause-firewall-input"
    case foreignRouterID = "cause-foreign-vrid"
    case noPath = "cause-no-path"
    case multicastPath = "cause-multicast-path"
    case unicastPath = "cause-unicast-path"
    case daemonStalled = "cause-daemon-stalled"
    case daemonStarved = "keepalived-starved"
    case sourceAbsent = "cause-source-absent"
    case advertLinkDown = "cause-advert-link-down"
    case sendFails = "cause-send-fails"
    case otherInterface = "cause-other-interface"
    case listenAddress = "cause-listen-address"
    case reversePath = "cause-reverse-path"
    case unaskedNode = "cause-unasked-node"

    // Other causes.
    case runPending = "run-pending"
    case vipMachineAddress = "vip-machine-address"
    case secondKeepalived = "cause-second-keepalived"
    case writtenNotLoaded = "written-not-loaded"
    case haproxyNotLoaded = "haproxy-not-loaded"
    case leftoverVIP = "leftover-vip"
    case staticVIP = "static-vip"
    case keepalivedDead = "keepalived-dead"
    case vipRemovedByNetworkManager = "vip-removed-by-network-manager"
    case vipBlockedStrict = "vip-blocked-strict"
    case staleARP = "stale-arp"
    case clonedMAC = "cloned-mac"
    case vipForeignHolder = "vip-foreign-holder"
    case vipProxyARP = "vip-proxy-arp"
    case vipLinkDown = "vip-link-down"
    case vipQuietInterface = "vip-quiet-interface"
    case serviceNetworkSplit = "service-network-split"
    case vipPortFiltered = "vip-port-filtered"
    case haproxyMute = "haproxy-mute"
    case checkDisabled = "check-disabled"
    case processCheckBlind = "process-check-blind"
    case checkFlaps = "check-flaps"
    case checkToolMissing = "check-tool-missing"
    case checkTimesOut = "check-times-out"
    case checkStopsService = "check-stops-service"
    case notifyStopsProxy = "notify-stops-haproxy"
    case checkFailsEverywhere = "check-fails-everywhere"
    case allFault = "all-fault"
    case faultInterface = "fault-interface"
    case faultAddress = "fault-address"
    case faultCheck = "fault-check"
    case faultProcess = "fault-process"
    case faultFile = "fault-file"
    case checkNeverMoves = "check-never-moves"
    case nopreemptStuck = "nopreempt-stuck"
    case secondProxy = "second-haproxy"
    case haproxyCannotBind = "haproxy-cannot-bind"
    case haproxyDownVIPStays = "haproxy-down-vip-stays"
    case backendPath = "backend-path"
    case backendAllDown = "backend-all-down"
    case backendSeenDifferently = "backend-seen-differently"
    case backendLastServer = "backend-last-server"
    case backendServerDown = "backend-server-down"
    case haproxyMaxconn = "haproxy-maxconn"
    case backendQueue = "backend-queue"
    case backendRetries = "backend-retries"
    case peersApart = "haproxy-peers-apart"
    case stickTableFull = "stick-table-full"
    case haproxyOldWorker = "haproxy-old-worker"
    case diskFull = "disk-full"
    case keepalivedChildDied = "keepalived-child-died"
    case nodeUnreachable = "node-unreachable"
    case vipDuplicateDetected = "vip-duplicate-detected"
    case notifyFailed = "notify-failed"

    // Symptoms without a cause; a dead keepalived and a wrong neighbour entry are listed above.
    case splitBrain = "split-brain"
    case orphan
    case noOwner = "no-owner"
    case vipDark = "vip-dark"
    case claimedButAbsent = "claimed-but-absent"
    case advertsRefused = "adverts-refused"
    case instanceFault = "instance-fault"
    case haproxyDead = "haproxy-dead"
    case checkFails = "check-fails"
    case vipUnsettled = "vip-unsettled"

    /// Whether nodes with this cause take addresses from each other again and again.
    package var makesNodesFight: Bool { consequence == .fight || consequence == .fightOnceLoaded }

    /// Whether a file with this fault must not be loaded: with it, the nodes would reject each other's adverts or
    /// take each other's addresses.
    package var forbidsLoading: Bool { consequence == .fightOnceLoaded || consequence == .harmOnceLoaded }

    /// Whether another machine than the owner answers for an address, and will go on to, whatever the owner announces.
    package var outlastsAnnouncements: Bool {
        [.vipProxyARP, .vipForeignHolder, .clonedMAC].contains(self)
    }

    private enum Consequence {
        /// The nodes fight, whatever their files say.
        case fight
        /// The nodes fight because of what their files say.
        case fightOnceLoaded
        /// No fight, but loading the file does harm.
        case harmOnceLoaded
        case other
    }

    /// Without `default`: a new identifier has to decide.
    private var consequence: Consequence {
        switch self {
        case .routerIDDiffers, .transportMixed, .unicastPeers, .vrrpVersion, .authentication,
            .advertInterval, .vipSet, .bothOwner, .samePriority:
            .fightOnceLoaded
        case .firewallOutput, .conntrackUnicast, .firewallInput, .foreignRouterID, .noPath, .multicastPath,
            .unicastPath, .daemonStalled, .sourceAbsent, .advertLinkDown, .sendFails, .otherInterface,
            .listenAddress,
            .reversePath, .unaskedNode, .secondKeepalived:
            .fight
        case .checkDisabled, .vipMachineAddress:
            .harmOnceLoaded
        case .daemonStarved, .runPending, .writtenNotLoaded, .haproxyNotLoaded, .leftoverVIP, .staticVIP,
            .keepalivedDead,
            .vipRemovedByNetworkManager, .vipBlockedStrict, .staleARP, .clonedMAC, .vipForeignHolder,
            .vipProxyARP, .vipLinkDown, .vipQuietInterface, .serviceNetworkSplit, .vipPortFiltered,
            .haproxyMute, .allFault, .checkNeverMoves, .nopreemptStuck, .haproxyCannotBind,
            .faultInterface, .faultAddress, .faultCheck, .faultProcess, .faultFile, .backendPath,
            .processCheckBlind, .checkFlaps, .checkToolMissing, .checkTimesOut, .checkStopsService,
            .notifyStopsProxy, .checkFailsEverywhere, .secondProxy, .checkFails,
            .backendSeenDifferently, .backendLastServer, .haproxyMaxconn, .backendQueue, .backendRetries,
            .peersApart, .stickTableFull, .haproxyOldWorker, .backendServerDown, .diskFull,
            .keepalivedChildDied, .nodeUnreachable, .vipDuplicateDetected,
            .haproxyDownVIPStays, .backendAllDown, .notifyFailed, .splitBrain, .orphan, .noOwner, .vipDark,
            .claimedButAbsent, .advertsRefused, .instanceFault, .haproxyDead, .vipUnsettled:
            .other
        }
    }
}

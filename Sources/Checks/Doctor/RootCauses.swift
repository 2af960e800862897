/// Finds the root causes of a cluster's problems.
package enum RootCauses {
    /// In the order in which they are evaluated: causes with direct proof first, causes by exclusion last.
    static let all: [any Cause] = [
        // The cluster is in the middle of a change.
        RunPending(), NodeUnreachable(),
        // An address that must not be virtual, or a file on disk that does not run: later causes would be judged by
        // the wrong configuration.
        VIPIsMachineAddress(), SecondKeepalived(), WrittenNotLoaded(), ProxyNotLoaded(),
        // The nodes differ in settings that must be equal.
        RouterIDsDiffer(), MixedTransport(), UnicastPeers(), VersionsDiffer(), AuthenticationDiffers(),
        AdvertIntervalsDiffer(), AddressSetsDiffer(), BothOwners(), EqualPriorities(),
        // A node takes no part: its daemon, its address, its link.
        DaemonStalled(), DaemonStarved(), SourceAbsent(), AdvertLinkDown(),
        // Adverts are dropped on a node, or arrive where nobody listens.
        FirewallOutput(), ConntrackUnicast(), FirewallInput(), SendFails(),
        OtherInterface(), ListenAddress(), ReversePathDrops(),
        // Adverts of machines that were not asked.
        UnaskedNode(), ForeignRouterID(),
        // Adverts are lost between the nodes.
        NoPath(), MulticastPath(), UnicastPath(),
        // Daemons that do not run, and addresses that remain.
        LeftoverAddress(), StaticAddress(), CheckStopsService(), DeadDaemon(),
        RemovedByNetworkService(), BlockedByStrict(),
        // Machines that answer for the address, or none that does.
        DuplicateDetected(), ClonedMAC(), ForeignHolder(), AnswersForAnother(), StaleNeighbour(),
        LinkDown(), QuietInterface(), ServiceNetworkSplit(),
        // Checks.
        CheckDisabled(), ProcessCheckBlind(), CheckFlaps(), CheckToolMissing(), CheckTimesOut(),
        NotifyStopsProxy(), EveryNodeInFault(), CheckFailsEverywhere(), CheckNeverMoves(), StuckByNopreempt(),
        // One node in FAULT.
        FaultInterface(), FaultAddress(), FaultCheck(), FaultProcess(), FaultFile(),
        // The service behind the address.
        SecondProxy(), ProxyCannotBind(), ProxyDownAddressStays(), PortFiltered(), ProxyMute(),
        BackendPath(), BackendDown(), BackendSeenDifferently(), BackendLastServer(), BackendServerDown(),
        // What haproxy itself runs out of.
        MaxconnReached(), QueueGrows(), RetriesRise(), PeersApart(), StickTableFull(), OldWorkers(),
        // Actions that follow a move of the address.
        NotifyFailed(),
        // What is not at fault now, and will be.
        DiskFull(), ChildDied(),
    ]

    /// All findings, the most important first: errors before warnings, and causes in the order of ``all``.
    package static func findings(in observation: ClusterObservation) -> [Finding] {
        var observation = observation
        var findings: [Finding] = []
        for cause in all {
            let diagnoses = cause.diagnose(observation)
            findings += Self.limited(diagnoses.map(\.finding))
            for diagnosis in diagnoses { observation.unexplained.subtract(diagnosis.explained) }
        }
        findings += observation.unexplained.map { $0.finding(in: observation) }.sorted()
        let concealment = FindingConcealment(observation.nodes)
        findings = findings.map(concealment.shown)
        return findings.filter { $0.severity == .error } + findings.filter { $0.severity != .error }
    }

    /// What `backends` asks: the causes that the word of the balancers proves.
    private static let ofBackends: [any Cause] = [
        BackendPath(includesFaults: true), BackendDown(), BackendSeenDifferently(), BackendLastServer(),
        BackendServerDown(),
        MaxconnReached(), QueueGrows(), RetriesRise(), PeersApart(), StickTableFull(), OldWorkers(),
    ]

    /// What is wrong with the servers and with haproxy, the most important first.
    package static func findingsOfBackends(in observation: ClusterObservation) -> [Finding] {
        let findings = ofBackends.flatMap { limited($0.diagnose(observation).map(\.finding)) }
        let shown = findings.map(FindingConcealment(observation.nodes).shown)
        return shown.filter { $0.severity == .error } + shown.filter { $0.severity != .error }
    }

    /// More findings of one cause say no more than their number.
    private static let most = 30

    /// The first of many findings of one cause; the last of them tells how many more there are.
    private static func limited(_ findings: [Finding]) -> [Finding] {
        guard findings.count > most else { return findings }
        var shown = Array(findings.prefix(most))
        shown[most - 1].message += "; and \(findings.count - most) more of this kind"
        return shown
    }

    /// The identifiers of all causes, in the order of ``all``.
    package static var identifiers: [DoctorID] { all.map { type(of: $0).id } }
}

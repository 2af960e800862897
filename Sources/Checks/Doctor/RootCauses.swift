/// Finds the root causes of what is wrong with a cluster.
package enum RootCauses {
    /// In the order in which they are asked: what is proven by itself first, what is left by exclusion last.
    static let all: [any Cause] = [
        // What is seen is in the middle of a change.
        RunPending(),
        // An address that is not to be virtual, and what is on the disk and does not run: everything else would be
        // judged by the wrong text.
        VIPIsMachineAddress(), WrittenNotLoaded(), ProxyNotLoaded(),
        // The nodes disagree about what they must share.
        RouterIDsDiffer(), MixedTransport(), UnicastPeers(), VersionsDiffer(), AuthenticationDiffers(),
        AdvertIntervalsDiffer(), AddressSetsDiffer(), BothOwners(), EqualPriorities(),
        // Adverts are dropped on a node.
        FirewallOutput(), ConntrackUnicast(), FirewallInput(),
        ForeignRouterID(),
        // Adverts are lost between the nodes.
        NoPath(), MulticastPath(),
        // The daemon, or what it left behind.
        LeftoverAddress(), StaticAddress(), DeadDaemon(),
        RemovedByNetworkService(), BlockedByStrict(),
        // What answers for the address.
        ClonedMAC(), ForeignHolder(), AnswersForAnother(), StaleNeighbour(),
        LinkDown(), QuietInterface(), ServiceNetworkSplit(),
        // What is tracked.
        CheckDisabled(), EveryNodeInFault(), CheckNeverMoves(), StuckByNopreempt(),
        // What the address is there for.
        ProxyCannotBind(), ProxyDownAddressStays(), PortFiltered(), ProxyMute(), BackendDown(),
        // What follows the address.
        NotifyFailed(),
    ]

    /// All findings, the most important first: errors before warnings, and causes in the order of ``all``.
    package static func findings(in observation: ClusterObservation) -> [Finding] {
        var observation = observation
        var findings: [Finding] = []
        for cause in all {
            for diagnosis in cause.diagnose(observation) {
                findings.append(diagnosis.finding)
                observation.unexplained.subtract(diagnosis.explained)
            }
        }
        findings += observation.unexplained.map { $0.finding(in: observation) }.sorted()
        let concealment = FindingConcealment(observation.nodes)
        findings = findings.map(concealment.shown)
        return findings.filter { $0.severity == .error } + findings.filter { $0.severity != .error }
    }

    /// The identifiers of all causes, in the order in which they are asked.
    package static var identifiers: [DoctorID] { all.map { type(of: $0).id } }
}

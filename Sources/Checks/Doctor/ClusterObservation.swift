import Addresses
import Facts
import HAProxy
import Keepalived
package import Remote

/// Everything that was observed of one cluster, and the symptoms that are not explained yet.
package struct ClusterObservation: Sendable {
    let cluster: String
    package let nodes: [DoctorNode]
    /// The observers' second answers. Observers are machines outside the cluster.
    package let observers: [(HostID, ProbeResult)]
    let routers: [VirtualRouter]
    /// The owners in the first and the second sample.
    let before: [VIPOwnership]
    package let after: [VIPOwnership]
    /// Seconds between the two samples.
    package let seconds: Int
    /// Pings from node to node: by the asking node's name, then by address.
    let reach: [String: [IPAddress: Reach]]
    /// Addresses of machines, which no cause and no remedy may treat as virtual.
    package let own: OwnAddresses
    /// Symptoms that no cause has explained so far.
    var unexplained: Set<Symptom> = []

    /// - `vips`: virtual addresses of the inventory; those of the nodes are added.
    /// - `own`: addresses that are known to be machines' own, such as those by which they are reached; the machines'
    ///   reported addresses are added.
    package init(
        cluster: String, vips: [VIPQuestion], nodes: [DoctorNode], observersBefore: [(HostID, ProbeResult)],
        observersAfter: [(HostID, ProbeResult)], seconds: Int, own known: OwnAddresses = OwnAddresses()
    ) {
        var own = known
        let machines =
            nodes.compactMap { node in node.everything.map { (node.name, $0) } }
            + observersAfter.compactMap { host, answer in (try? answer.get()).map { (host.name, $0) } }
        own.add(machines, virtual: Set(vips.map(\.vip)))
        self.own = own
        self.cluster = cluster
        self.nodes = nodes
        observers = observersAfter
        self.seconds = seconds
        routers = VirtualRouter.routers(of: nodes)
        reach = nodes.reduce(into: [:]) { $0[$1.name] = $1.after?.known(ReachFact.self) ?? [:] }
        var questions = vips
        for router in routers {
            for vip in router.addresses.sorted() where !questions.contains(where: { $0.vip == vip }) {
                questions.append(VIPQuestion(vip: vip, cluster: cluster, instance: router.title))
            }
        }
        // A machine's own address needs no verdict on its owner.
        questions.removeAll { own.owner(of: $0.vip) != nil }
        func probeResults(_ facts: (DoctorNode) -> HostFacts?) -> [(HostID, ProbeResult)] {
            nodes.map { node in
                (node.id, facts(node).map { .success($0) } ?? .failure(node.silence ?? .unasked(node.id)))
            }
        }
        before = questions.map {
            ownership(of: $0, nodes: probeResults(\.before), observers: observersBefore)
        }
        after = questions.map { ownership(of: $0, nodes: probeResults(\.after), observers: observersAfter) }
        unexplained = symptoms()
    }

    /// Nodes that answered without facts that a diagnosis needs.
    package var unheard: [RemoteError] {
        nodes.compactMap(\.silence).filter(\.isUnanswered)
    }
    var reachable: [DoctorNode] { nodes.filter(\.isReachable) }

    func holders(of vip: IPAddress) -> [String] {
        after.first { $0.vip == vip }?.holders.map(\.name) ?? []
    }
    func verdict(on vip: IPAddress) -> VIPOwnership? { after.first { $0.vip == vip } }

    /// The evidence about an address, one line for each source.
    func probeResult(on vip: IPAddress?) -> [Evidence] {
        guard let vip, let ownership = verdict(on: vip) else { return [] }
        let words = ownership.nodes.filter(\.isReachable).map { view in
            let address = view.interface.map { "has it on \($0)" } ?? "does not have it"
            let role =
                view.daemonRuns == false
                ? "keepalived is not running" : "keepalived says \(view.claim?.rawValue ?? "nothing")"
            return Evidence(.kernel, on: view.node.name, "\(address), \(role)")
        }
        let neighbours = ownership.arp.map { entry in
            Evidence(
                .kernel, on: entry.observer.name,
                "sends to \(entry.mac)\(entry.node.map { ", \($0)" } ?? "")")
        }
        let asked = ownership.answers.map {
            Evidence(.probe, on: $0.observer.name, "asked for \(vip): \(ownership.words(of: $0))")
        }
        return words + neighbours + asked
    }

    /// The unexplained split-brains and refused adverts of one router.
    func disunity(of router: VirtualRouter) -> Set<Symptom> {
        let names = Set(router.nodes)
        return unexplained.filter { symptom in
            switch symptom {
            case .splitBrain(let vip), .unsettled(let vip): router.addresses.contains(vip)
            case .refusals(let node, let instance):
                names.contains(node) && router.members.contains { $0.after?.name == instance }
            default: false
            }
        }
    }

    /// All symptoms of a router's addresses.
    func symptoms(of router: VirtualRouter) -> Set<Symptom> {
        disunity(of: router).union(unexplained.filter { $0.vip.map(router.addresses.contains) == true })
    }

    /// Whether the nodes of a router do not hear each other: two masters in both samples, or refused adverts.
    func isDisunited(_ router: VirtualRouter) -> Bool {
        disunity(of: router).contains(where: \.isSplitBrain)
    }

    private func symptoms() -> Set<Symptom> {
        var found: Set<Symptom> = []
        for (first, second) in zip(before, after) {
            let vip = second.vip
            // The second look alone asks for the addresses.
            let wasOwned = first.verdict == .owned || first.verdict == .staleARP
            if [.dark, .contested].contains(second.verdict), wasOwned || first.verdict == second.verdict,
                first.trueOwner == second.trueOwner
            {
                found.insert(second.verdict == .dark ? .dark(vip) : .contested(vip))
            } else if first.verdict == second.verdict, first.trueOwner == second.trueOwner {
                switch second.verdict {
                case .owned, .unknown, .dark, .contested: break
                case .splitBrain: found.insert(.splitBrain(vip))
                case .orphan: found.insert(.orphan(vip))
                case .unowned: found.insert(.unowned(vip))
                case .claimedButAbsent: found.insert(.claimedButAbsent(vip))
                case .staleARP: found.insert(.staleARP(vip))
                }
            } else if first.verdict != .unknown, second.verdict != .unknown {
                found.insert(.unsettled(vip))
            }
        }
        for node in reachable {
            if node.isDead, node.configuration != nil || node.daemon?.isInstalled == true {
                found.insert(.daemonDown(node: node.name))
            }
            if isProxyExpected(on: node), !isProxyRunning(on: node),
                node.everything?.isProxyOnMasterOnly != true
            {
                found.insert(.proxyDown(node: node.name))
            }
        }
        found.formUnion(failingChecks)
        for router in routers {
            for member in router.members {
                guard let state = member.after else { continue }
                if !member.refused.isEmpty {
                    found.insert(.refusals(node: member.name, instance: state.name))
                }
                if state.role == .fault, member.before?.role == .fault {
                    found.insert(.fault(node: member.name, instance: state.name))
                }
            }
        }
        return found
    }

    func isProxyRunning(on node: DoctorNode) -> Bool {
        node.after?.known(HAProxyFact.self)?.isRunning == true
            || node.after?.known(ServicesFact.self)?["haproxy"]?.isRunning == true
    }

    func isProxyInstalled(on node: DoctorNode) -> Bool {
        node.after?.known(ServicesFact.self)?["haproxy"]?.isInstalled == true
    }

    /// Whether haproxy is installed and configured to listen.
    func isProxyExpected(on node: DoctorNode) -> Bool {
        guard isProxyInstalled(on: node),
            let file = node.before?.known(FilesFact.self)?[ConfigurationEvidence.haproxyFile],
            file.kind == .regular
        else { return false }
        return HAProxyConfiguration(path: ConfigurationEvidence.haproxyFile, bytes: file.contents).isListening
    }
}

extension RemoteError {
    static func unasked(_ host: HostID) -> RemoteError {
        .cancelled(host: host, .run("read facts"))
    }
}

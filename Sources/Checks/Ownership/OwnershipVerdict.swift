import Addresses
package import Facts
import Keepalived
package import Remote

/// Gives the verdict on one virtual address from four sources: the kernels' addresses, the daemons' roles, the neighbour
/// tables of machines that do not hold it, and, where ``AnswerFact`` was asked, whether the address answers others.
///
/// - `nodes`: every node that might hold the address, including those that did not answer, or not this question.
/// - `observers`: machines outside the cluster; one that did not answer is ignored.
package func ownership(
    of question: VIPQuestion, nodes: [(HostID, ProbeResult)], observers: [(HostID, ProbeResult)] = []
) -> VIPOwnership {
    let routerIDs = routerIDs(of: question.vip, nodes.compactMap { try? $0.1.get() })
    let views = nodes.map { view(of: question, routerIDs, from: $0.0, $0.1) }
    let holders = Set(views.filter(\.standsForIt).map(\.node))
    let machines = (observers + nodes).compactMap { host, probeResult in
        (try? probeResult.get()).map { (host, $0) }
    }
    let cards = LinkLayerOwners(nodes: nodes, observers: observers, holders: holders)
    let arp = neighbourEntries(for: question.vip, machines, cards)
    let (verdict, reason) = verdict(of: views, arp)
    var judged = VIPOwnership(
        vip: question.vip, cluster: question.cluster, instance: question.instance, verdict: verdict,
        nodes: views, arp: arp, reason: reason)
    judged.add(machines, cards)
    return judged
}

extension VIPOwnership {
    /// The fourth witness. It is heard only of an address that one node owns by the others.
    fileprivate mutating func add(_ machines: [(HostID, HostFacts)], _ cards: LinkLayerOwners) {
        guard [.owned, .staleARP, .unknown].contains(verdict), holders.count == 1,
            let owner = nodes.first(where: { $0.node == trueOwner })
        else { return }
        let heard = AnswerVerdict(on: vip, owner: owner, machines: machines, node: cards.node)
        answers = heard.views
        // A stranger may be the node that did not answer.
        let mayBeSilent = verdict == .unknown && intruders.contains { $0.node == nil }
        answer = mayBeSilent ? .unclear : heard.answer
        let said = heard.reason.map {
            "\(owner.node) holds it and claims MASTER\($0)"
        }
        switch answer {
        case .dark: (verdict, reason) = (.dark, said ?? reason)
        case .contested: (verdict, reason) = (.contested, said ?? reason)
        case .unclear where verdict == .owned: (verdict, reason) = (.unknown, said ?? reason)
        case .answers where verdict == .owned, .notProbed where verdict == .owned: reason = said ?? reason
        case .unclear, .answers, .notProbed: break
        }
    }
}

/// Whose interface has which link-layer address.
private struct LinkLayerOwners {
    private var hosts: [MACAddress: Set<HostID>] = [:]
    private var holders: Set<HostID>

    init(nodes: [(HostID, ProbeResult)], observers: [(HostID, ProbeResult)], holders: Set<HostID>) {
        self.holders = holders
        for case (let host, .success(let facts)) in nodes + observers {
            for mac in (facts.known(InterfacesFact.self) ?? []).compactMap(\.mac) where mac.value != 0 {
                hosts[mac, default: []].insert(host)
            }
        }
    }

    /// With `use_vmac` all nodes of a router have its address, also those that do not answer to it now.
    func node(with mac: MACAddress) -> HostID? {
        let hosts = hosts[mac] ?? []
        return hosts.intersection(holders).min() ?? hosts.min()
    }
}

/// The router ids of the running instances that list an address; of one that does not say its own, nothing is known.
private func routerIDs(of vip: IPAddress, _ machines: [HostFacts]) -> Set<Int> {
    let instances = machines.flatMap { $0.known(KeepalivedFact.self)?.state?.instances ?? [] }
    return Set(instances.filter { $0.lists(vip) }.map(\.routerID)).subtracting([0])
}

extension LiveState.Instance {
    fileprivate func lists(_ vip: IPAddress) -> Bool { addresses.contains { CIDR($0)?.address == vip } }
}

/// - `routerIDs`: of the instances that list the address anywhere; empty if none is known.
private func view(
    of question: VIPQuestion, _ routerIDs: Set<Int>, from node: HostID, _ probeResult: ProbeResult
) -> VIPOwnership.NodeView {
    switch probeResult.onAddresses {
    case .failure(let error):
        return VIPOwnership.NodeView(node: node, silence: error, holds: false, roleSource: .none)
    case .success(let facts):
        let daemon = facts.known(KeepalivedFact.self)
        let instance =
            // The address decides first: an instance may have different names on the node and in the inventory. One of
            // the same name and another router id is another cluster's.
            daemon?.state?.instances.first { $0.lists(question.vip) }
            ?? daemon?.state?.instances.first {
                $0.name == question.instance
                    && (routerIDs.isEmpty || $0.routerID == 0 || routerIDs.contains($0.routerID))
            }
        let interface = facts.interface(holding: question.vip)
        return VIPOwnership.NodeView(
            node: node, holds: interface != nil, interface: interface?.name, daemonRuns: daemon?.isRunning,
            claim: daemon?.isRunning == true ? instance?.role : nil, roleSource: daemon?.roleSource ?? .none,
            priority: instance?.effectivePriority,
            priorityOverride: daemon?.overrides.first { $0.instance == instance?.name },
            basePriority: daemon?.roleSource.isCurrent == true ? instance?.basePriority : nil,
            age: daemon?.now.flatMap { now in
                instance?.lastTransition.map { max(0, now.subtractingReportingOverflow($0).partialValue) }
            },
            isWithoutCarrier: interface.map { $0.name != "lo" && !$0.hasCarrier } ?? false,
            isQuiet: facts.isQuiet(about: question.vip),
            unused: interface == nil
                ? facts.unused(question.vip).map { "\($0.interface), \($0.why.rawValue)" } : nil,
            isUnknownToDaemon: daemon.map { instance == nil && $0.tellsAllAddresses } ?? false)
    }
}

extension KeepalivedDaemon {
    /// Whether its dump is available, with the addresses of every instance: what it does not name it does not manage,
    /// whatever a file says.
    package var tellsAllAddresses: Bool {
        guard isRunning, roleSource.isCurrent, let state else { return false }
        return state.instances.allSatisfy { !$0.addresses.isEmpty }
    }
}

private func neighbourEntries(
    for vip: IPAddress, _ machines: [(HostID, HostFacts)], _ cards: LinkLayerOwners
) -> [VIPOwnership.ARPView] {
    machines.flatMap { host, facts -> [VIPOwnership.ARPView] in
        guard facts.interface(holding: vip) == nil else { return [] }
        return (facts.known(NeighboursFact.self) ?? []).filter { $0.address == vip }.map {
            VIPOwnership.ARPView(observer: host, mac: $0.mac, node: cards.node(with: $0.mac), state: $0.state)
        }
    }
}

private func verdict(
    of nodes: [VIPOwnership.NodeView], _ arp: [VIPOwnership.ARPView]
) -> (VIPOwnership.Verdict, reason: String) {
    let holders = nodes.filter(\.standsForIt)
    let claimants = nodes.filter(\.claimsMaster)
    let silent = nodes.filter { !$0.isReachable }

    if VIPOwnership.isSplitBrain(holders: holders.count, claimants: claimants.count) {
        let isSame = Set(holders.map(\.node)) == Set(claimants.map(\.node))
        return (
            .splitBrain,
            isSame
                ? "\(holders.count == 2 ? "both " : "")\(list(holders)) hold it as MASTER"
                : "\(list(holders)) hold it, and \(list(claimants)) claim MASTER"
        )
    }
    if holders.count >= 2 {
        let leftovers = holders.filter(\.isLeftover)
        // If no role is known, this may be a split-brain or a leftover.
        return (
            leftovers.isEmpty ? .unknown : .orphan,
            "\(list(holders)) hold it, but "
                + holders.filter { !$0.claimsMaster }.map(whyNoOwner).joined(separator: " and ")
        )
    }
    let absent = claimants.filter { !$0.holds }
    if let first = absent.first {
        let elsewhere = holders.first.map { "; \($0.node) holds it" } ?? ""
        let kernel =
            first.unused.map { "the kernel of \(first.node) does not use the address: \($0)" }
            ?? "the kernel of \(first.node) has no such address"
        return (
            .claimedButAbsent,
            "\(list(absent)) claim\(absent.count == 1 ? "s" : "") MASTER, but \(kernel)\(elsewhere)"
        )
    }
    guard let holder = holders.first else {
        let mute = nodes.filter { !$0.hasKnownRole }
        let claims =
            mute.isEmpty
            ? "no keepalived claims it" : "the role of \(list(mute))'s keepalived could not be learned"
        return silent.isEmpty
            ? (.unowned, "no node holds it and \(claims)")
            : (.unknown, "no node that answered holds it; \(silenceOf(silent))")
    }
    guard holder.claimsMaster else {
        return (
            holder.isLeftover ? .orphan : .unknown, "\(holder.node) holds it, but \(whyNoOwner(holder))"
        )
    }
    if !silent.isEmpty {
        return (.unknown, "\(holder.node) appears to own it; \(silenceOf(silent))")
    }
    if let stale = arp.first(where: { $0.node != holder.node }) {
        let whose =
            stale.node.map { "\($0)'s \(stale.mac)" } ?? "\(stale.mac), which is none of the cluster's"
        return (.staleARP, "\(holder.node) owns it, but \(stale.observer) sends to \(whose)")
    }
    return (.owned, "\(holder.node) holds it and claims MASTER")
}

private func whyNoOwner(_ view: VIPOwnership.NodeView) -> String {
    switch (view.daemonRuns, view.claim) {
    case (false, _): "\(view.node)'s keepalived is not running"
    case (true, let claim?): "\(view.node)'s keepalived says \(claim.rawValue)"
    case (true, nil) where view.isUnknownToDaemon: "\(view.node)'s keepalived does not know of it"
    default: "the role of \(view.node)'s keepalived could not be learned"
    }
}

/// "lb2 did not answer", "lb3 cannot say what addresses it has".
private func silenceOf(_ views: [VIPOwnership.NodeView]) -> String {
    var mute: [VIPOwnership.NodeView] = []
    var others: [String] = []
    for view in views {
        if let silence = view.silence, silence.isUnanswered {
            others.append("\(view.node) \(silence.words)")
        } else {
            mute.append(view)
        }
    }
    return ((mute.isEmpty ? [] : ["\(list(mute)) did not answer"]) + others).joined(separator: "; ")
}

private func list(_ views: [VIPOwnership.NodeView]) -> String {
    views.isEmpty ? "no node" : joined(views.map(\.node.name))
}

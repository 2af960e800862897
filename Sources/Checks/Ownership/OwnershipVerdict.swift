import Addresses
import Facts
import Keepalived
package import Remote

/// Judges one virtual address by three witnesses: the kernels' addresses, the daemons' own roles, and the
/// neighbour tables of machines that do not hold it.
///
/// - `nodes`: every node that might hold the address, also those that did not answer, or not to this.
/// - `observers`: machines outside; one that did not answer has simply nothing to say.
package func ownership(
    of question: VIPQuestion, nodes: [(HostID, ProbeResult)], observers: [(HostID, ProbeResult)] = []
) -> VIPOwnership {
    let views = nodes.map { view(of: question, from: $0.0, $0.1) }
    let holders = Set(views.filter(\.holds).map(\.node))
    let arp = neighbourEntries(for: question.vip, holders, nodes: nodes, observers: observers)
    let (verdict, reason) = verdict(of: views, arp)
    return VIPOwnership(
        vip: question.vip, cluster: question.cluster, instance: question.instance, verdict: verdict,
        nodes: views, arp: arp, reason: reason)
}

private func view(of question: VIPQuestion, from node: HostID, _ probeResult: ProbeResult)
    -> VIPOwnership.NodeView
{
    switch probeResult.onAddresses {
    case .failure(let error):
        return VIPOwnership.NodeView(node: node, silence: error, holds: false, roleSource: .none)
    case .success(let facts):
        let daemon = facts.known(KeepalivedFact.self)
        let instance =
            daemon?.state?.instances.first { instance in
                // By address first: an instance may be named otherwise on the node than in the inventory.
                instance.addresses.contains { CIDR($0)?.address == question.vip }
            } ?? daemon?.state?.instances.first { $0.name == question.instance }
        let interface = facts.interface(holding: question.vip)
        return VIPOwnership.NodeView(
            node: node, holds: interface != nil, interface: interface?.name, daemonRuns: daemon?.isRunning,
            claim: daemon?.isRunning == true ? instance?.role : nil, roleSource: daemon?.roleSource ?? .none,
            priority: instance?.effectivePriority,
            priorityOverride: daemon?.overrides.first { $0.instance == instance?.name },
            isUnknownToDaemon: daemon.map { instance == nil && tellsAll($0) } ?? false)
    }
}

/// Whether a daemon's own dump is at hand, with the addresses of every instance.
private func tellsAll(_ daemon: KeepalivedDaemon) -> Bool {
    guard daemon.isRunning, daemon.roleSource == .daemon, let state = daemon.state else { return false }
    return state.instances.allSatisfy { !$0.addresses.isEmpty }
}

private func neighbourEntries(
    for vip: IPAddress, _ holders: Set<HostID>, nodes: [(HostID, ProbeResult)],
    observers: [(HostID, ProbeResult)]
) -> [VIPOwnership.ARPView] {
    var nodesOfMAC: [MACAddress: Set<HostID>] = [:]
    for case (let node, .success(let facts)) in nodes {
        for mac in (facts.known(InterfacesFact.self) ?? []).compactMap(\.mac) where mac.value != 0 {
            nodesOfMAC[mac, default: []].insert(node)
        }
    }
    /// With `use_vmac` all nodes of a router have its address, also those that do not answer to it now.
    func node(with mac: MACAddress) -> HostID? {
        let nodes = nodesOfMAC[mac] ?? []
        return nodes.intersection(holders).min() ?? nodes.min()
    }
    return (observers + nodes).flatMap { host, probeResult -> [VIPOwnership.ARPView] in
        guard case .success(let facts) = probeResult, facts.interface(holding: vip) == nil else { return [] }
        return (facts.known(NeighboursFact.self) ?? []).filter { $0.address == vip }.map {
            VIPOwnership.ARPView(observer: host, mac: $0.mac, node: node(with: $0.mac), state: $0.state)
        }
    }
}

private func verdict(
    of nodes: [VIPOwnership.NodeView], _ arp: [VIPOwnership.ARPView]
) -> (VIPOwnership.Verdict, reason: String) {
    let holders = nodes.filter(\.holds)
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
        // Without one that is known, it may be a split-brain as well as a leftover.
        return (
            leftovers.isEmpty ? .unknown : .orphan,
            "\(list(holders)) hold it, but "
                + holders.filter { !$0.claimsMaster }.map(whyNoOwner).joined(separator: " and ")
        )
    }
    let absent = claimants.filter { !$0.holds }
    if let first = absent.first {
        let elsewhere = holders.first.map { "; \($0.node) holds it" } ?? ""
        return (
            .claimedButAbsent,
            "\(list(absent)) claim\(absent.count == 1 ? "s" : "") MASTER, but the kernel of \(first.node) has no such address\(elsewhere)"
        )
    }
    guard let holder = holders.first else {
        let mute = nodes.filter { !$0.hasKnownRole }
        let claims =
            mute.isEmpty
            ? "no keepalived claims it" : "the role of \(list(mute))'s keepalived could not be learned"
        return silent.isEmpty
            ? (.unowned, "no node holds it and \(claims)")
            : (.unknown, "nobody who answered holds it; \(silenceOf(silent))")
    }
    guard holder.claimsMaster else {
        return (
            holder.isLeftover ? .orphan : .unknown, "\(holder.node) holds it, but \(whyNoOwner(holder))"
        )
    }
    if !silent.isEmpty {
        return (.unknown, "\(holder.node) owns it as far as can be seen; \(silenceOf(silent))")
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
    views.isEmpty ? "nobody" : joined(views.map(\.node.name))
}

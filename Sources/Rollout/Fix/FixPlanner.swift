import Addresses
import Checks
import Facts
import Inventory
import Keepalived
import Remote

/// Decides which node gives up its addresses, and why. Pure: it compares two samples of facts.
struct FixPlanner {
    let cluster: Cluster
    let nodes: [(HostID, ProbeResult)]
    /// The facts of the same nodes, taken more than an advert interval earlier.
    let earlier: [HostID: HostFacts]
    let observers: [(HostID, ProbeResult)]
    /// Addresses that another machine would go on to answer for: nothing is announced against it.
    var answeredElsewhere: Set<IPAddress> = []

    init(
        cluster: Cluster, nodes: [(HostID, ProbeResult)], earlier: [HostID: HostFacts],
        observers: [(HostID, ProbeResult)], own: OwnAddresses? = nil
    ) {
        self.cluster = cluster.without(own ?? cluster.ownAddresses(of: nodes + observers))
        self.nodes = nodes.map { ($0.0, $0.1.onAddresses) }
        self.earlier = earlier
        self.observers = observers
    }

    /// Uses the two samples that doctor took, and what it found in them.
    init(cluster: Cluster, observation: ClusterObservation, findings: [Finding]) {
        self.init(
            cluster: cluster,
            nodes: observation.nodes.compactMap { node in
                if let error = node.silence { return (node.id, .failure(error)) }
                return node.after.map { (node.id, .success($0)) }
            },
            earlier: Dictionary(
                observation.nodes.compactMap { node in node.before.map { (node.id, $0) } }
            ) { $1 },
            observers: observation.observers, own: observation.own)
        answeredElsewhere = findings.filter { $0.doctor?.outlastsAnnouncements == true }
            .reduce(into: []) { $0.formUnion($1.vips) }
    }

    private var facts: [HostID: HostFacts] {
        Dictionary(nodes.compactMap { entry in (try? entry.1.get()).map { (entry.0, $0) } }) { $1 }
    }

    func plan() -> FixPlan {
        var plan = FixPlan(cluster: cluster, findings: [], actions: [], causes: [], unreachable: [:])
        plan.answeredElsewhere = answeredElsewhere
        for case (let node, .failure(let error)) in nodes { plan.unreachable[node] = error }
        for instance in cluster.keepalived?.instances ?? [] {
            let verdicts = (instance.addresses + instance.excluded).map { vip in
                ownership(
                    of: VIPQuestion(vip: vip.cidr.address, cluster: cluster.name, instance: instance.name),
                    nodes: nodes, observers: observers)
            }
            for verdict in verdicts where verdict.verdict != .owned {
                plan.findings.append("\(verdict.vip): \(verdict.verdict.rawValue): \(verdict.reason)")
                switch verdict.verdict {
                case .splitBrain, .orphan, .unowned, .claimedButAbsent, .staleARP:
                    plan.broken.insert(verdict.vip)
                // No action makes an address answer that its owner holds.
                case .owned, .dark, .contested, .unknown: break
                }
            }
            add(instance, verdicts, &plan)
        }
        return plan
    }

    private func add(_ instance: VRRPInstance, _ verdicts: [VIPOwnership], _ plan: inout FixPlan) {
        let claimants = (verdicts.first?.nodes ?? []).filter(\.claimsMaster)
        var toAnnounce: [VIPOwnership] = verdicts.filter { $0.verdict == .staleARP }
        var owner = claimants.count == 1 ? claimants[0].node : nil
        if claimants.count > 1 {
            let ranked = claimants.sorted { strength($0) > strength($1) }
            owner = ranked[0].node
            for loser in ranked.dropFirst() {
                let held = addresses(of: instance, on: loser.node)
                add(
                    .giveWay(loser.node, addresses: held, reason: reason(loser, against: ranked[0])),
                    to: &plan)
            }
            plan.causes += causes(instance, claimants.map(\.node))
            toAnnounce = verdicts
        }
        plan.owners[instance.name] = owner
        for verdict in verdicts where verdict.verdict == .claimedButAbsent {
            for claimant in verdict.nodes
            where claimant.claimsMaster && !claimant.holds && knows(verdict.vip, claimant.node) {
                add(.restart(claimant.node, reason: "its daemon is MASTER without \(verdict.vip)"), to: &plan)
            }
        }
        clearLeftovers(instance, verdicts, owner: owner, &plan, &toAnnounce)
        if verdicts.contains(where: { $0.verdict == .unowned }) { startSomewhere(instance, &plan) }
        if let owner, !toAnnounce.isEmpty {
            let wanted = Set(toAnnounce.map(\.vip)).subtracting(answeredElsewhere)
            // An announcement that leaves by the loopback interface reaches nobody.
            let held = addresses(of: instance, on: owner).filter {
                wanted.contains($0.cidr.address) && $0.interface != "lo"
            }
            if !held.isEmpty {
                add(
                    .announce(
                        owner, instance: instance.name, addresses: held,
                        reason: "`\(owner)` is the owner of `\(instance.name)`"), to: &plan)
            }
        }
    }

    /// Whether a node's daemon would set the address. A daemon that does not list the address does not set it after a
    /// restart either.
    private func knows(_ vip: IPAddress, _ node: HostID) -> Bool {
        guard let daemon = facts[node]?.known(KeepalivedFact.self), daemon.roleSource == .daemon else {
            return true
        }
        let addresses = (daemon.state?.instances ?? []).flatMap(\.addresses)
        return addresses.isEmpty || addresses.contains { CIDR($0)?.address == vip }
    }

    private func add(_ action: FixPlan.Action, to plan: inout FixPlan) {
        if !plan.actions.contains(action) { plan.actions.append(action) }
    }

    // MARK: Who gives way

    /// The order by which VRRP elects an owner among nodes that hear each other: the priority, then the source
    /// address.
    private func strength(_ view: VIPOwnership.NodeView) -> (Int, IPAddress) {
        let address = cluster.nodes.first { $0.id == view.node }?.vrrpAddress
        return (view.priority ?? 0, address ?? .v4(0))
    }

    private func reason(_ loser: VIPOwnership.NodeView, against winner: VIPOwnership.NodeView) -> String {
        let (mine, theirs) = (loser.priority ?? 0, winner.priority ?? 0)
        if mine != theirs { return "priority \(mine) against \(theirs) of `\(winner.node)`" }
        return "the same priority \(mine) as `\(winner.node)`, and the lower address"
    }

    private func addresses(of instance: VRRPInstance, on node: HostID) -> [FixPlan.Address] {
        let wanted = Set((instance.addresses + instance.excluded).map(\.cidr.address))
        return (facts[node]?.known(InterfacesFact.self) ?? []).flatMap { interface in
            interface.addresses.filter { wanted.contains($0.cidr.address) }
                .map { FixPlan.Address(cidr: $0.cidr, interface: interface.name) }
        }
    }

    // MARK: Leftovers

    private func clearLeftovers(
        _ instance: VRRPInstance, _ verdicts: [VIPOwnership], owner: HostID?, _ plan: inout FixPlan,
        _ toAnnounce: inout [VIPOwnership]
    ) {
        var holders: [HostID: [FixPlan.Address]] = [:]
        for verdict in verdicts {
            // Addresses that may belong to an owner are never removed.
            for view in verdict.nodes where view.isLeftover {
                holders[view.node] = addresses(of: instance, on: view.node)
                toAnnounce.append(verdict)
            }
        }
        for (node, held) in holders.sorted(by: { $0.key < $1.key }) {
            let daemon = facts[node]?.known(KeepalivedFact.self)
            let runs = daemon?.isRunning ?? false
            let why = runs ? "its keepalived is not MASTER" : "its keepalived does not run"
            if owner != nil, runs || daemon?.pid == nil {
                add(.clear(node, addresses: held, starts: !runs && isEnabled(node), reason: why), to: &plan)
            } else if runs {
                add(.restart(node, reason: why), to: &plan)
            } else {
                // Without an owner, this node is the only one that answers for the address: it keeps the address
                // until another node owns it. A restarted child process removes what the last one left.
                let alone = owner == nil ? ", and no other node owns what it holds" : ""
                add(start(node, reason: why + alone), to: &plan)
            }
        }
    }

    private func isEnabled(_ node: HostID) -> Bool {
        facts[node]?.known(ServicesFact.self)?["keepalived"]?.isEnabled ?? false
    }

    /// A parent process that has lost its children still runs, so starting the service would do nothing.
    private func start(_ node: HostID, reason: String) -> FixPlan.Action {
        let isThere = facts[node]?.known(KeepalivedFact.self)?.pid != nil
        return isThere ? .restart(node, reason: reason) : .start(node, reason: reason)
    }

    private func startSomewhere(_ instance: VRRPInstance, _ plan: inout FixPlan) {
        let stopped = facts.filter { $0.value.known(KeepalivedFact.self)?.isRunning == false }.map(\.key)
            .sorted { (instance.priorities[$0] ?? 0) > (instance.priorities[$1] ?? 0) }
        for node in stopped {
            let reason = "no node owns `\(instance.name)` and its keepalived does not run"
            add(start(node, reason: reason), to: &plan)
        }
        guard stopped.isEmpty else { return }
        let mute = nodes.map(\.0).filter { facts[$0]?.known(KeepalivedFact.self) == nil }
        plan.causes.append(
            mute.isEmpty
                ? "`\(instance.name)`: every keepalived runs and none is MASTER: see `haops doctor`"
                : "`\(instance.name)`: no running keepalived is MASTER, and it is not known whether keepalived runs on \(mute.listed)"
        )
    }

    // MARK: Causes that would bring the split-brain back

    private func causes(_ instance: VRRPInstance, _ claimants: [HostID]) -> [String] {
        var causes: [String] = []
        for hearer in claimants {
            guard let facts = facts[hearer] else { continue }
            if let node = cluster.nodes.first(where: { $0.id == hearer }) {
                causes += filterCauses(instance, node, facts)
            }
            guard let now = counters(instance, facts),
                let before = earlier[hearer].flatMap({ counters(instance, $0) })
            else { continue }
            let refused = now.refused.filter { $0.value > before.refused[$0.key] ?? 0 }
            for (name, count) in refused.sorted(by: { $0.key < $1.key }) {
                causes.append("`\(hearer)` refuses adverts of `\(instance.name)`: \(name) (\(count) so far)")
            }
            let others = claimants.filter { $0 != hearer }
            if refused.isEmpty, now.advertsReceived <= before.advertsReceived,
                others.contains(where: { sends(instance, $0) })
            {
                causes.append("`\(hearer)` hears no advert of `\(instance.name)` from \(others.listed)")
            }
        }
        return causes
    }

    private func counters(_ instance: VRRPInstance, _ facts: HostFacts) -> LiveState.Counters? {
        guard let daemon = facts.known(KeepalivedFact.self), daemon.roleSource == .daemon else { return nil }
        return daemon.state?.instances.first { $0.name == instance.name || $0.routerID == instance.routerID }?
            .counters
    }

    private func sends(_ instance: VRRPInstance, _ node: HostID) -> Bool {
        guard let now = facts[node].flatMap({ counters(instance, $0) }),
            let before = earlier[node].flatMap({ counters(instance, $0) })
        else { return true }
        return now.advertsSent > before.advertsSent
    }

    private func filterCauses(_ instance: VRRPInstance, _ node: Node, _ facts: HostFacts) -> [String] {
        guard let filter = facts.known(FirewallFact.self) else { return [] }
        let route = cluster.advertRoute(of: instance, on: node)
        return PacketFilter.Hook.allCases.compactMap { hook in
            filter.passage(of: route, at: hook).obstacle.map {
                "`\(node.id)` drops VRRP on \(hook.rawValue): \(String.shown($0.rule))"
            }
        }
    }
}

extension Cluster {
    fileprivate func ownAddresses(of machines: [(HostID, ProbeResult)]) -> OwnAddresses {
        var own = OwnAddresses(of: self)
        own.add(
            machines.compactMap { host, answer in (try? answer.get()).map { (host.name, $0) } },
            virtual: isLearned ? [] : Set(virtualAddresses.map(\.vip.cidr.address)))
        return own
    }

    /// The same cluster without virtual addresses that are machines' own addresses: those belong where they are and
    /// must not be moved or removed.
    fileprivate func without(_ own: OwnAddresses) -> Cluster {
        var cluster = self
        for index in cluster.keepalived?.instances.indices ?? 0..<0 {
            cluster.keepalived?.instances[index].addresses.removeAll { own.owner(of: $0.cidr.address) != nil }
            cluster.keepalived?.instances[index].excluded.removeAll { own.owner(of: $0.cidr.address) != nil }
        }
        return cluster
    }
}

import Addresses
import Facts
import Inventory
import Remote

extension Preflight {
    /// Asks the segment, from one node, about every address of a cluster that none of its nodes holds: it is about to
    /// be configured for the first time, and somebody else may have it.
    ///
    /// An address that somebody has is in the plan's way, and so is one that could have been asked about and was not,
    /// unless a daemon of the cluster has it configured already: then a dark segment must not keep the operator from
    /// everything else. Where no node has a means to ask, a note says so.
    ///
    /// - Throws: `InterruptedQuestion`.
    func askSegment(
        for plan: inout ClusterPlan, over transport: any Transport
    ) async throws(InterruptedQuestion) {
        let cluster = plan.cluster
        guard let settings = cluster.keepalived, !plan.isEmpty, plan.unreachable.isEmpty else { return }
        let blind = cluster.nodes.filter { facts[$0.id]?.known(InterfacesFact.self) == nil }
        for node in blind {
            plan.obstruct(
                node.id,
                "cannot say what addresses it has, so who has the virtual ones is not known: see what `ip addr` says there"
            )
        }
        guard blind.isEmpty else { return }
        let free = cluster.virtualAddresses.filter { _, vip in
            !cluster.nodes.contains { facts[$0.id]?.interface(holding: vip.cidr.address) != nil }
        }
        var questions: [HostID: [SegmentFact.Question]] = [:]
        for (instance, vip) in free {
            func interface(on node: Node) -> String {
                vip.interface ?? settings.interface(of: instance, on: node)
            }
            // From the first node whose interface for it is up.
            let asker = cluster.nodes.first { node in
                (facts[node.id]?.known(InterfacesFact.self) ?? []).contains {
                    $0.name == interface(on: node) && $0.hasCarrier
                }
            }
            guard let asker = asker ?? cluster.nodes.first else { continue }
            let name = interface(on: asker)
            questions[asker.id, default: []].append(.init(address: vip.cidr.address, interface: name))
        }
        for node in cluster.nodes {
            guard let questions = questions[node.id] else { continue }
            let answer = await transport.facts(of: node.target, Probe([SegmentFact(questions)]))
            try InterruptedQuestion.check([(node.id, answer)])
            addSegmentFindings(questions, answer, of: node.id, &plan)
        }
    }

    private func addSegmentFindings(
        _ questions: [SegmentFact.Question], _ answer: Result<HostFacts, RemoteError>, of node: HostID,
        _ plan: inout ClusterPlan
    ) {
        let own = Set(facts.values.flatMap { $0.known(InterfacesFact.self) ?? [] }.compactMap(\.mac))
        let interfaces = facts[node]?.known(InterfacesFact.self) ?? []
        for question in questions {
            let address = question.address
            guard interfaces.contains(where: { $0.name == question.interface && $0.hasCarrier }) else {
                plan.doubt(
                    address, node,
                    "no node has `\(question.interface)` up and connected, so nobody can ask whether \(address) is in use already: bring it up first"
                )
                continue
            }
            let heard: [IPAddress: [MACAddress]]
            do {
                heard = try answer.get().value(of: SegmentFact.self)
            } catch {
                plan.doubt(
                    address, node,
                    "could not be asked whether \(address) is in use already: \(error): try again")
                continue
            }
            guard let macs = heard[address] else {
                plan.note(
                    node,
                    "has no means to ask on `\(question.interface)` whether \(address) is in use already: make sure that nobody has it"
                )
                continue
            }
            for mac in macs where !own.contains(mac) {
                plan.obstruct(
                    node,
                    "\(address) is in use already: \(mac) answers for it, and it is none of the cluster's")
            }
        }
    }
}

extension ClusterPlan {
    /// Nodes that are looked at and not changed have no place in a plan: its first node speaks for them.
    private func place(of node: HostID) -> Int? {
        nodes.firstIndex { $0.node.id == node } ?? nodes.indices.first
    }

    fileprivate mutating func obstruct(_ node: HostID, _ what: String) {
        guard let index = place(of: node) else { return }
        nodes[index].obstacles.append(what)
    }

    /// In the way of an address that is new; a remark on one that a running daemon knows.
    fileprivate mutating func doubt(_ address: IPAddress, _ node: HostID, _ what: String) {
        let isKnown = nodes.contains {
            expected.contains($0.node.id) && !$0.absentBefore.addresses.contains(address)
        }
        if isKnown { note(node, what) } else { obstruct(node, what) }
    }

    fileprivate mutating func note(_ node: HostID, _ what: String) {
        guard let index = place(of: node) else { return }
        nodes[index].notes.append(what)
    }
}

import Addresses
import Facts
import Inventory
import Remote

extension Preflight {
    /// Asks the network segment about every address that no node of its cluster holds: it is configured for the first
    /// time, and another machine may have it; and about router ids that no keepalived of the cluster has. Questions that the first node of a cluster has already asked are not
    /// repeated. For the rest, each node is asked once about all of its addresses, and all nodes at the same time.
    ///
    /// An address in use is an obstacle to the plan, and so is one whose question failed. An address that a daemon of
    /// the cluster already has configured is only a note: an unreachable segment must not block all other work. If no
    /// node has a tool to ask with, the plan gets a note.
    ///
    /// - Throws: `InterruptedQuestion`.
    func askSegment(
        for plans: inout [ClusterPlan], over transport: any Transport, window: Int
    ) async throws(InterruptedQuestion) {
        var questions: [HostID: [SegmentFact.Question]] = [:]
        for index in plans.indices { questions.merge(segmentQuestions(for: &plans[index])) { $0 + $1 } }
        let unasked = questions.filter { node, questions in
            let heard = facts[node]?.known(SegmentFact.self) ?? [:]
            return questions.contains { heard[$0.address] == nil }
        }
        let routers = plans.map(newRouters)
        let unheard = unheardInterfaces(routers)
        let targets = plans.flatMap { $0.cluster.nodes.map(\.target) }
            .filter { unasked[$0.id] != nil || unheard[$0.id] != nil }
        let answers = try await transport.question(targets, window: window) {
            await transport.facts(
                of: $0, Probe([SegmentFact(unasked[$0.id] ?? []), RouterIDsFact(unheard[$0.id] ?? [])]))
        }
        let own = Set(facts.values.flatMap { $0.known(InterfacesFact.self) ?? [] }.compactMap(\.mac))
        let late = Dictionary(zip(targets.map(\.id), answers)) { first, _ in first }
        for index in plans.indices {
            for node in plans[index].cluster.nodes {
                guard let questions = questions[node.id] else { continue }
                let early = facts[node.id].map { Result<HostFacts, RemoteError>.success($0) }
                let isLate = unasked[node.id] != nil
                guard let answer = isLate ? late[node.id] : early else { continue }
                addSegmentFindings(questions, answer, of: node.id, own: own, &plans[index])
            }
            addRouterIDFindings(routers[index], late, to: &plans[index])
        }
    }

    /// Every virtual address of a cluster, as a question from one of its nodes.
    static func segmentQuestions(_ node: Node, _ cluster: Cluster) -> [SegmentFact.Question] {
        guard let settings = cluster.keepalived else { return [] }
        return cluster.virtualAddresses.map { instance, vip in
            SegmentFact.Question(
                address: vip.cidr.address,
                interface: vip.interface ?? settings.interface(of: instance, on: node))
        }
    }

    /// The questions for one plan, by the node that asks; empty if there is nothing to do, or if no node can say
    /// which addresses are free.
    private func segmentQuestions(for plan: inout ClusterPlan) -> [HostID: [SegmentFact.Question]] {
        let cluster = plan.cluster
        guard cluster.keepalived != nil, !plan.isEmpty, plan.unreachable.isEmpty else { return [:] }
        let blind = cluster.nodes.filter { facts[$0.id]?.known(InterfacesFact.self) == nil }
        for node in blind {
            plan.obstruct(
                node.id,
                "cannot say what addresses it has, so the holder of the virtual addresses is not known: run `ip addr` there"
            )
        }
        guard blind.isEmpty else { return [:] }
        let byNode = cluster.nodes.map { (id: $0.id, questions: Self.segmentQuestions($0, cluster)) }
        var questions: [HostID: [SegmentFact.Question]] = [:]
        for (index, address) in cluster.virtualAddresses.map(\.vip.cidr.address).enumerated() {
            guard !cluster.nodes.contains(where: { facts[$0.id]?.interface(holding: address) != nil }) else {
                continue
            }
            // The first node whose interface for the address is up asks.
            let asker = byNode.first { id, questions in
                (facts[id]?.known(InterfacesFact.self) ?? []).contains {
                    $0.name == questions[index].interface && $0.hasCarrier
                }
            }
            guard let asker = asker ?? byNode.first else { continue }
            questions[asker.id, default: []].append(asker.questions[index])
        }
        return questions
    }

    /// - `own`: the cards of the fleet's own nodes.
    private func addSegmentFindings(
        _ questions: [SegmentFact.Question], _ answer: Result<HostFacts, RemoteError>, of node: HostID,
        own: Set<MACAddress>, _ plan: inout ClusterPlan
    ) {
        let interfaces = facts[node]?.known(InterfacesFact.self) ?? []
        for question in questions {
            let address = question.address
            guard interfaces.contains(where: { $0.name == question.interface && $0.hasCarrier }) else {
                plan.doubt(
                    address, node,
                    "no node has `\(question.interface)` up and connected, so no node can ask whether \(address) is in use already: bring it up first"
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
                    "has no tool to ask on `\(question.interface)` whether \(address) is in use already: check that no other machine has it"
                )
                continue
            }
            for mac in macs where !own.contains(mac) {
                plan.obstruct(
                    node,
                    "\(address) is in use already: \(mac) answers for it, and does not belong to the cluster")
            }
        }
    }
}

extension ClusterPlan {
    /// Nodes that are only observed have no entry in a plan; its first node carries their remarks.
    private func place(of node: HostID) -> Int? {
        nodes.firstIndex { $0.node.id == node } ?? nodes.indices.first
    }

    mutating func obstruct(_ node: HostID, _ what: String) {
        guard let index = place(of: node) else { return }
        nodes[index].obstacles.append(what)
    }

    /// An obstacle for an address that is new; a note for one that a running daemon has configured.
    fileprivate mutating func doubt(_ address: IPAddress, _ node: HostID, _ what: String) {
        let isKnown = nodes.contains {
            expected.contains($0.node.id) && !$0.absentBefore.addresses.contains(address)
        }
        if isKnown { note(node, what) } else { obstruct(node, what) }
    }

    mutating func note(_ node: HostID, _ what: String) {
        guard let index = place(of: node) else { return }
        nodes[index].notes.append(what)
    }
}

import Addresses
import Checks
import Facts
import Inventory
import Remote

/// Which machine asks for which virtual addresses, after it is known who owns them.
struct AnswerQuestions {
    private var targets: [SSHTarget] = []
    private var questions: [HostID: [AnswerFact.Question]] = [:]
    private var companions: [HostID: [IPAddress]] = [:]

    init(_ outcomes: [OwnershipSurvey.Outcome]) {
        for outcome in outcomes {
            let cluster = outcome.cluster
            add(
                outcome.ownerships, ServedPorts(of: cluster, nodes: outcome.nodes.map(\.1)),
                outcome.nodes + outcome.observers,
                cluster.nodes.map(\.target) + cluster.observers.map(\.target))
        }
    }

    /// For one look at one cluster: the questions of one machine.
    static func fact(
        for host: HostID, _ ownerships: [VIPOwnership], _ ports: ServedPorts,
        machines: [(HostID, ProbeResult)], patience: Int
    ) -> AnswerFact? {
        let questions = questions(for: host, ownerships, ports, machines)
        guard !questions.isEmpty else { return nil }
        return AnswerFact(
            questions,
            companions: companions(of: host, machines, besides: ownerships.map(\.vip)), patience: patience)
    }

    private mutating func add(
        _ ownerships: [VIPOwnership], _ ports: ServedPorts, _ machines: [(HostID, ProbeResult)],
        _ candidates: [SSHTarget]
    ) {
        for target in candidates.uniqued() {
            let more = Self.questions(for: target.id, ownerships, ports, machines)
            guard !more.isEmpty else { continue }
            if questions[target.id] == nil { targets.append(target) }
            questions[target.id, default: []] += more
            companions[target.id, default: []] += Self.companions(
                of: target.id, machines, besides: ownerships.map(\.vip))
        }
    }

    /// One question for each address that exactly one node owns.
    ///
    /// Questions can correct a wrong neighbour entry before anybody has seen it, and only on some machines. Therefore a
    /// machine with a wrong entry does not ask. The others try no port either: an owner that has to resolve the client's
    /// address for its answer sends an ARP request from the virtual address, and all machines learn from that.
    static func questions(
        for host: HostID, _ ownerships: [VIPOwnership], _ ports: ServedPorts,
        _ machines: [(HostID, ProbeResult)]
    ) -> [AnswerFact.Question] {
        guard machines.contains(where: { $0.0 == host && (try? $0.1.get()) != nil }) else { return [] }
        return ownerships.compactMap { ownership in
            // No route says which network a link-local address is in.
            guard let owner = ownership.trueOwner, ownership.holders == [owner], !ownership.vip.isLinkLocal
            else { return nil }
            let wrong = ownership.arp.filter { $0.node != owner }
            guard !wrong.contains(where: { $0.observer == host }) else { return nil }
            return AnswerFact.Question(
                address: ownership.vip, ports: wrong.isEmpty ? ports[ownership.vip] : [])
        }
    }

    /// Addresses of the other machines in a network that this one is in too.
    private static func companions(
        of host: HostID, _ machines: [(HostID, ProbeResult)], besides vips: [IPAddress]
    ) -> [IPAddress] {
        func held(_ facts: HostFacts?) -> [CIDR] {
            (facts?.known(InterfacesFact.self) ?? []).flatMap(\.addresses).map(\.cidr).filter {
                !$0.address.isLinkLocal && !$0.address.isLoopback && !vips.contains($0.address)
            }
        }
        let own = machines.first { $0.0 == host }.flatMap { held(try? $0.1.get()) } ?? []
        return machines.filter { $0.0 != host }.flatMap { held(try? $0.1.get()) }.map(\.address)
            .filter { other in own.contains { $0.contains(other) && $0.address != other } }.uniqued()
    }

    /// Asks the machines, and adds each answer to the machine's facts. A machine that does not answer this question
    /// keeps the facts that it has.
    ///
    /// - Returns: whether anything was asked.
    /// - Throws: `InterruptedQuestion`.
    func ask(
        _ answers: inout [HostID: ProbeResult], in context: SurveyContext
    ) async throws(InterruptedQuestion) -> Bool {
        guard !targets.isEmpty else { return false }
        let transport = context.transport
        var probes: [HostID: Probe] = [:]
        for (host, questions) in questions {
            probes[host] = Probe([
                AnswerFact(questions.uniqued(), companions: (companions[host] ?? []).uniqued())
            ])
        }
        let byHost = probes
        let said = try await context.question(targets, "asking whether the addresses answer") { target in
            await transport.facts(of: target, byHost[target.id] ?? Probe([]))
        }
        for case (let host, .success(let facts)) in said {
            guard case .success(var known)? = answers[host], let probe = facts.known(AnswerFact.self) else {
                continue
            }
            known.set(AnswerFact.self, to: probe)
            answers[host] = .success(known)
        }
        return true
    }
}

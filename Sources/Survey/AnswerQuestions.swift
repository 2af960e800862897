import Addresses
package import Checks
import Facts
import Inventory
package import Remote

/// Which machine asks for which virtual addresses, after it is known who owns them.
package struct AnswerQuestions {
    /// How long an answer is waited for, in tenths of a second; see ``AnswerFact/patience``.
    enum Patience {
        static let quick = 5
        /// Of doctor: a kernel with `proxy_arp` takes up to 0.8 s.
        static let thorough = 10
    }

    private var targets: [SSHTarget] = []
    private var questions: [HostID: [AnswerFact.Question]] = [:]
    private var companions: [HostID: [IPAddress]] = [:]

    package init(_ outcomes: [OwnershipSurvey.Outcome]) {
        for outcome in outcomes {
            let cluster = outcome.cluster
            add(
                outcome.ownerships, ServedPorts(of: cluster, nodes: outcome.nodes.map(\.1)),
                outcome.nodes + outcome.observers,
                cluster.nodes.map(\.target) + cluster.observers.map(\.target))
        }
    }

    init() {}

    /// The question of each machine, over all clusters that it is asked about.
    ///
    /// - `patience`: see ``AnswerFact/patience``.
    func facts(patience: Int) -> [HostID: AnswerFact] {
        var facts: [HostID: AnswerFact] = [:]
        for (host, questions) in questions {
            facts[host] = AnswerFact(
                questions.uniqued(), companions: (companions[host] ?? []).uniqued(), patience: patience)
        }
        return facts
    }

    /// Adds the questions about one cluster.
    ///
    /// - `candidates`: who may ask; a machine that did not answer the first question is not asked this one.
    mutating func add(
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
    package func ask(
        _ answers: inout [HostID: ProbeResult], in context: SurveyContext
    ) async throws(InterruptedQuestion) -> Bool {
        guard !targets.isEmpty else { return false }
        let transport = context.transport
        let byHost = facts(patience: Patience.quick).mapValues { Probe([$0]) }
        let said = try await context.question(targets, "asking whether the addresses answer") { target in
            await transport.facts(of: target, byHost[target.id] ?? Probe([]))
        }
        for case (let host, .success(let facts)) in said {
            guard case .success(var known)? = answers[host], let probe = facts.known(AnswerFact.self) else {
                continue
            }
            var all = known.known(AnswerFact.self) ?? AnswerProbe()
            all.update(with: probe)
            known.set(AnswerFact.self, to: all)
            answers[host] = .success(known)
        }
        return true
    }
}

import Addresses
import Checks
import Facts
import Inventory
import Remote
import Survey
import Synchronization

/// What a change must not do to the data plane: an address that one node owns answers others, as before the change.
///
/// It asks as `who` does, by ``AnswerFact``. Nobody is blamed for what the cluster was like before, or for what nobody could
/// ask.
struct AnswerGate: Sendable {
    private var transport: any Transport
    private var cluster: Cluster
    /// The verdicts before the change.
    private var before: [IPAddress: VIPOwnership]
    private let last = LastVerdicts()

    /// The verdicts of the last question. A gate is copied from step to step of a run, and its steps follow each other; the
    /// lock is for those that run side by side.
    private final class LastVerdicts: Sendable {
        let verdicts = Mutex<[VIPOwnership]>([])
    }

    /// Asks before a change.
    static func before(changing cluster: Cluster, over transport: any Transport) async -> AnswerGate {
        var gate = AnswerGate(cluster: cluster, over: transport)
        let look = await ClusterViewer(transport: transport, cluster: cluster).look()
        for ownership in await gate.verdicts(look) { gate.before[ownership.vip] = ownership }
        return gate
    }

    /// - `before`: the verdicts before the change, where they are known.
    init(cluster: Cluster, over transport: any Transport, before: [VIPOwnership] = []) {
        self.cluster = cluster
        self.transport = transport
        self.before = Dictionary(before.map { ($0.vip, $0) }) { first, _ in first }
    }

    /// Asks for the addresses that one node owns.
    func verdicts(_ look: ClusterViewer.Look) async -> [VIPOwnership] {
        var answers = Dictionary((look.answers.map { ($0.node.id, $0.facts) }) + look.observers) { first, _ in
            first
        }
        func judged() -> [VIPOwnership] {
            func pairs(_ hosts: [HostID]) -> [(HostID, ProbeResult)] {
                hosts.compactMap { host in answers[host].map { (host, $0) } }
            }
            return cluster.virtualAddresses.map { instance, vip in
                ownership(
                    of: VIPQuestion(
                        vip: vip.cidr.address, cluster: cluster.name, instance: instance.name),
                    nodes: pairs(cluster.nodes.map(\.id)), observers: pairs(cluster.observers.map(\.id)))
            }
        }
        let outcome = OwnershipSurvey.Outcome(
            cluster: cluster, ownerships: judged(), nodes: look.answers.map { ($0.node.id, $0.facts) },
            observers: look.observers)
        _ = try? await AnswerQuestions([outcome]).ask(&answers, in: SurveyContext(transport: transport))
        let verdicts = judged()
        last.verdicts.withLock { $0 = verdicts }
        return verdicts
    }

    /// What the change has done to the addresses, by the verdicts after it. Pure.
    ///
    /// That no port is served counts only where one was served before: a packet filter may be open for clients alone.
    /// Silence counts only where those who asked before the change would have heard it.
    func problems(in verdicts: [VIPOwnership]) -> [Problem] {
        verdicts.compactMap { after in
            guard [.dark, .contested].contains(after.answer) else { return nil }
            let known = before[after.vip]
            if known?.answer == after.answer { return nil }
            if after.answer == .dark, known?.mayHaveBeenDark == true { return nil }
            if after.answer == .dark, after.isAnsweredByAnybody, known?.isServed != true { return nil }
            return Problem("\(after.vip) does not answer as it should: \(after.reason)")
        }
    }

    /// The owned addresses that nobody could ask for when last tried, or whose silence says nothing of the change.
    var unprobed: [IPAddress] {
        last.verdicts.withLock { $0 }.filter { ownership in
            ownership.trueOwner != nil
                && (ownership.answer == .notProbed
                    || ownership.answer == .dark && before[ownership.vip]?.mayHaveBeenDark == true)
        }.map(\.vip)
    }
}

extension VIPOwnership {
    /// Whether another machine got any answer, if only a refusal.
    fileprivate var isAnsweredByAnybody: Bool { askers.contains(where: \.isAnswered) }

    /// Whether nobody else got an answer, and all who asked had an older neighbour entry to send to. Without arping, they
    /// could not tell whether anybody still answers for the address.
    fileprivate var mayHaveBeenDark: Bool {
        answer == .notProbed && answers.contains { !$0.isOwner && $0.probe.isCached }
    }

    /// Whether another machine was served on any port.
    fileprivate var isServed: Bool { !askers.ports.good.isEmpty }
}

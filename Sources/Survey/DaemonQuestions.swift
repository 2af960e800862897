import Checks
import Facts
import Inventory
import Remote

/// Which daemons are asked for their state, after the machines have answered for them.
///
/// A keepalived that is asked writes a line to its log. Monitors ask every minute, and would bury the lines of real events.
/// So a daemon is asked only where its journal, its kernel and its file do not prove its state, and where the nodes together do
/// not show one owner.
struct DaemonQuestions {
    private let targets: [SSHTarget]
    private var doubtful: Set<HostID> = []
    private var proven: Set<HostID> = []

    init(_ targets: [SSHTarget]) { self.targets = targets }

    /// Adds the states that are proven to the answers, and remembers whose are not.
    mutating func conclude(from answers: inout [HostID: ProbeResult]) {
        for target in targets {
            guard case .success(var facts)? = answers[target.id],
                var daemon = facts.known(KeepalivedFact.self), daemon.isRunning, daemon.state == nil
            else { continue }
            guard let state = facts.provenState else {
                doubtful.insert(target.id)
                continue
            }
            (daemon.state, daemon.roleSource) = (state, .record)
            facts.set(KeepalivedFact.self, to: daemon)
            answers[target.id] = .success(facts)
            proven.insert(target.id)
        }
    }

    /// Doubts all daemons of a cluster whose nodes do not agree on one owner of each address.
    mutating func doubt(_ outcomes: [OwnershipSurvey.Outcome]) {
        for outcome in outcomes where !outcome.ownerships.allSatisfy(\.hasOneOwner) {
            doubtful.formUnion(proven.intersection(outcome.nodes.map(\.0)))
        }
    }

    /// Asks the doubtful daemons. Of one that gives no answer the role is not known.
    ///
    /// - Returns: whether any was asked.
    /// - Throws: `InterruptedQuestion`.
    func ask(
        _ answers: inout [HostID: ProbeResult], in context: SurveyContext
    ) async throws(InterruptedQuestion) -> Bool {
        guard !doubtful.isEmpty else { return false }
        let transport = context.transport
        let question: [any Fact] = [KeepalivedFact()]
        let said = try await context.question(
            targets.filter { doubtful.contains($0.id) }.uniqued(), "asking keepalived"
        ) { await transport.facts(of: $0, Probe(question)) }
        for (host, answer) in said {
            guard case .success(let facts)? = answers[host] else { continue }
            switch answer {
            case .success(let daemon): answers[host] = .success(facts.without(question).completed(by: daemon))
            case .failure(let error):
                context.report(error)
                guard var daemon = facts.known(KeepalivedFact.self) else { continue }
                var facts = facts
                (daemon.state, daemon.roleSource) = (nil, .none)
                facts.set(KeepalivedFact.self, to: daemon)
                answers[host] = .success(facts)
            }
        }
        return true
    }
}

extension VIPOwnership {
    /// Whether exactly one node has the address, and its daemon alone claims it.
    fileprivate var hasOneOwner: Bool {
        holders.count == 1 && trueOwner == holders.first && nodes.count(where: \.claimsMaster) == 1
    }
}

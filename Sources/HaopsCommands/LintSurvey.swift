import Checks
import Facts
import FoundationEssentials
import Inventory
import Keepalived
import Remote
import Rollout

/// Reads what is on live nodes, for lint: one round trip each, all at once, and nothing is changed.
struct LintSurvey: Sendable {
    var nodes: [Node]
    var connection: ConnectionFlags
    /// To be assumed instead of the release that a node has.
    var version: KeepalivedVersion?

    struct Outcome: Sendable {
        /// The nodes that answered, in the order in which they were named.
        var nodes: [LintNode]
        /// Those that did not; why was said when it happened.
        var silent: [HostID]
    }

    func take(over transport: any Transport, console: Console) async throws -> Outcome {
        let version = version
        let targets = nodes.map { connection.applied(to: $0.target) }
        let answers = try await transport.questionAll(
            targets, window: connection.parallel, what: "reading", console: console
        ) { target in await Self.read(target, over: transport, version: version) }
        var outcome = Outcome(nodes: [], silent: [])
        var own = OwnAddresses(of: Cluster(name: Fleet.adHocCluster, nodes: nodes))
        own.add(
            targets.compactMap { target in
                (try? answers[target.id]?.get()).map { (target.id.name, $0.answer) }
            }, virtual: [])
        for target in targets {
            if var node = try? answers[target.id]?.get().node {
                node.facts?.machineAddresses = own
                outcome.nodes.append(node)
            } else {
                outcome.silent.append(target.id)
            }
        }
        return outcome
    }

    private static func read(
        _ target: SSHTarget, over transport: any Transport, version: KeepalivedVersion?
    ) async -> Result<(node: LintNode, answer: HostFacts), RemoteError> {
        let before = Date.now.timeIntervalSince1970
        let answer: HostFacts
        switch await transport.facts(of: target, Probe(LintNode.questions)) {
        case .success(let facts): answer = facts
        case .failure(let error): return .failure(error)
        }
        let after = Date.now.timeIntervalSince1970
        do {
            _ = try answer.value(of: ConfigurationFilesFact.self)
        } catch {
            return .failure(.unreachable(host: target.id, cause: "\(error)", hint: nil))
        }
        var node = LintNode(
            name: target.id.name, answer: answer, version: version,
            clockOffset: answer.known(SystemFact.self).map {
                offset(of: Double($0.now), between: before, and: after)
            })
        let unknown = node.unknownPrograms
        if !unknown.isEmpty {
            switch await transport.facts(of: target, Probe([NamedPathsFact(unknown)])) {
            case .success(let facts):
                do {
                    node.facts?.add(try facts.value(of: NamedPathsFact.self))
                } catch {
                    return .failure(.unreachable(host: target.id, cause: "\(error)", hint: nil))
                }
            case .failure(let error): return .failure(error)
            }
        }
        return .success((node, answer))
    }

    /// By how much a clock, read in whole seconds at some time of an interval, is wrong at least.
    private static func offset(of clock: Double, between before: Double, and after: Double) -> Double {
        if clock > after { return clock - after }
        return min(0, clock + 1 - before)
    }
}

package import Checks
import Events
import Facts
package import HAProxy
package import Inventory
package import Keepalived
package import Remote

/// Reads the configurations of live nodes for lint: one round trip each, all at once. Changes nothing.
package struct LintSurvey: Sendable {
    package var nodes: [Node]
    /// The release to assume instead of a node's own.
    package var version: KeepalivedVersion?
    /// The same for haproxy.
    package var haproxyVersion: HAProxyVersion?

    package init(
        nodes: [Node], version: KeepalivedVersion? = nil, haproxyVersion: HAProxyVersion? = nil
    ) {
        self.nodes = nodes
        self.version = version
        self.haproxyVersion = haproxyVersion
    }

    package struct Outcome: Sendable {
        /// The nodes that answered, in the order in which they were named.
        package var nodes: [LintNode]
        /// The nodes that did not answer; events have reported why.
        package var silent: [HostID]
    }

    /// - Throws: `InterruptedQuestion`.
    package func take(in context: SurveyContext) async throws(InterruptedQuestion) -> Outcome {
        let (version, haproxyVersion) = (version, haproxyVersion)
        let transport = context.transport
        let targets = nodes.map(\.target)
        let answers = try await context.question(targets, "reading") { target in
            await Self.read(target, over: transport, version: version, haproxyVersion: haproxyVersion)
        }
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
        _ target: SSHTarget, over transport: any Transport, version: KeepalivedVersion?,
        haproxyVersion: HAProxyVersion?
    ) async -> Result<(node: LintNode, answer: HostFacts), RemoteError> {
        let before = UTCTime.now.secondsSince1970
        let answer: HostFacts
        switch await transport.facts(of: target, Probe(.lint)) {
        case .success(let facts): answer = facts
        case .failure(let error): return .failure(error)
        }
        let after = UTCTime.now.secondsSince1970
        do {
            _ = try answer.value(of: ConfigurationFilesFact.self)
        } catch {
            return .failure(
                .unanswered(
                    host: target.id, question: "what its keepalived reads", cause: "\(error)", hint: nil))
        }
        var node = LintNode(
            name: target.id.name, answer: answer, version: version, haproxyVersion: haproxyVersion,
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
                    return .failure(
                        .unanswered(
                            host: target.id, question: "which of the programs that it names exist",
                            cause: "\(error)", hint: nil))
                }
            case .failure(let error): return .failure(error)
            }
        }
        return .success((node, answer))
    }

    /// The minimum error of a clock that is read in whole seconds at an unknown time within an interval.
    private static func offset(of clock: Double, between before: Double, and after: Double) -> Double {
        if clock > after { return clock - after }
        return min(0, clock + 1 - before)
    }
}

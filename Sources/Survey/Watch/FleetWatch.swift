package import Addresses
package import Events
import Facts
package import Inventory
package import Remote

/// Watches a fleet: one look at all of it, then a held session for each node whose news keep it current, and looks at single
/// clusters after something happened there.
package struct FleetWatch: Sendable {
    package var fleet: Fleet
    /// Only these addresses; empty means all.
    package var wanted: [IPAddress] = []
    /// Whether looks also ask for the addresses, as clients do.
    package var probesAnswers = true

    package init(fleet: Fleet) { self.fleet = fleet }

    /// The most sessions that it holds open besides those of looks.
    package var heldSessions: Int { Set(fleet.clusters.flatMap { $0.nodes.map(\.id) }).count }

    /// The first look at the whole fleet.
    ///
    /// - Throws: `InterruptedQuestion`.
    package func firstLook(in context: SurveyContext) async throws(InterruptedQuestion) -> WatchNews {
        let began = UTCTime.now
        return .looked(try await survey(of: fleet).take(in: context), began: began)
    }

    /// Hears all nodes until it is cancelled.
    ///
    /// - `since`: when the first look began.
    package func hear(
        by transport: any Transport, since: UTCTime, _ tell: @escaping @Sendable (WatchNews) -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            var seen: Set<HostID> = []
            for node in fleet.clusters.flatMap(\.nodes) where seen.insert(node.id).inserted {
                group.addTask {
                    await NodeStream(target: node.target, transport: transport, since: since, tell: tell)
                        .run()
                }
            }
        }
    }

    /// A look at one cluster. Nodes that are known to be silent are not asked.
    ///
    /// - `context`: where the look's events go.
    package func look(
        at cluster: Cluster, silent: [HostID: RemoteError], in context: SurveyContext
    ) async -> WatchNews? {
        let began = UTCTime.now
        var context = context
        context.transport = KnownSilences(transport: context.transport, silent: silent)
        let part = Fleet(source: fleet.source, clusters: [cluster])
        guard let outcomes = try? await survey(of: part).take(in: context) else { return nil }
        return .looked(outcomes, began: began)
    }

    private func survey(of fleet: Fleet) -> OwnershipSurvey {
        var survey = OwnershipSurvey(fleet: fleet, wanted: wanted)
        survey.probesAnswers = probesAnswers
        survey.moreFacts = [ServicesFact(), HAProxyHealthFact(readsLog: false)]
        survey.daemonExtent = .checks
        return survey
    }
}

/// A transport that asks nothing of machines that are known to be silent.
private struct KnownSilences: Transport {
    let transport: any Transport
    let silent: [HostID: RemoteError]

    func withSession<Result: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
    ) async throws -> Result {
        if let error = silent[target.id] { throw error }
        return try await transport.withSession(to: target, body)
    }

    func ask(_ target: SSHTarget, _ command: Command) async -> Result<CommandOutput, RemoteError> {
        if let error = silent[target.id] { return .failure(error) }
        return await transport.ask(target, command)
    }
}

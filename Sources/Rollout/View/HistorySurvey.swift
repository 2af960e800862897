import Events
package import Facts
package import Inventory
package import Remote
package import Survey

/// Asks nodes for what haops has written into their journals.
package struct HistorySurvey: Sendable {
    package var fleet: Fleet
    /// Which of its nodes are asked.
    package var nodes: Set<HostID>

    package init(fleet: Fleet, nodes: Set<HostID>) {
        self.fleet = fleet
        self.nodes = nodes
    }

    /// What the nodes answered.
    package struct Journals: Sendable {
        package var sources: [RunHistory.Source]
        /// Nodes whose journal is not known, and why.
        package var unread: [RemoteError]
        package var isComplete: Bool { unread.isEmpty }

        package init(sources: [RunHistory.Source] = [], unread: [RemoteError] = []) {
            self.sources = sources
            self.unread = unread
        }
    }

    /// What a node is asked.
    package static let facts: [any Fact] = .history

    private var chosen: [(cluster: String, node: Node)] {
        fleet.clusters.flatMap { cluster in
            cluster.nodes.filter { nodes.contains($0.id) }.map { (cluster: cluster.name, node: $0) }
        }
    }

    /// - Throws: `InterruptedQuestion`.
    package func take(in context: SurveyContext) async throws(InterruptedQuestion) -> Journals {
        let transport = context.transport
        let answers = try await context.question(chosen.map(\.node.target), "asking") {
            await transport.facts(of: $0, Probe(Self.facts))
        }
        return journals(of: answers, in: context)
    }

    /// Reads the journals in answers that have the facts of this survey.
    package func journals(
        of answers: [HostID: Result<HostFacts, RemoteError>], in context: SurveyContext
    ) -> Journals {
        var journals = Journals()
        for (cluster, node) in chosen {
            switch answers[node.id] {
            case .failure(let error)?: journals.unread.append(error)
            case .success(let facts)?:
                switch facts.answer(to: RunJournalFact.self, "what its journal holds") {
                case .success(let journal):
                    journals.sources.append(
                        RunHistory.Source(
                            node: node.id, cluster: cluster, journal: journal,
                            lockedBy: (facts.known(PendingFact.self)?.lock?.run).map { RunID($0) }))
                case .failure(let error):
                    context.report(error)
                    journals.unread.append(error)
                }
            case nil: break
            }
        }
        return journals
    }
}

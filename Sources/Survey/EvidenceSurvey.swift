import Checks
package import Events
package import Facts
package import Inventory
package import Remote

/// Collects what a person would read on each node: configurations, logs, and what the usual commands print.
package struct EvidenceSurvey: Sendable {
    package var fleet: Fleet
    /// Which of its nodes are asked.
    package var nodes: Set<HostID>
    package var since: UTCTime

    package init(fleet: Fleet, nodes: Set<HostID>, since: UTCTime) {
        self.fleet = fleet
        self.nodes = nodes
        self.since = since
    }

    /// One node's evidence. What could not be read is `nil`.
    package struct NodeEvidence: Sendable {
        package var node: HostID
        package var configuration: ConfigurationEvidence?
        package var logs: NodeLogs?
        package var runs: RunJournal?
        package var transcripts: [Transcript]?

        package init(
            node: HostID, configuration: ConfigurationEvidence? = nil, logs: NodeLogs? = nil,
            runs: RunJournal? = nil, transcripts: [Transcript]? = nil
        ) {
            self.node = node
            self.configuration = configuration
            self.logs = logs
            self.runs = runs
            self.transcripts = transcripts
        }
    }

    package struct Outcome: Sendable {
        package var nodes: [NodeEvidence] = []
        package var unread: [RemoteError] = []
        package var timeline: TimelineSurvey.Outcome
        /// What each node said, for others who make something of it.
        package var answers: [HostID: Result<TimedAnswer, RemoteError>]
    }

    /// Asks each node once, also for what its timeline is made of.
    ///
    /// - `more`: facts that others want besides.
    /// - Throws: `InterruptedQuestion`.
    package func take(
        asking more: [any Fact] = [], in context: SurveyContext
    ) async throws(InterruptedQuestion) -> Outcome {
        let targets = fleet.clusters.flatMap(\.nodes).filter { nodes.contains($0.id) }.map(\.target).uniqued()
        let timeline = TimelineSurvey(fleet: fleet, nodes: nodes, since: since)
        let own: [any Fact] = [ConfigurationFilesFact(), TranscriptsFact()]
        let facts = own.completed(by: timeline.facts).completed(by: more)
        let answers = try await context.timedQuestion(
            targets, "collecting", facts, operation: "collect evidence")
        var outcome = Outcome(timeline: timeline.outcome(of: answers, in: context), answers: answers)
        for target in targets {
            switch answers[target.id] {
            case .success(let answer)?:
                outcome.nodes.append(
                    NodeEvidence(
                        node: target.id, configuration: answer.facts.known(ConfigurationFilesFact.self),
                        logs: answer.facts.known(LogsFact.self),
                        runs: answer.facts.known(RunJournalFact.self),
                        transcripts: answer.facts.known(TranscriptsFact.self)))
            case .failure(let error)?: outcome.unread.append(error)
            case nil: break
            }
        }
        return outcome
    }
}

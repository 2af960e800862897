import Addresses
import Checks
package import Events
import Facts
package import Inventory
package import Remote
package import Timeline

/// Asks nodes for their logs, compares their clocks with the one here, and makes events of all that.
package struct TimelineSurvey: Sendable {
    package var fleet: Fleet
    /// Which of its nodes are asked.
    package var nodes: Set<HostID>
    package var since: UTCTime
    package var until: UTCTime?

    package init(fleet: Fleet, nodes: Set<HostID>, since: UTCTime, until: UTCTime? = nil) {
        self.fleet = fleet
        self.nodes = nodes
        self.since = since
        self.until = until
    }

    /// One node's log, as far as it is known.
    package struct NodeLog: Sendable {
        package var node: String
        package var cluster: String
        package var events: [TimelineEvent] = []
        /// What was before the time asked for: by it is known who owned what when that began.
        package var earlier: [TimelineEvent] = []
        package var clock = ClockOffset()
        /// Where the events are from: `journal`, or paths of files.
        package var sources: [String] = []
        /// When its log begins, where that is later than what was asked for.
        package var begins: UTCTime?
        /// Whether older lines are missing, because there were too many.
        package var isCut = false
        /// Whether its dates name no year.
        package var lacksYear = false
        /// Whether its times name no zone, and none is known from elsewhere.
        package var lacksZone = false
        /// How many of its lines were not understood.
        package var unread = 0

        package init(node: String, cluster: String = "") {
            self.node = node
            self.cluster = cluster
        }
    }

    package struct Outcome: Sendable {
        package var logs: [NodeLog] = []
        package var unread: [RemoteError] = []
        package var since: UTCTime?
        /// The nodes by their own addresses.
        package var nodesByAddress: [String: String] = [:]

        package init() {}

        package var events: [TimelineEvent] { logs.flatMap(\.events).inOrder }

        /// What the events amount to, from the time asked for.
        package var story: Story {
            let all = (logs.flatMap(\.earlier) + logs.flatMap(\.events)).inOrder
            var story = Story(all, nodesByAddress: nodesByAddress)
            if let since { story.drop(before: since) }
            return story
        }
    }

    private var chosen: [(cluster: String, node: Node)] {
        fleet.clusters.flatMap { cluster in
            cluster.nodes.filter { nodes.contains($0.id) }.map { (cluster: cluster.name, node: $0) }
        }
    }

    /// What a node is asked.
    var facts: [any Fact] { [LogsFact(since: since, until: until), RunJournalFact(), InterfacesFact()] }

    /// - Throws: `InterruptedQuestion`.
    package func take(in context: SurveyContext) async throws(InterruptedQuestion) -> Outcome {
        outcome(
            of: try await context.timedQuestion(
                chosen.map(\.node.target).uniqued(), "asking", facts, operation: "read logs"), in: context)
    }

    /// Makes events of answers that have the facts of this survey.
    package func outcome(
        of answers: [HostID: Result<TimedAnswer, RemoteError>], in context: SurveyContext
    ) -> Outcome {
        let virtual = Set(
            fleet.clusters.flatMap { $0.virtualAddresses.map(\.vip.cidr.address) })
        var outcome = Outcome()
        outcome.since = since
        for (cluster, node) in chosen {
            switch answers[node.id] {
            case .failure(let error)?: outcome.unread.append(error)
            case .success(let answer)?:
                do throws(FactError) {
                    let logs = try answer.facts.value(of: LogsFact.self)
                    outcome.logs.append(
                        log(of: node.id.name, in: cluster, logs, answer.facts, answer.clock))
                    let held = (answer.facts.known(InterfacesFact.self) ?? []).flatMap(\.addresses)
                    for address in held where !virtual.contains(address.cidr.address) {
                        outcome.nodesByAddress[address.cidr.address.description] = node.id.name
                    }
                } catch {
                    let error = RemoteError.unanswered(
                        host: node.id, question: "what its log holds", cause: "\(error)", hint: nil)
                    context.report(error)
                    outcome.unread.append(error)
                }
            case nil: break
            }
        }
        return outcome
    }

    private func log(
        of node: String, in cluster: String, _ logs: NodeLogs, _ facts: HostFacts, _ clock: ClockOffset?
    ) -> NodeLog {
        var log = NodeLog(node: node, cluster: cluster)
        log.clock = clock ?? ClockOffset()
        log.isCut = logs.isCut
        let meaning = LogMeaning(node: node, cluster: cluster, clock: log.clock)
        let reader = LogReader(reference: logs.now, zone: logs.zone)
        for part in logs.parts {
            let text = reader.text(of: part.bytes)
            var lines = text.lines
            // What is in the journal as well is read there.
            if case .file = part.source, let begins = logs.journalBegins {
                lines.removeAll { $0.time >= begins }
            }
            log.earlier += meaning.events(of: lines.filter { $0.time < since })
            log.unread += text.unread
            guard let name = part.source.name else { continue }
            log.events += meaning.events(of: lines.filter { isWanted($0.time) })
            log.sources.append(name)
        }
        log.sources = log.sources.uniqued()
        if let begins = logs.journalBegins, begins > since, log.sources == ["journal"] { log.begins = begins }
        for entry in facts.known(RunJournalFact.self)?.entries ?? [] where isWanted(entry.time) {
            log.events.append(
                meaning.run(
                    at: entry.time, what: entry.what, step: entry.event, who: entry.who,
                    isLast: RunEnd(event: entry.event) != nil))
        }
        return log
    }

    private func isWanted(_ time: UTCTime) -> Bool {
        time >= since && (until.map { time <= $0 } ?? true)
    }
}

extension NodeLogs.Part.Source {
    /// `nil` for what is not a source of events.
    fileprivate var name: String? {
        switch self {
        case .earlier: nil
        case .journal: "journal"
        case .file(let path): path
        }
    }
}

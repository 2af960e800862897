import Events
import Survey
import Timeline

/// What happened, by the nodes' logs.
struct TimelineDocument: OutputDocument, Codable {
    struct Event: Codable, Sendable {
        /// In UTC, or as the node's log has it where that names no zone.
        var time: String
        /// How exact it is among other nodes' times.
        var precisionMilliseconds: Int
        var node: String
        var cluster: String
        @Word<TimelineEvent.Source> var source: String
        var instance: String?
        var what: String
        /// As logged, without secrets.
        var message: String
        var count: Int
        var lastTime: String
    }

    struct Change: Codable, Sendable {
        var time: String
        var cluster: String
        var instance: String
        var addresses: [String]
        @Word<Failover.Course> var course: String
        /// `null` where no log says who.
        var from: String?
        var to: String?
        var lostAt: String?
        var takenAt: String?
        var causes: [String]
        var takenBecause: [String]
        /// `null` where it is not known, or where both had it.
        var nobodyMilliseconds: Int?
        var bothMilliseconds: Int?
        var precisionMilliseconds: Int?
        var sentence: String
    }

    struct Owner: Codable, Sendable {
        var cluster: String
        var instance: String
        /// Who has it when the logs end, as far as they say.
        var nodes: [String]
    }

    struct Node: Codable, Sendable {
        var node: String
        var cluster: String
        /// `journal`, or paths.
        var sources: [String]
        var events: Int
        /// How far its clock is ahead; `null` where the clocks were not compared.
        var clockAheadMilliseconds: Int?
        var clockBoundMilliseconds: Int?
        /// When its log begins, where that is later than what was asked for.
        var begins: String?
        var olderLinesGone: Bool
        var unreadableLines: Int
    }

    var events: [Event]
    var failovers: [Change]
    var owners: [Owner]
    var nodes: [Node]
    var unreachable: [String]

    var table: Table {
        Table(
            columns: ["time", "node", "cluster", "source", "instance", "count", "what"],
            rows: events.map { event in
                [
                    event.time, event.node, event.cluster, event.source, event.instance ?? "",
                    String(event.count), event.what,
                ].map { Table.Cell($0) }
            })
    }
}

extension TimelineDocument.Event {
    init(_ event: TimelineEvent) {
        self.init(
            time: event.time.iso8601, precisionMilliseconds: event.precision, node: event.node,
            cluster: event.cluster, source: event.source.rawValue, instance: event.instance,
            what: event.words.concealed, message: event.message.concealed, count: event.count,
            lastTime: event.lastTime.iso8601)
    }
}

extension TimelineDocument.Change {
    init(_ failover: Failover, clocksCompared: Bool) {
        self.init(
            time: failover.time.iso8601, cluster: failover.cluster, instance: failover.instance,
            addresses: failover.addresses, course: failover.course.rawValue, from: failover.from?.name,
            to: failover.to?.name, lostAt: failover.lostAt?.time.iso8601,
            takenAt: failover.takenAt?.time.iso8601, causes: failover.causes.map(\.concealed),
            takenBecause: failover.takenBecause.map(\.concealed),
            sentence: failover.sentence(clocksCompared: clocksCompared).concealed)
        switch failover.silence {
        case .nobody(let milliseconds, let precision):
            (nobodyMilliseconds, precisionMilliseconds) = (milliseconds, precision)
        case .both(let milliseconds, let precision):
            (bothMilliseconds, precisionMilliseconds) = (milliseconds, precision)
        case .unknown: break
        }
    }
}

extension TimelineDocument.Node {
    init(_ log: TimelineSurvey.NodeLog) {
        self.init(
            node: log.node, cluster: log.cluster, sources: log.sources, events: log.events.count,
            clockAheadMilliseconds: log.clock.isMeasured ? log.clock.ahead : nil,
            clockBoundMilliseconds: log.clock.isMeasured ? log.clock.bound : nil,
            begins: log.begins?.iso8601, olderLinesGone: log.isCut, unreadableLines: log.unread)
    }
}

extension Failover.Party {
    /// The node's name, or the address that a log knows it by.
    fileprivate var name: String? {
        switch self {
        case .node(let name): name
        case .elsewhere(let address): address
        }
    }
}

import Events

@testable import Timeline

/// The sentences that the logs of some nodes amount to.
struct Sentences {
    var all: [String]
    var failovers: [Failover]

    /// - `logs`: the text of each node's log.
    init(_ logs: [(node: String, text: String)], nodesByAddress: [String: String] = [:]) {
        let reader = LogReader(reference: Sentences.reference)
        let events = logs.flatMap { node, text in
            LogMeaning(node: node).events(of: reader.text(of: Array(text.utf8)).lines)
        }.inOrder
        failovers = Story(events, nodesByAddress: nodesByAddress).failovers
        all = failovers.map { $0.sentence(clocksCompared: logs.count == 1) }
    }

    init(_ node: String, _ text: String) { self.init([(node, text)]) }

    /// The end of 2026.
    static let reference = UTCTime(millisecondsSince1970: 1_798_700_000_000)
}

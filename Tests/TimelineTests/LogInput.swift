import Events

@testable import Timeline

/// Any bytes as the logs of two nodes: for the fuzzer (fuzz/FuzzTimeline.swift) and for tests.
enum LogInput {
    static func read(_ bytes: [UInt8]) {
        let reader = LogReader(
            reference: UTCTime(millisecondsSince1970: 1_798_700_000_000), zone: Int(bytes.first ?? 0) * 100)
        // Each node has a part of it.
        let half = bytes.firstIndex(of: 0) ?? bytes.count
        let logs = [("lb1", Array(bytes[..<half])), ("lb2", Array(bytes[half...]))]
        let events = logs.flatMap { node, bytes in
            LogMeaning(node: node).events(of: reader.text(of: bytes).lines)
        }
        .inOrder
        precondition(zip(events, events.dropFirst()).allSatisfy { $0.time <= $1.time })
        let story = Story(events, nodesByAddress: ["198.51.100.12": "lb2"])
        for failover in story.failovers { precondition(!failover.sentence(clocksCompared: true).isEmpty) }
    }
}

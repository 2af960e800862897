import Events

/// The events in order, with repetition folded.
package struct TimelineRows: Sendable {
    package private(set) var rows: [TimelineEvent] = []

    /// Something that is repeated after a longer pause happens anew. Milliseconds.
    package static let pause = 90_000

    /// - `events`: sorted by time.
    package init(_ events: [TimelineEvent]) {
        /// What is folded into one row: the same words of one node.
        struct Key: Hashable {
            var cluster: String
            var node: String
            var words: String
        }
        var open: [Key: Int] = [:]
        for event in events {
            let key = Key(cluster: event.cluster, node: event.node, words: event.words)
            if let index = open[key], !event.isTransition,
                event.time.millisecondsSince1970 - rows[index].lastTime.millisecondsSince1970 <= Self.pause
            {
                // A boot is reported by the kernel and by systemd.
                if event.kind == .machine(.booted) { continue }
                rows[index].count += event.count
                rows[index].lastTime = max(rows[index].lastTime, event.lastTime)
                continue
            }
            // A change of state begins a new chapter: what is said after it is news.
            if event.isTransition { open = open.filter { $0.key.node != event.node } }
            open[key] = rows.count
            rows.append(event)
        }
    }
}

extension [TimelineEvent] {
    /// By time; what a node wrote at one time keeps its order.
    package var inOrder: [TimelineEvent] {
        enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }
}

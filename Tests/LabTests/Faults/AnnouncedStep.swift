import HaopsTestSupport

/// A moment of a run that its events announce (docs/Events.md): a stage begins, of the whole cluster or of one node.
struct AnnouncedStep: Hashable, Sendable, CustomStringConvertible {
    var stage: String
    var node: String?

    /// From `change:lb1` or `lock`.
    init(_ name: String) {
        let parts = name.split(separator: ":").map(String.init)
        stage = parts[0]
        node = parts.count > 1 ? parts[1] : nil
    }

    var description: String { node.map { "\(stage):\($0)" } ?? stage }

    /// The step that an event begins; `nil` for other events.
    init?(begunBy event: EventLine) {
        guard event.phase == "begins", !["run", "ask", "cluster"].contains(event.stage) else { return nil }
        stage = event.stage
        node = event.node
    }
}

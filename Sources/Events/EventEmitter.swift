package import Remote

/// What one piece of work emits its events through: it knows the run, the verb and the cluster, and measures stages.
package struct EventEmitter: Sendable {
    package var run: RunID
    package var verb: String
    package var cluster: String?
    private let sink: any EventSink

    package init(
        to sink: any EventSink = NoEvents(), run: RunID = .new(), verb: String, cluster: String? = nil
    ) {
        self.sink = sink
        self.run = run
        self.verb = verb
        self.cluster = cluster
    }

    /// The same for one cluster.
    package func on(cluster: String) -> EventEmitter {
        var emitter = self
        emitter.cluster = cluster
        return emitter
    }

    package func emit(
        _ stage: RunEvent.Stage, _ phase: RunEvent.Phase, node: HostID? = nil, duration: Duration? = nil,
        _ message: String = ""
    ) {
        sink.emit(
            RunEvent(
                run: run, time: .now, verb: verb, cluster: cluster, node: node, stage: stage, phase: phase,
                duration: duration, message: message))
    }

    /// Says that a stage begins. The answer says how it goes on and how it ended.
    package func begin(
        _ stage: RunEvent.Stage, node: HostID? = nil, _ message: String = ""
    ) -> StageUnderWay {
        let stageUnderWay = StageUnderWay(emitter: self, stage: stage, node: node, start: .now)
        emit(stage, .begins, node: node, message)
        return stageUnderWay
    }
}

/// A stage that has begun: it is to be ended, failed or said to be unknown, once.
package struct StageUnderWay: Sendable {
    fileprivate let emitter: EventEmitter
    fileprivate let stage: RunEvent.Stage
    fileprivate let node: HostID?
    fileprivate let start: ContinuousClock.Instant

    package func waits(for what: String) { emitter.emit(stage, .waits, node: node, what) }

    package func ends(_ message: String = "") { end(.ends, message) }

    package func fails(_ why: String) { end(.fails, why) }

    package func isUnknown(_ why: String) { end(.unknown, why) }

    package func end(_ phase: RunEvent.Phase, _ message: String) {
        emitter.emit(
            stage, phase, node: node, duration: start.duration(to: ContinuousClock.now), message)
    }
}

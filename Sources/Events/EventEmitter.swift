package import Remote

/// What one piece of work emits its events through: it knows the run, the verb and the cluster, and measures stages.
package struct EventEmitter: Sendable {
    package var names: RunNames
    package var verb: String
    package var cluster: String?
    private var sink: any EventSink

    package init(
        to sink: any EventSink = NoEvents(), names: RunNames = RunNames(), verb: String = "",
        cluster: String? = nil
    ) {
        self.sink = sink
        self.names = names
        self.verb = verb
        self.cluster = cluster
    }

    package var run: RunID { names.run }

    /// The same for one cluster.
    package func on(cluster: String) -> EventEmitter {
        var emitter = self
        emitter.cluster = cluster
        return emitter
    }

    /// The same with its words changed first, by a mask that hides secrets for one.
    package func rewording(_ change: @escaping @Sendable (String) -> String) -> EventEmitter {
        var emitter = self
        emitter.sink = MappedEvents(sink, rewording: change)
        return emitter
    }

    package func emit(
        _ stage: RunEvent.Stage, _ phase: RunEvent.Phase, node: HostID? = nil, duration: Duration? = nil,
        _ message: String = "", hint: String? = nil, nodes: Int? = nil
    ) {
        emit(
            RunEvent(
                run: run, time: .now, verb: verb, cluster: cluster, node: node, stage: stage, phase: phase,
                duration: duration, message: message, hint: hint, nodes: nodes))
    }

    /// Says what is wrong with a node.
    package func emit(
        _ stage: RunEvent.Stage, _ phase: RunEvent.Phase, node: HostID?, duration: Duration? = nil,
        _ error: RemoteError
    ) {
        emit(
            RunEvent(
                run: run, time: .now, verb: verb, cluster: cluster, node: node, stage: stage, phase: phase,
                duration: duration, message: error.description, hint: error.hint, error: error))
    }

    private func emit(_ event: RunEvent) { sink.emit(event) }

    /// Says that a stage begins. The answer says how it goes on and how it ended.
    package func begin(
        _ stage: RunEvent.Stage, node: HostID? = nil, _ message: String = "", nodes: Int? = nil
    ) -> StageUnderWay {
        let begun = StageUnderWay(emitter: self, stage: stage, node: node, start: .now)
        emit(stage, .begins, node: node, message, nodes: nodes)
        return begun
    }
}

/// A stage that has begun. It ends once, in one of the phases that are the last.
package struct StageUnderWay: Sendable {
    fileprivate let emitter: EventEmitter
    fileprivate let stage: RunEvent.Stage
    fileprivate let node: HostID?
    fileprivate let start: ContinuousClock.Instant

    package func waits(for what: String) { emitter.emit(stage, .waits, node: node, what) }

    package func ends(_ message: String = "") { end(.ends, message) }

    package func fails(_ why: String) { end(.fails, why) }

    package func isUnknown(_ why: String, hint: String? = nil) { end(.unknown, why, hint: hint) }

    /// The node does not say how it ended.
    package func isUnknown(_ error: RemoteError) { end(.unknown, error) }

    func end(_ phase: RunEvent.Phase, _ error: RemoteError) {
        emitter.emit(
            stage, phase, node: node, duration: start.duration(to: ContinuousClock.now), error)
    }

    package func end(_ phase: RunEvent.Phase, _ message: String = "", hint: String? = nil) {
        emitter.emit(
            stage, phase, node: node, duration: start.duration(to: ContinuousClock.now), message, hint: hint)
    }
}

extension EventEmitter {
    /// Asks every target, at most `window` at once: an event as each is asked, and one as each has answered or is known
    /// to be silent.
    ///
    /// - `what`: in words, "asking".
    /// - Returns: one answer per target, in their order.
    package func asking<Value: Sendable>(
        _ targets: [SSHTarget], window: Int, _ what: String,
        _ work: @escaping @Sendable (SSHTarget) async -> Result<Value, RemoteError>
    ) async -> [Result<Value, RemoteError>] {
        let all = begin(.ask, what, nodes: targets.count)
        let answers = await fanOut(over: targets, window: window) { target in
            let question = begin(.ask, node: target.id, what)
            let answer = await work(target)
            switch answer {
            case .success: question.ends()
            // Nobody waits for it any more: that says nothing about the node.
            case .failure(let error):
                question.end(error.kind == .cancelled(.known) ? .skipped : .unknown, error)
            }
            return answer
        }
        all.ends()
        return answers
    }
}

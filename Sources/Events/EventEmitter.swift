package import Remote

/// Emits the events of one piece of work, with its run, verb and cluster, and measures stages.
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

    /// The same emitter for one cluster.
    package func on(cluster: String) -> EventEmitter {
        var emitter = self
        emitter.cluster = cluster
        return emitter
    }

    /// The same emitter with messages changed by a function, for example a mask that hides secrets.
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

    /// Emits an event with a node's error.
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

    /// Emits the beginning of a stage. The result emits its progress and its end.
    package func begin(
        _ stage: RunEvent.Stage, node: HostID? = nil, _ message: String = "", nodes: Int? = nil
    ) -> StageUnderWay {
        let begun = StageUnderWay(emitter: self, stage: stage, node: node, start: .now)
        emit(stage, .begins, node: node, message, nodes: nodes)
        return begun
    }
}

/// A stage that has begun. It ends once, with one of the last phases.
package struct StageUnderWay: Sendable {
    fileprivate let emitter: EventEmitter
    fileprivate let stage: RunEvent.Stage
    fileprivate let node: HostID?
    fileprivate let start: ContinuousClock.Instant

    package func waits(for what: String) { emitter.emit(stage, .waits, node: node, what) }

    package func ends(_ message: String = "") { end(.ends, message) }

    package func fails(_ why: String) { end(.fails, why) }

    package func isUnknown(_ why: String, hint: String? = nil) { end(.unknown, why, hint: hint) }

    /// Ends the stage with an unknown outcome, because the node did not answer.
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
    /// Asks every target, at most `window` at once. Emits an event when each target is asked, and one when it has
    /// answered or failed.
    ///
    /// - `what`: the question in words: "asking".
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
            // The question was cancelled, so nothing is known about the node.
            case .failure(let error):
                question.end(error.kind == .cancelled(.known) ? .skipped : .unknown, error)
            }
            return answer
        }
        all.ends()
        return answers
    }
}

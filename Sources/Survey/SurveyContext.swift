package import Events
package import Remote

/// How a survey reaches its machines, and who observes its progress. It prints nothing.
package struct SurveyContext: Sendable {
    package var transport: any Transport
    /// The maximum number of machines that are asked at once.
    package var window: Int
    package var events: EventEmitter
    /// Whether a cancelled question ends the survey, as after Ctrl-C. Otherwise the time was up, and machines that
    /// had not answered are unknown.
    package var cancellationEnds: @Sendable () -> Bool

    package init(
        transport: any Transport, window: Int = 64, events: EventEmitter = EventEmitter(),
        cancellationEnds: @escaping @Sendable () -> Bool = { true }
    ) {
        self.transport = transport
        self.window = window
        self.events = events
        self.cancellationEnds = cancellationEnds
    }

    /// Asks every target, and emits an event for each that does not answer.
    ///
    /// - `what`: the activity in words: "asking".
    package func ask<Value: Sendable>(
        _ targets: [SSHTarget], _ what: String,
        _ work: @escaping @Sendable (SSHTarget) async -> Result<Value, RemoteError>
    ) async -> [HostID: Result<Value, RemoteError>] {
        let results = await events.asking(targets, window: window, what, work)
        return Dictionary(zip(targets.map(\.id), results)) { first, _ in first }
    }

    /// As ``ask(_:_:_:)``, for surveys that draw conclusions from the answers.
    ///
    /// - Throws: `InterruptedQuestion` after Ctrl-C: a node that had not answered by then does not count as
    ///   unreachable.
    package func question<Value: Sendable>(
        _ targets: [SSHTarget], _ what: String,
        _ work: @escaping @Sendable (SSHTarget) async -> Result<Value, RemoteError>
    ) async throws(InterruptedQuestion) -> [HostID: Result<Value, RemoteError>] {
        let answers = await ask(targets, what, work)
        if cancellationEnds() {
            try InterruptedQuestion.check(
                targets.compactMap { target in answers[target.id].map { (target.id, $0) } })
        }
        return answers
    }

    /// Reports why a node's answer does not suffice.
    package func report(_ error: RemoteError) {
        events.emit(.ask, .unknown, node: error.host, error)
    }
}

package import Events
package import Remote

/// How a survey reaches its machines, and whom it tells what it does. It prints nothing.
package struct SurveyContext: Sendable {
    package var transport: any Transport
    /// At most so many machines are asked at once.
    package var window: Int
    package var events: EventEmitter
    /// Whether a question that was cancelled ends the survey, as after Ctrl-C. Else the time is up, and whoever had not
    /// answered is unknown.
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

    /// Asks every target, and says as an event who does not answer.
    ///
    /// - `what`: in words, "asking".
    package func ask<Value: Sendable>(
        _ targets: [SSHTarget], _ what: String,
        _ work: @escaping @Sendable (SSHTarget) async -> Result<Value, RemoteError>
    ) async -> [HostID: Result<Value, RemoteError>] {
        let results = await events.asking(targets, window: window, what, work)
        return Dictionary(zip(targets.map(\.id), results)) { first, _ in first }
    }

    /// As ``ask(_:_:_:)``, for surveys that conclude something from the answers.
    ///
    /// - Throws: `InterruptedQuestion` after Ctrl-C: a node that had not answered by then is not a node that does not
    ///   answer.
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

    /// Says why a node's answer is not enough.
    package func report(_ error: RemoteError) {
        events.emit(.ask, .unknown, node: error.host, error)
    }
}

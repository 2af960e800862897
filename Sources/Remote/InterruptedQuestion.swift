/// The run was interrupted before all nodes had answered a question. The answers are incomplete, and nothing is
/// concluded from them.
package struct InterruptedQuestion: Error, Hashable, Sendable {
    /// The nodes that were not asked or had not answered yet.
    package var unanswered: [HostID]

    package init(unanswered: [HostID]) { self.unanswered = unanswered }

    /// - Throws: ``InterruptedQuestion`` when the task was cancelled, or when any of these answers is a
    ///   cancellation.
    package static func check<Value>(
        _ answers: some Sequence<(HostID, Result<Value, RemoteError>)>
    ) throws(InterruptedQuestion) {
        var unanswered: [HostID] = []
        for (host, answer) in answers {
            if case .failure(let error) = answer, error.isCancelled { unanswered.append(host) }
        }
        if !unanswered.isEmpty || Task.isCancelled { throw InterruptedQuestion(unanswered: unanswered) }
    }

    /// - Throws: one ``InterruptedQuestion`` with the unanswered nodes of all of them, if there are any.
    package static func check(_ several: [InterruptedQuestion]) throws(InterruptedQuestion) {
        if !several.isEmpty { throw InterruptedQuestion(unanswered: several.flatMap(\.unanswered)) }
    }
}

extension Transport {
    /// Asks machines a question whose answers a decision depends on, at most `window` at once.
    ///
    /// - Returns: one result per target, in the order of `targets`; an unreachable machine's result is its error.
    /// - Throws: ``InterruptedQuestion`` when the run is interrupted meanwhile.
    package func question<Value: Sendable>(
        _ targets: [SSHTarget], window: Int,
        _ work: @escaping @Sendable (SSHTarget) async -> Result<Value, RemoteError>
    ) async throws(InterruptedQuestion) -> [Result<Value, RemoteError>] {
        let answers = await fanOut(over: targets, window: window, work: work)
        try InterruptedQuestion.check(zip(targets.map(\.id), answers))
        return answers
    }
}

import Remote

/// What a fan-out says while it runs: one live line on a terminal, one plain line per problem elsewhere.
actor Progress {
    private let console: Console
    private let what: String
    private var pending: [String]
    private let total: Int
    private var isDrawn = false

    init(_ console: Console, _ what: String, hosts: [HostID]) {
        self.console = console
        self.what = what
        self.pending = hosts.map(\.name)
        self.total = hosts.count
        console.detail("\(what): \(hosts.count) machine\(hosts.count == 1 ? "" : "s")")
    }

    /// Draws the first state, so that a machine that never answers is named from the start.
    func begin() { draw() }

    func finished(_ host: HostID, problem: RemoteError? = nil) {
        pending.removeAll { $0 == host.name }
        if let problem {
            erase()
            console.error(problem.description, hint: problem.hint)
        }
        draw()
    }

    func end() { erase() }

    private func draw() {
        guard console.isInteractive, !pending.isEmpty, total > 0 else {
            erase()
            return
        }
        let waiting = pending.prefix(4).joined(separator: ", ") + (pending.count > 4 ? ", …" : "")
        console.live("\(what): \(total - pending.count)/\(total), waiting for \(waiting)")
        isDrawn = true
    }

    private func erase() {
        if isDrawn { console.live("") }
        isDrawn = false
    }
}

extension Transport {
    /// Asks every target and reports the silent ones as they are found.
    func askAll<Value: Sendable>(
        _ targets: [SSHTarget], window: Int, what: String, console: Console,
        _ work: @escaping @Sendable (SSHTarget) async -> Result<Value, RemoteError>
    ) async -> [HostID: Result<Value, RemoteError>] {
        let progress = Progress(console, what, hosts: targets.map(\.id))
        await progress.begin()
        let results = await fanOut(over: targets, window: window, work: work) { target, result in
            // Whom the operator did not wait for is named by the end of the verb.
            if case .failure(.cancelled(_, _, changes: false)) = result, Interrupts.endsQuestions {
                await progress.finished(target.id)
            } else if case .failure(let error) = result {
                await progress.finished(target.id, problem: error)
            } else {
                await progress.finished(target.id)
            }
        }
        await progress.end()
        return Dictionary(zip(targets.map(\.id), results)) { first, _ in first }
    }

    /// As ``askAll(_:window:what:console:_:)``, for verbs that answer by what they are told.
    ///
    /// - Throws: `InterruptedQuestion` after Ctrl-C: whoever had not answered is no machine that does not. When the time
    ///   of `--timeout` is up there is an answer, in which they are unknown.
    func questionAll<Value: Sendable>(
        _ targets: [SSHTarget], window: Int, what: String, console: Console,
        _ work: @escaping @Sendable (SSHTarget) async -> Result<Value, RemoteError>
    ) async throws(InterruptedQuestion) -> [HostID: Result<Value, RemoteError>] {
        let answers = await askAll(targets, window: window, what: what, console: console, work)
        if Interrupts.endsQuestions {
            try InterruptedQuestion.check(
                targets.compactMap { target in answers[target.id].map { (target.id, $0) } })
        }
        return answers
    }
}

import Remote

/// The lock of a cluster: one lock on each of its nodes, held by a connection, so that it ends with whoever holds it.
struct NodeLocks: Sendable {
    var transport: any Transport
    var context: NodeScript.Context
    var who: Operator

    enum Failure: Error, Sendable {
        /// Somebody else holds it: who and since when, as they wrote it.
        case busy(HostID, holder: String)
        case unreachable([RemoteError])
        case refused(HostID, String)
    }

    /// Locks all targets, runs `body`, and unlocks. The order is that of the names, the same for every applier,
    /// so that two of them cannot wait for each other.
    ///
    /// - Throws: ``Failure``; whatever `body` throws.
    func hold<Result: Sendable>(
        _ targets: [SSHTarget], lost: Interrupt, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await hold(targets.sorted { $0.id < $1.id }[...], lost: lost, body)
    }

    private func hold<Result: Sendable>(
        _ rest: ArraySlice<SSHTarget>, lost: Interrupt, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard let target = rest.first else { return try await body() }
        let command = NodeScript(context, [.lock], [("OWNER", owner)]).command(
            "lock", changes: false, timeout: .seconds(86400))
        return try await transport.withSession(to: target) { session in
            try await session.hold(command) { held in
                let answer = try await held.nextLine(timeout: .seconds(20))
                guard answer == "locked" else {
                    if let answer, answer.hasPrefix("busy ") {
                        throw Failure.busy(target.id, holder: Self.shown(answer.dropFirst(5)))
                    }
                    throw Failure.refused(target.id, answer.map { Self.shown($0[...]) } ?? "no answer")
                }
                return try await hold(rest.dropFirst(), lost: lost, body)
            }
        }
    }

    private var owner: String {
        "\(context.who) pid \(who.processID) run \(context.run): \(context.what)"
    }

    /// A node's text, fit to be shown.
    private static func shown(_ text: Substring) -> String {
        String(
            text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.map(Character.init).prefix(200))
    }
}

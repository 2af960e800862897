import Facts
import Remote

/// The lock of a cluster: one lock on each of its nodes. A connection holds each lock, and the lock ends with the
/// connection. Each lock also has a lease, for a holder that vanishes without closing the connection.
struct NodeLocks: Sendable {
    var transport: any Transport
    var context: NodeScript.Context
    var who: Operator
    /// The longest time for which this run may leave a rollback scheduled on a node.
    var longest: Duration

    /// A lock ends when its holder sent nothing for this long and no rollback of its run is scheduled.
    static let lease = Duration.seconds(30)
    /// How often a holder renews the lease.
    static let beat = Duration.seconds(5)

    enum Failure: Error, Sendable {
        /// Another run holds it.
        case busy(HostID, holder: LockHolder)
        case refused(HostID, String)
    }

    /// Locks all targets, runs `body`, and unlocks. Every run locks the nodes in the order of their names, which
    /// prevents two runs from waiting for each other.
    ///
    /// - `lost`: hears of a node whose lock's connection dies while `body` runs.
    /// - Throws: ``Failure``, `RemoteError` when a node cannot be locked.
    func hold<Result: Sendable>(
        _ targets: [SSHTarget], lost: @escaping @Sendable (HostID) -> Void,
        _ body: @escaping @Sendable () async -> Result
    ) async throws -> Result {
        try await hold(targets.sorted { $0.id < $1.id }[...], lost: lost, body)
    }

    private func hold<Result: Sendable>(
        _ rest: ArraySlice<SSHTarget>, lost: @escaping @Sendable (HostID) -> Void,
        _ body: @escaping @Sendable () async -> Result
    ) async throws -> Result {
        guard let target = rest.first else { return await body() }
        let values = [
            ("CONTROLLER", String(who.processID)), ("LEASE", RolloutTiming.seconds(Self.lease)),
            ("LONGEST", RolloutTiming.seconds(longest)),
        ]
        let command = NodeScript(context, [.lock], values).command(
            "lock", changes: false, timeout: .seconds(86400))
        return try await transport.withSession(to: target) { session in
            try await session.hold(command) { held in
                let answer = try await held.nextLine(timeout: .seconds(20))
                guard answer == "locked" else {
                    if let answer, answer.hasPrefix("busy\t") {
                        throw Failure.busy(target.id, holder: LockHolder(answer.dropFirst(5)))
                    }
                    let why =
                        answer.map { $0.hasPrefix("refused ") ? $0.dropFirst(8) : $0[...] } ?? "no answer"
                    throw Failure.refused(target.id, String.shown(why))
                }
                return try await withThrowingTaskGroup(of: Result?.self) { group in
                    group.addTask {
                        // The node sends a line every ten seconds while the connection lives.
                        while !Task.isCancelled {
                            guard let line = try? await held.nextLine(timeout: .seconds(60)), line == "alive"
                            else {
                                break
                            }
                        }
                        if !Task.isCancelled { lost(target.id) }
                        return nil
                    }
                    group.addTask {
                        var count = 0
                        while !Task.isCancelled {
                            count += 1
                            guard (try? await held.tell("beat \(count)")) != nil else { break }
                            try? await Task.sleep(for: Self.beat)
                        }
                        if !Task.isCancelled { lost(target.id) }
                        return nil
                    }
                    group.addTask { try await hold(rest.dropFirst(), lost: lost, body) }
                    var result: Result?
                    while result == nil, let ended = try await group.next() { result = ended }
                    group.cancelAll()
                    guard let result else { throw CancellationError() }
                    return result
                }
            }
        }
    }
}

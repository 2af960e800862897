internal import Synchronization

/// The open sessions of a run: one login per machine, and many commands over it.
///
/// Two limits apply: the number of logins in progress and the number of open sessions. An idle session serves the
/// next command for its machine, or is closed when another machine needs its place.
package final class SessionPool: Transport {
    /// How many sessions a run may have.
    package struct Limits: Sendable {
        /// The most logins at once.
        package var logins: Int
        /// The most open sessions. New sessions replace idle ones, the longest idle first.
        package var sessions: Int
        /// Keep idle sessions for the next command. A run that asks each machine once does not need them.
        package var keepsIdle: Bool

        package init(logins: Int, sessions: Int, keepsIdle: Bool = true) {
            self.logins = max(1, logins)
            self.sessions = max(1, sessions)
            self.keepsIdle = keepsIdle
        }
    }

    /// The interval of keepalive requests on idle sessions, and the time limit for their answer.
    private static let keepAliveInterval = Duration.seconds(15)
    private static let keepAliveTimeout = Duration.seconds(10)

    private let connector: any Connector
    private let limits: Limits
    private let logins: AsyncSemaphore
    private let places: AsyncSemaphore
    private let state = Mutex(State())

    private struct State {
        var idle: [SSHTarget: [Idle]] = [:]
        /// One per machine: its commands run one after the other, over one session.
        var turns: [SSHTarget: AsyncSemaphore] = [:]
        var isClosed = false
        /// Counts returned sessions.
        var turn = 0
        /// The turn of the last keepalive check. A session that was returned before it has been idle for a whole
        /// interval.
        var lastCheck = 0
    }

    private struct Idle {
        let session: any PooledSession
        /// The turn at which the session was returned.
        let since: Int
    }

    /// A session in use.
    private struct Lease {
        let target: SSHTarget
        let session: any PooledSession
        /// The session was idle before, so its connection may have broken meanwhile.
        let isReused: Bool
    }

    private init(_ connector: any Connector, _ limits: Limits) {
        self.connector = connector
        self.limits = limits
        logins = AsyncSemaphore(permits: limits.logins)
        places = AsyncSemaphore(permits: limits.sessions)
    }

    /// Opens a pool, passes it to `body`, and closes every session in any case.
    package static func withPool<Value: Sendable>(
        over connector: any Connector, _ limits: Limits, _ body: (SessionPool) async throws -> Value
    ) async throws -> Value {
        let pool = SessionPool(connector, limits)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pool.keepSessionsAlive() }
            let result: Result<Value, any Error>
            do { result = .success(try await body(pool)) } catch { result = .failure(error) }
            group.cancelAll()
            await pool.close()
            return try result.get()
        }
    }

    // MARK: - Transport

    package func withSession<Value: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Value
    ) async throws -> Value {
        try await lend(try await lease(target), to: body)
    }

    package func withNewSession<Value: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Value
    ) async throws -> Value {
        // The new session replaces the machine's idle ones.
        for idle in takeIdle(target) { await discard(idle) }
        return try await lend(try await logIn(target), to: body)
    }

    package func ask(_ target: SSHTarget, _ command: Command) async -> Result<CommandOutput, RemoteError> {
        let turn = turn(of: target)
        guard await turn.enter() else { return .failure(interrupted(target, command.operation)) }
        defer { turn.leave() }
        do {
            let lease = try await lease(target)
            let outcome = await run(command, lease)
            guard lease.isReused, case .failure(let error) = outcome,
                error.kind == .connectionLost(.known), !Task.isCancelled
            else { return outcome }
            // The session broke while idle, or during a command that changes nothing and may be repeated.
            return await run(command, try await logIn(target))
        } catch {
            return .failure(error)
        }
    }

    // MARK: - Sessions in use

    private func lend<Value: Sendable>(
        _ lease: Lease, to body: sending (any RemoteSession) async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await body(lease.session)
            await giveBack(lease)
            return value
        } catch {
            await giveBack(lease)
            throw error
        }
    }

    private func run(_ command: Command, _ lease: Lease) async -> Result<CommandOutput, RemoteError> {
        let outcome: Result<CommandOutput, RemoteError>
        do { outcome = .success(try await lease.session.run(command)) } catch { outcome = .failure(error) }
        await giveBack(lease)
        return outcome
    }

    /// An idle session that still works, or a new login.
    private func lease(_ target: SSHTarget) async throws(RemoteError) -> Lease {
        while let session = takeOneIdle(target) {
            if await session.isUsable { return Lease(target: target, session: session, isReused: true) }
            await discard(session)
        }
        return try await logIn(target)
    }

    private func logIn(_ target: SSHTarget) async throws(RemoteError) -> Lease {
        guard await enterPlace() else { throw interrupted(target, "connect") }
        guard await logins.enter() else {
            places.leave()
            throw interrupted(target, "connect")
        }
        defer { logins.leave() }
        do {
            let session = try await connector.connect(to: target)
            return Lease(target: target, session: session, isReused: false)
        } catch {
            places.leave()
            throw error
        }
    }

    /// Waits until another session may be opened; `false` when cancelled before.
    private func enterPlace() async -> Bool {
        if places.tryEnter() { return true }
        guard let oldest = takeOldestIdle() else { return await places.enter() }
        // Closing it frees a place for the new session.
        await oldest.close()
        return true
    }

    private func giveBack(_ lease: Lease) async {
        // When another machine waits for a place, this session is closed for it.
        let isKept = limits.keepsIdle && places.waiting == 0
        guard isKept, !Task.isCancelled, await lease.session.isUsable else {
            return await discard(lease.session)
        }
        let isClosed = state.withLock { state in
            if !state.isClosed {
                state.turn += 1
                state.idle[lease.target, default: []].append(Idle(session: lease.session, since: state.turn))
            }
            return state.isClosed
        }
        if isClosed { await discard(lease.session) }
    }

    private func discard(_ session: any PooledSession) async {
        await session.close()
        places.leave()
    }

    private func interrupted(_ target: SSHTarget, _ operation: String) -> RemoteError {
        .cancelled(host: target.id, operation: operation, changes: false)
    }

    // MARK: - Sessions that lie idle

    private func turn(of target: SSHTarget) -> AsyncSemaphore {
        state.withLock { state in
            if let turn = state.turns[target] { return turn }
            let turn = AsyncSemaphore()
            state.turns[target] = turn
            return turn
        }
    }

    private func takeOneIdle(_ target: SSHTarget) -> (any PooledSession)? {
        state.withLock { state in
            let session = state.idle[target]?.popLast()?.session
            if state.idle[target]?.isEmpty == true { state.idle[target] = nil }
            return session
        }
    }

    private func takeIdle(_ target: SSHTarget) -> [any PooledSession] {
        state.withLock { $0.idle.removeValue(forKey: target)?.map(\.session) ?? [] }
    }

    private func takeOldestIdle() -> (any PooledSession)? {
        state.withLock { state in
            guard let oldest = state.idle.min(by: { $0.value[0].since < $1.value[0].since }) else {
                return nil
            }
            let session = state.idle[oldest.key]?.removeFirst().session
            if state.idle[oldest.key]?.isEmpty == true { state.idle[oldest.key] = nil }
            return session
        }
    }

    /// Closes every idle session; those in use are closed when they are returned.
    private func close() async {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [:] }
            return state.idle.values.flatMap { $0 }
        }
        for entry in idle { await discard(entry.session) }
    }

    /// Sends keepalive requests on idle sessions, and closes the sessions that get no answer.
    private func keepSessionsAlive() async {
        while true {
            do { try await Task.sleep(for: Self.keepAliveInterval) } catch { return }
            let quiet = state.withLock { state in
                defer { state.lastCheck = state.turn }
                return state.idle.filter { $0.value.contains { $0.since <= state.lastCheck } }.map(\.key)
            }
            await withDiscardingTaskGroup { group in
                for target in quiet { group.addTask { await self.checkIdle(target) } }
            }
        }
    }

    /// Checks an idle session. The check takes its turn among the machine's commands, so that none of them misses
    /// the session and logs in again.
    private func checkIdle(_ target: SSHTarget) async {
        let turn = turn(of: target)
        guard await turn.enter() else { return }
        defer { turn.leave() }
        for session in takeIdle(target) {
            if await session.isAlive(within: Self.keepAliveTimeout) {
                await giveBack(Lease(target: target, session: session, isReused: true))
            } else {
                await discard(session)
            }
        }
    }
}

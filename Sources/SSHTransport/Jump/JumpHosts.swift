internal import Reactor
internal import Remote
internal import Synchronization

/// The jump hosts of a run. One connection to each carries the tunnels to all machines behind it.
///
/// A bastion's `MaxStartups` would drop most of many simultaneous logins, so large fleets behind a bastion need
/// shared connections. libssh2 opens one channel at a time in a session, so a dead machine behind the bastion
/// would block all others. When a tunnel does not open soon, its connection is left to it, and the next tunnels
/// use another connection.
final class JumpHosts: Sendable {
    /// How long an opening tunnel may block others before they use another connection.
    private static let patience = Duration.milliseconds(500)
    /// How long a failed login counts for the machines that waited for it.
    private static let memory = Duration.seconds(5)

    private let entries = Mutex<[[Hop]: Entry]>([:])
    private let started: AsyncStream<Connection>
    private let start: AsyncStream<Connection>.Continuation

    /// One route to a jump host, and the connections over it.
    private final class Entry: Sendable {
        let connecting = AsyncSemaphore()
        let state = Mutex(State())

        struct State {
            var connections: [Connection] = []
            var failure: (error: RemoteError, at: ContinuousClock.Instant)?
        }
    }

    private final class Connection: Sendable {
        let session: SSHSession
        let inbox: TunnelInbox
        /// Held while a tunnel is opened.
        let opening = AsyncSemaphore()
        /// The tunnel that does not open, if any.
        let stuckOn = Mutex<Tunnel?>(nil)
        let isOver = Mutex(false)

        init(session: SSHSession) {
            self.session = session
            inbox = TunnelInbox(watch: session.watch)
        }

        var isUsable: Bool {
            !isOver.withLock { $0 } && stuckOn.withLock { $0?.isSettled ?? true }
        }
    }

    init() {
        (started, start) = AsyncStream.makeStream()
    }

    /// Runs the loops of the connections until ``close()``: a child task of the transport's scope.
    func serve() async {
        await withDiscardingTaskGroup { group in
            for await connection in started {
                group.addTask {
                    await connection.session.serveTunnels(connection.inbox)
                    connection.isOver.withLock { $0 = true }
                }
            }
        }
    }

    /// Ends all connections; ``serve()`` returns soon after.
    func close() {
        start.finish()
        let all = entries.withLock { entries in
            entries.values.flatMap { entry in entry.state.withLock { $0.connections } }
        }
        for connection in all {
            for tunnel in connection.inbox.close() { tunnel.settle(.refused("shut down")) }
        }
    }

    /// Opens a tunnel to `hop` through the last hop of `prefix`.
    ///
    /// - Returns: a connected descriptor that is registered with `watch`.
    func tunnel(
        to hop: Hop, through prefix: [Hop], for host: HostID, watch: Watch, timeout: Duration,
        connect: () async throws(RemoteError) -> SSHSession
    ) async throws(RemoteError) -> (descriptor: CInt, deadline: ContinuousClock.Instant) {
        let entry = entries.withLock { entries in
            if let entry = entries[prefix] { return entry }
            let entry = Entry()
            entries[prefix] = entry
            return entry
        }
        let asked = ContinuousClock.now
        while true {
            let connection = try await connection(of: entry, for: host, since: asked, connect)
            guard await connection.opening.enter() else {
                throw .cancelled(host: host)
            }
            // The previous task may have found the connection stuck.
            guard connection.isUsable else {
                connection.opening.leave()
                continue
            }
            // The machine's time limit begins with its turn.
            let deadline = ContinuousClock.now + timeout
            let tunnel: Tunnel
            do {
                tunnel = try Tunnel(to: hop.address, port: hop.port, watch: watch)
            } catch {
                connection.opening.leave()
                if case .descriptors(let code) = error {
                    throw DescriptorLimit.error(host: host, code: code, parallel: 0)
                }
                throw .unreachable(host: host, cause: "no socket pair")
            }
            do throws(RemoteError) {
                try await open(tunnel, on: connection, for: hop, host, until: deadline, timeout)
                do { try watch.add(tunnel.inner) } catch {
                    throw RemoteError.unreachable(
                        host: host, cause: "\(error.call): \(String(errno: error.code))")
                }
                return (tunnel.inner, deadline)
            } catch {
                closeDescriptor(tunnel.inner)
                throw error
            }
        }
    }

    private func open(
        _ tunnel: Tunnel, on connection: Connection, for hop: Hop, _ host: HostID,
        until deadline: ContinuousClock.Instant, _ timeout: Duration
    ) async throws(RemoteError) {
        let last = connection.session.hop.label
        let way = RemoteError.Operation.hop(to: hop.destination(from: host), through: last)
        guard connection.inbox.put(tunnel) else {
            connection.opening.leave()
            closeDescriptor(tunnel.outer)
            throw .unreachable(host: host, way, cause: "\(last) has ended its connection")
        }
        var outcome: Tunnel.Outcome?
        do {
            let soon = min(deadline, .now + Self.patience)
            do throws(WaitError) { outcome = try await tunnel.settled(until: soon) } catch {
                if error != .deadline { throw error }
                connection.stuckOn.withLock { $0 = tunnel }
            }
            connection.opening.leave()
        } catch {
            connection.stuckOn.withLock { $0 = tunnel }
            connection.opening.leave()
            throw .cancelled(host: host)
        }
        do {
            let final: Tunnel.Outcome
            if let outcome { final = outcome } else { final = try await tunnel.settled(until: deadline) }
            guard case .refused(let cause) = final else { return }
            throw RemoteError.unreachable(host: host, way, cause: cause)
        } catch let error as RemoteError {
            throw error
        } catch WaitError.deadline {
            throw .connectTimedOut(
                host: host, way, phase: "TCP connection", after: timeout)
        } catch {
            throw .cancelled(host: host)
        }
    }

    /// A connection that can open a tunnel; opens one if there is none.
    private func connection(
        of entry: Entry, for host: HostID, since asked: ContinuousClock.Instant,
        _ connect: () async throws(RemoteError) -> SSHSession
    ) async throws(RemoteError) -> Connection {
        func usable() -> Connection? {
            entry.state.withLock { state in
                state.connections.removeAll { $0.isOver.withLock { $0 } }
                return state.connections.first { $0.isUsable }
            }
        }
        if let connection = usable() { return connection }
        guard await entry.connecting.enter() else {
            throw .cancelled(host: host)
        }
        defer { entry.connecting.leave() }
        if let connection = usable() { return connection }
        if let failure = entry.state.withLock({ $0.failure }), failure.at + Self.memory > asked {
            throw failure.error.moved(to: host)
        }
        do throws(RemoteError) {
            let connection = Connection(session: try await connect())
            entry.state.withLock { state in
                state.failure = nil
                state.connections.append(connection)
            }
            if case .terminated = start.yield(connection) {
                await connection.session.close()
                throw RemoteError.cancelled(host: host)
            }
            return connection
        } catch {
            if error.isCancelled { throw error }
            entry.state.withLock { $0.failure = (error, .now) }
            throw error
        }
    }
}

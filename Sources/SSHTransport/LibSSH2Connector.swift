internal import Glibc
internal import Reactor
package import Remote

/// Logs in with libssh2: one epoll thread, no process per machine.
package final class LibSSH2Connector: Connector {
    private let options: ConnectionOptions
    private let reactor: Reactor
    private let dialer: Dialer
    private let routes: Routes
    private let hostKeys: HostKeys
    private let credentials: Credentials
    private let jumps: JumpHosts

    /// Whether this libssh2 can log in with RSA keys on OpenSSH 8.8 and later.
    package static var signsRSAWithSHA2: Bool { SessionHandle.canSignRSAWithSHA2 }

    init(options: ConnectionOptions, reactor: Reactor, secrets: Secrets, jumps: JumpHosts) {
        self.jumps = jumps
        self.options = options
        self.reactor = reactor
        dialer = Dialer(reactor: reactor)
        routes = Routes(options: options, reactor: reactor)
        hostKeys = HostKeys(reactor: reactor)
        credentials = Credentials(reactor: reactor, secrets: secrets)
    }

    package func connect(to target: SSHTarget) async throws(RemoteError) -> any PooledSession {
        let route = try await routes.route(to: target)
        return LibSSH2Session(
            session: try await connect(route[...], for: target.id), options: options,
            becomePassword: await credentials.secrets.becomePassword(options))
    }

    /// Connects to the last hop, through those before it, and logs in.
    private func connect(_ route: ArraySlice<Hop>, for host: HostID) async throws(RemoteError) -> SSHSession {
        guard let hop = route.last else {
            throw .configuration(host: host, cause: "there is nowhere to connect to", hint: nil)
        }
        let timeout = options.requestedConnectTimeout ?? hop.connectTimeout ?? options.connectTimeout
        let watch = reactor.makeWatch()
        let session: SSHSession
        let deadline: ContinuousClock.Instant
        do {
            let descriptor: CInt
            let before = route.dropLast()
            if before.isEmpty {
                deadline = .now + timeout
                let limit = min(options.requestedConnectTimeout ?? options.dialTimeout ?? timeout, timeout)
                descriptor = try await dial(
                    hop, for: host, watch: watch, until: min(deadline, .now + limit), timeout: limit)
            } else {
                (descriptor, deadline) = try await jumps.tunnel(
                    to: hop, through: Array(before), for: host, watch: watch, timeout: timeout
                ) { () throws(RemoteError) in try await connect(before, for: host) }
            }
            session = try SSHSession(host: host, hop: hop, descriptor: descriptor, watch: watch)
        } catch let error as RemoteError {
            watch.close()
            throw error
        } catch {
            watch.close()
            throw .unreachable(host: host, cause: "\(error)")
        }
        do {
            try await session.establish(hostKeys, credentials, until: deadline, timeout: timeout)
            return session
        } catch {
            await session.close()
            throw error
        }
    }

    private func dial(
        _ hop: Hop, for host: HostID, watch: Watch, until deadline: ContinuousClock.Instant, timeout: Duration
    ) async throws(RemoteError) -> CInt {
        let way = RemoteError.Operation.connect(to: hop.destination(from: host))
        do {
            return try await dialer.connect(
                to: hop.address, port: hop.port, family: hop.family, from: hop.source, watch: watch,
                until: deadline)
        } catch {
            switch error {
            case .unresolvable(let why):
                throw .unresolvable(
                    host: host, name: "\(hop.address)\(hop.family.purpose)", cause: why,
                    hint: hop.family == .any ? nil : "AddressFamily of the ssh configuration allows no other")
            case .noSource(let source, let why):
                throw .configuration(
                    host: host, operation: way, cause: "not from \(source): \(why)",
                    hint: "BindAddress of the ssh configuration wants this address to be used")
            case .refused(let why): throw .unreachable(host: host, way, cause: why)
            case .descriptors(let code):
                throw DescriptorLimit.error(host: host, code: code, parallel: options.parallel)
            case .wait(.deadline):
                throw .connectTimedOut(host: host, way, phase: "TCP connection", after: timeout)
            case .wait(.cancelled): throw .cancelled(host: host)
            case .wait(.closed): throw .unreachable(host: host, cause: "shut down")
            }
        }
    }
}

extension SSHSession {
    /// Turns a connected socket into a session: handshake, host key, login.
    func establish(
        _ hostKeys: HostKeys, _ credentials: Credentials, until deadline: ContinuousClock.Instant,
        timeout: Duration
    ) async throws(RemoteError) {
        let known = try await hostKeys.known(for: hop, on: host, until: deadline)
        try offerAlgorithms(knownBy: known.kinds(of: hop.knownHostsName, bareName: hop.bareName))
        do {
            try await handshake(until: deadline)
        } catch {
            throw phaseError(error, "ssh handshake", timeout)
        }
        try await hostKeys.check(
            key: handle.hostKey(), digest: handle.hostKeyDigest(), of: hop,
            at: hop.checksAddress ? SocketAddress.peer(of: handle.descriptor)?.text : nil, for: host,
            until: deadline)
        try await logIn(credentials, until: deadline, timeout: timeout)
    }
}

/// A session as the rest of haops sees it.
struct LibSSH2Session: PooledSession {
    let session: SSHSession
    let options: ConnectionOptions
    let becomePassword: SharedPassword?

    var host: HostID { session.host }

    func run(_ command: Command) async throws(RemoteError) -> CommandOutput {
        let timeout = command.timeout ?? options.commandTimeout
        guard await session.gate.enter() else {
            throw .cancelled(host: host, operation: command.operation, changes: false)
        }
        defer { session.gate.leave() }
        await session.limitSilence(to: silenceLimit(of: command))
        return try await session.run(command, password: becomePassword, timeout: timeout)
    }

    /// How long the peer may leave a packet without an answer before the connection counts as lost.
    ///
    /// A command that changes nothing is soon repeated over a new login. A change waits through a longer network
    /// failure, because its outcome would be unknown.
    private func silenceLimit(of command: Command) -> Duration {
        command.changes ? max(options.connectTimeout, .seconds(30)) : options.connectTimeout
    }

    var isUsable: Bool { get async { await session.isUsable } }

    func isAlive(within timeout: Duration) async -> Bool {
        guard await session.gate.enter() else { return true }
        defer { session.gate.leave() }
        return await session.isAlive(within: timeout)
    }

    func close() async { await session.close() }

    func hold<Result: Sendable>(
        _ command: Command, _ body: sending (any HeldCommand) async throws -> Result
    ) async throws -> Result {
        try await session.gate.pass {
            await session.limitSilence(to: silenceLimit(of: command))
            let held = try await session.hold(
                command, password: becomePassword, timeout: command.timeout ?? options.commandTimeout)
            do {
                let result = try await body(held)
                await held.end()
                return result
            } catch {
                await held.end()
                throw error
            }
        }
    }
}

internal import Glibc
internal import Reactor
internal import Synchronization

/// A TCP connection from a jump host to the next machine. In this process it is a socket pair, one end of which
/// is connected to a `direct-tcpip` channel.
///
/// Because the tunnel has a descriptor, a session through a jump host works like any other session.
final class Tunnel: Sendable {
    let host: String
    let port: Int
    /// The end for the session inside the tunnel; the caller that requested the tunnel owns it.
    let inner: CInt
    /// The end for the jump host's loop.
    let outer: CInt
    private let outcome = Mutex<Outcome?>(nil)
    /// Raised when there is an outcome.
    private let watch: Watch

    enum Outcome: Hashable, Sendable {
        case open
        case refused(String)
    }

    init(to host: String, port: Int, watch: Watch) throws(DialError) {
        var ends: [CInt] = [-1, -1]
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            if errno == EMFILE || errno == ENFILE { throw .descriptors(errno) }
            throw .refused(String(errno: errno))
        }
        self.host = host
        self.port = port
        self.watch = watch
        inner = ends[0]
        outer = ends[1]
    }

    func settle(_ outcome: Outcome) {
        self.outcome.withLock { if $0 == nil { $0 = outcome } }
        watch.raise()
    }

    /// Waits for the jump host's answer.
    func settled(until deadline: ContinuousClock.Instant) async throws(WaitError) -> Outcome {
        while true {
            if let outcome = outcome.withLock({ $0 }) { return outcome }
            _ = try await watch.wait(for: .both, until: deadline)
        }
    }

    var isSettled: Bool { outcome.withLock { $0 != nil } }
}

/// Tunnels that wait to be opened by the loop of their jump host.
final class TunnelInbox: Sendable {
    private let state = Mutex(State())
    private let watch: Watch

    private struct State {
        var waiting: [Tunnel] = []
        var isClosed = false
    }

    /// `watch` is what the loop waits on.
    init(watch: Watch) { self.watch = watch }

    /// Adds a tunnel; `false` when the loop has ended.
    func put(_ tunnel: Tunnel) -> Bool {
        let accepted = state.withLock { state in
            if !state.isClosed { state.waiting.append(tunnel) }
            return !state.isClosed
        }
        if accepted { watch.raise() }
        return accepted
    }

    /// The tunnels added since the last call; `nil` once the inbox is closed.
    func take() -> [Tunnel]? {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.isClosed ? nil : state.waiting
        }
    }

    /// Closes the inbox; returns the tunnels that the loop did not take.
    @discardableResult func close() -> [Tunnel] {
        let left = state.withLock { state in
            defer { state.waiting = [] }
            state.isClosed = true
            return state.waiting
        }
        watch.raise()
        return left
    }
}

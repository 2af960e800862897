internal import Glibc
internal import Reactor
internal import Synchronization

/// A TCP connection from a jump host onwards, as this process sees it: one end of a socket pair, whose other end is
/// pumped into a `direct-tcpip` channel.
///
/// With a descriptor of its own, a session through a jump host is a session like any other.
final class Tunnel: Sendable {
    let host: String
    let port: Int
    /// The end for the session that runs through the tunnel; it belongs to whoever asked for the tunnel.
    let inner: CInt
    /// The end for the pump.
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

    /// Hands a tunnel over; `false` when the loop has ended.
    func put(_ tunnel: Tunnel) -> Bool {
        let accepted = state.withLock { state in
            if !state.isClosed { state.waiting.append(tunnel) }
            return !state.isClosed
        }
        if accepted { watch.raise() }
        return accepted
    }

    /// What came since the last call; `nil` once the inbox is closed.
    func take() -> [Tunnel]? {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.isClosed ? nil : state.waiting
        }
    }

    /// Closes the inbox; returns what nobody took.
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

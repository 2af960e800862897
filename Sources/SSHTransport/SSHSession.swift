internal import CLibSSH2
internal import Glibc
internal import Reactor
internal import Remote

/// An SSH connection and the only loop that drives it.
///
/// libssh2 allows one call at a time, and a call that would block must be repeated before any other. The actor
/// serialises single calls, but it is reentrant at each wait. So a loop over several calls holds ``gate``.
actor SSHSession {
    /// The machine on whose behalf this connection exists, for errors.
    let host: HostID
    let hop: Hop
    let gate = AsyncSemaphore()
    var handle: SessionHandle
    let watch: Watch
    /// Whether the session is unusable: a packet may be half sent, or the peer is gone.
    private(set) var isBroken = false
    private(set) var isClosed = false
    /// When the peer last answered ``isAlive(within:)``.
    private var lastSign: ContinuousClock.Instant?
    /// The last command's channel, not freed yet: freeing sends a packet, which is unnecessary when no command
    /// follows.
    var spent: ChannelHandle?
    /// The command that ``hold(_:password:timeout:)`` started, and the lines it has printed.
    var held: RunningCommand?
    var lines = LineBuffer()

    /// Takes ownership of `descriptor`, which is connected, non-blocking and registered with `watch`.
    init(host: HostID, hop: Hop, descriptor: CInt, watch: Watch) throws(SSHFailure) {
        self.host = host
        self.hop = hop
        self.watch = watch
        self.handle = try SessionHandle(descriptor: descriptor)
    }

    /// Why a loop ended early.
    enum Interruption: Error {
        case ssh(SSHFailure)
        case wait(WaitError)

        var cause: String {
            switch self {
            case .ssh(let failure): failure.message
            case .wait(.deadline): "no answer in time"
            case .wait(.cancelled): "interrupted"
            case .wait(.closed): "shut down"
            }
        }

        /// The hint when the server and libssh2 have no algorithm in common.
        var hint: String? {
            guard case .ssh(let failure) = self, failure.code == LIBSSH2_ERROR_KEX_FAILURE else { return nil }
            let library = "libssh2 \(SessionHandle.libraryVersion)"
            return SessionHandle.canSignRSAWithSHA2
                ? "what the server wants may be unknown to \(library): use --transport openssh"
                : "\(library) takes RSA host keys as `ssh-rsa` (SHA-1) only, which OpenSSH 8.8 and later do not offer: "
                    + "use --transport openssh, libssh2 1.11 or later, or give the host an ed25519 key"
        }
    }

    /// Repeats one call until it is done, and waits for the socket in between.
    ///
    /// After any failure the session is unusable, because a packet may be half sent.
    func drive<Value>(
        until deadline: ContinuousClock.Instant, _ call: () throws(SSHFailure) -> Step<Value>
    ) async throws(Interruption) -> Value {
        while true {
            guard !isClosed else { throw .wait(.closed) }
            let step: Step<Value>
            do {
                step = try call()
            } catch {
                if error.isFatal { isBroken = true }
                throw .ssh(error)
            }
            switch step {
            case .done(let value): return value
            case .wouldBlock: try await wait(until: deadline)
            }
        }
    }

    /// Waits for an edge in any direction, not only in the one that blocks libssh2.
    ///
    /// Every libssh2 call drains the socket, including packets that another call waits for: reading standard
    /// error also receives standard output. epoll then has nothing left to report as readable, and the edge says
    /// "writable" only. A wait for "readable" would never end, with the packet in libssh2's queue.
    func wait(until deadline: ContinuousClock.Instant) async throws(Interruption) {
        do {
            _ = try await watch.wait(for: .both, until: deadline)
        } catch {
            isBroken = true
            throw .wait(error)
        }
    }

    /// The handshake: versions, keys, encryption. The host key is verified to belong to the peer, but not trusted
    /// yet.
    func handshake(until deadline: ContinuousClock.Instant) async throws(Interruption) {
        try await drive(until: deadline) { () throws(SSHFailure) in try handle.handshake() }
    }

    /// Sets how long the peer may leave sent data unacknowledged before the connection is lost (tcp(7),
    /// TCP_USER_TIMEOUT). A tunnel has no such limit: the jump host acknowledges for the peer.
    func limitSilence(to limit: Duration) {
        guard !isClosed else { return }
        var milliseconds = CUnsignedInt(clamping: limit.components.seconds * 1000)
        _ = unsafe setsockopt(
            handle.descriptor, CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds,
            socklen_t(MemoryLayout<CUnsignedInt>.size))
    }

    /// Whether a command can be sent: the session is not broken, and the peer has not closed it.
    var isUsable: Bool { !isBroken && !isClosed && handle.isConnected }

    /// Sends a request that every server answers, and waits for bytes to arrive. Needs exclusive use of the
    /// session.
    func isAlive(within timeout: Duration) async -> Bool {
        guard isUsable else { return false }
        if let lastSign, lastSign.duration(to: .now) < Self.lifeIsKnownFor { return true }
        let deadline = ContinuousClock.now + timeout
        let before = handle.unreadBytes
        do {
            try await drive(until: deadline) { () throws(SSHFailure) in try handle.askForLife() }
            while handle.unreadBytes <= before {
                guard handle.isConnected else { return false }
                try await wait(until: deadline)
            }
            lastSign = .now
            return true
        } catch {
            isBroken = true
            return false
        }
    }

    /// How long a positive answer counts: libssh2 sends no second request within two seconds.
    static let lifeIsKnownFor = Duration.seconds(3)

    /// Marks the session as unusable.
    func abandon() { isBroken = true }

    /// Disconnects without waiting, and frees all resources.
    ///
    /// The order matters: first the disconnect message while the socket works, then the socket's removal from
    /// epoll, and only then libssh2's session and the descriptor.
    func close() {
        guard !isClosed else { return }
        if !isBroken { _ = try? handle.disconnect() }
        isClosed = true
        isBroken = true
        watch.remove(handle.descriptor)
        watch.close()
        handle.end()
    }
}

extension SSHFailure {
    /// Whether the connection itself is gone or in an unknown state, as opposed to a refused request.
    var isFatal: Bool {
        switch code {
        case LIBSSH2_ERROR_AUTHENTICATION_FAILED, LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED,
            LIBSSH2_ERROR_CHANNEL_FAILURE, LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED,
            LIBSSH2_ERROR_METHOD_NOT_SUPPORTED:
            false
        default: !isAboutKeyFile
        }
    }

    /// Whether a private key could not be decoded, before anything was sent: libssh2 1.10 has several codes for it, a
    /// wrong passphrase being a bare -1.
    var isAboutKeyFile: Bool {
        [LIBSSH2_ERROR_FILE, LIBSSH2_ERROR_PROTO, LIBSSH2_ERROR_METHOD_NONE, LIBSSH2_ERROR_SOCKET_NONE]
            .contains(code)
    }
}

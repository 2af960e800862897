internal import CLibSSH2
internal import Glibc
internal import Reactor
internal import Remote

/// An SSH connection and the only loop that drives it.
///
/// libssh2 wants one call at a time, and a call that would block repeated before any other. The actor keeps the
/// calls apart, but it re-enters at each wait, so whoever runs a loop over several calls passes ``gate`` first.
actor SSHSession {
    /// The machine on whose behalf this connection exists, for errors.
    let host: HostID
    let hop: Hop
    let gate = Gate()
    var handle: SessionHandle
    let watch: Watch
    /// A packet may be half sent, or the peer is gone: nothing more can be asked.
    private(set) var isBroken = false
    private(set) var isClosed = false
    /// Finished, but not yet freed: freeing sends a packet, which is wasted when no command follows.
    var spent: ChannelHandle?
    /// The command that ``hold(_:password:timeout:)`` started, and the lines it has printed.
    var held: RunningCommand?
    var lines = LineBuffer()

    /// Takes over `descriptor`, which is connected, non-blocking and known to `watch`.
    init(host: HostID, hop: Hop, descriptor: CInt, watch: Watch) throws(SSHFailure) {
        self.host = host
        self.hop = hop
        self.watch = watch
        self.handle = try SessionHandle(descriptor: descriptor)
    }

    /// What ends a loop early.
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

        /// The way out where the server and libssh2 have no algorithm in common.
        var hint: String? {
            guard case .ssh(let failure) = self, failure.code == LIBSSH2_ERROR_KEX_FAILURE else { return nil }
            let library = "libssh2 \(SessionHandle.libraryVersion)"
            return SessionHandle.canSignRSAWithSHA2
                ? "what the server wants may be unknown to \(library): use --transport openssh"
                : "\(library) takes RSA host keys as `ssh-rsa` (SHA-1) only, which OpenSSH 8.8 and later do not offer: "
                    + "use --transport openssh, libssh2 1.11 or later, or give the host an ed25519 key"
        }
    }

    /// Repeats one call until it is done: step, wait for what blocks it, the same step again.
    ///
    /// Any end but success leaves the session unusable: a packet may be half sent.
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

    /// Waits for any edge at all, not only for the direction that libssh2 is blocked in.
    ///
    /// Every call of libssh2 drains the socket, also of packets that another call waits for: a read of standard error
    /// takes in standard output. epoll then finds nothing to read any more, and reports the arrival as an edge that says
    /// "writable" alone. Whoever waited for "readable" would wait for good, with the packet in libssh2's queue.
    func wait(until deadline: ContinuousClock.Instant) async throws(Interruption) {
        do {
            _ = try await watch.wait(for: .both, until: deadline)
        } catch {
            isBroken = true
            throw .wait(error)
        }
    }

    /// The handshake: versions, keys, encryption. The host key is proved, not yet trusted.
    func handshake(until deadline: ContinuousClock.Instant) async throws(Interruption) {
        try await drive(until: deadline) { () throws(SSHFailure) in try handle.handshake() }
    }

    /// Nothing more can be asked of this session.
    func abandon() { isBroken = true }

    /// Says goodbye without waiting, and gives everything back. The session is over afterwards.
    ///
    /// The order matters: the farewell while the socket works, then the socket leaves epoll, and only then libssh2's
    /// session and the descriptor's number are given up.
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
    /// Whether the connection itself is gone or in an unknown state, as opposed to a request refused.
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

internal import CLibSSH2
internal import Glibc
internal import Reactor

/// One libssh2 session, with a thin method for each C function. The pointer is used nowhere else.
///
/// Not thread-safe, because libssh2 is not: its owner serialises all calls, and repeats a call that would block
/// before it makes another one.
@safe struct SessionHandle: ~Copyable {
    /// For the extensions of this type only.
    let pointer: OpaquePointer

    /// `libssh2_init` is not thread-safe; Swift runs this once. Never undone: the process ends instead.
    private static let initialised = libssh2_init(0)

    /// The connected, non-blocking socket, owned from here on.
    let descriptor: CInt
    private var isEnded = false

    /// The corresponding C function is `libssh2_session_init_ex`.
    init(descriptor: CInt) throws(SSHFailure) {
        guard Self.initialised == 0, let pointer = unsafe libssh2_session_init_ex(nil, nil, nil, nil) else {
            _ = close(descriptor)
            throw SSHFailure(code: LIBSSH2_ERROR_ALLOC, message: "libssh2 cannot be initialised")
        }
        unsafe self.pointer = pointer
        self.descriptor = descriptor
        unsafe libssh2_session_set_blocking(pointer, 0)
    }

    /// Frees the session with its channels, then closes the socket. Nothing may be called after it.
    ///
    /// Freeing sends channel closes, which may block. So the socket is shut down first, and every attempt to send
    /// fails at once. The number of attempts is bounded in case libssh2 still reports that it would block. The
    /// corresponding C function is `libssh2_session_free`.
    mutating func end() {
        guard !isEnded else { return }
        isEnded = true
        _ = shutdown(descriptor, CInt(SHUT_RDWR))
        for _ in 0..<32 where unsafe libssh2_session_free(pointer) != LIBSSH2_ERROR_EAGAIN { break }
        _ = close(descriptor)
    }

    deinit {
        guard !isEnded else { return }
        _ = shutdown(descriptor, CInt(SHUT_RDWR))
        for _ in 0..<32 where unsafe libssh2_session_free(pointer) != LIBSSH2_ERROR_EAGAIN { break }
        _ = close(descriptor)
    }

    /// The version of the loaded library, which may differ from that of the header.
    static var libraryVersion: String {
        guard let text = unsafe libssh2_version(0) else { return "unknown" }
        return unsafe String(cString: text)
    }

    /// Whether the library is at least `0xMMmmpp`.
    static func libraryIsAtLeast(_ version: Int32) -> Bool { unsafe libssh2_version(version) != nil }

    /// libssh2 supports `rsa-sha2-256` and `rsa-sha2-512` since 1.11.
    static let canSignRSAWithSHA2 = libraryIsAtLeast(0x010b00)

    // MARK: - Outcomes

    /// The text of the last error, copied before another call replaces it.
    /// The corresponding C function is `libssh2_session_last_error`.
    func failure(_ code: Int32) -> SSHFailure {
        var text: UnsafeMutablePointer<CChar>?
        var length: Int32 = 0
        unsafe libssh2_session_last_error(pointer, &text, &length, 0)
        let message = unsafe text.map { unsafe String(cString: $0) } ?? ""
        return SSHFailure(code: code, message: message.isEmpty ? "libssh2 error \(code)" : message)
    }

    var lastCode: Int32 { unsafe libssh2_session_last_errno(pointer) }

    /// The corresponding C function is `libssh2_session_block_directions`.
    var blockDirections: Readiness {
        let directions = unsafe libssh2_session_block_directions(pointer)
        var readiness: Readiness = []
        if directions & LIBSSH2_SESSION_BLOCK_INBOUND != 0 { readiness.insert(.readable) }
        if directions & LIBSSH2_SESSION_BLOCK_OUTBOUND != 0 { readiness.insert(.writable) }
        return readiness.isEmpty ? .readable : readiness
    }

    func step(_ code: Int32) throws(SSHFailure) -> Step<Void> {
        if code == LIBSSH2_ERROR_EAGAIN { return .wouldBlock(blockDirections) }
        if code < 0 { throw failure(code) }
        return .done(())
    }

    // MARK: - Handshake

    /// What both sides must agree on, grouped as in the C constants.
    enum Method: Sendable {
        case keyExchange, hostKey, cipher, mac

        /// libssh2 keeps the two directions apart.
        fileprivate var codes: [Int32] {
            switch self {
            case .keyExchange: [LIBSSH2_METHOD_KEX]
            case .hostKey: [LIBSSH2_METHOD_HOSTKEY]
            case .cipher: [LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC]
            case .mac: [LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC]
            }
        }
    }

    /// Offers these algorithms and no others, before the handshake.
    /// The corresponding C function is `libssh2_session_method_pref`.
    func offer(_ algorithms: [String], for method: Method) throws(SSHFailure) {
        for code in method.codes { try prefer(algorithms, code) }
    }

    /// Sets the signature algorithms of RSA keys. Only valid when ``canSignRSAWithSHA2``. The corresponding C
    /// function is `libssh2_session_method_pref`.
    func prefer(rsaSignatures: [String]) throws(SSHFailure) {
        // LIBSSH2_METHOD_SIGN_ALGO, which the headers of 1.10 do not have.
        try prefer(rsaSignatures, 10)
    }

    private func prefer(_ algorithms: [String], _ method: Int32) throws(SSHFailure) {
        let code = unsafe libssh2_session_method_pref(
            pointer, method, algorithms.joined(separator: ","))
        if code < 0 { throw failure(code) }
    }

    /// The algorithms that this libssh2 has.
    /// The corresponding C function is `libssh2_session_supported_algs`.
    func supported(_ method: Method) -> [String] {
        var list: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        let count = unsafe libssh2_session_supported_algs(pointer, method.codes[0], &list)
        guard count > 0, let names = unsafe list else { return [] }
        defer { unsafe libssh2_free(pointer, names) }
        return (0..<Int(count)).compactMap { index in
            guard let name = unsafe names[index] else { return nil }
            return unsafe String(cString: name)
        }
    }

    /// The corresponding C function is `libssh2_session_handshake`.
    func handshake() throws(SSHFailure) -> Step<Void> {
        try step(unsafe libssh2_session_handshake(pointer, descriptor))
    }

    /// The host key that the handshake proved, as RFC 4253 section 6.6 encodes it.
    /// The corresponding C function is `libssh2_session_hostkey`.
    func hostKey() -> [UInt8] {
        var length = 0
        var type: Int32 = 0
        guard let bytes = unsafe libssh2_session_hostkey(pointer, &length, &type) else { return [] }
        return unsafe UnsafeRawBufferPointer(start: bytes, count: length).map { $0 }
    }

    /// SHA-256 of the host key. The corresponding C function is `libssh2_hostkey_hash`.
    func hostKeyDigest() -> [UInt8] {
        guard let bytes = unsafe libssh2_hostkey_hash(pointer, LIBSSH2_HOSTKEY_HASH_SHA256) else { return [] }
        return unsafe UnsafeRawBufferPointer(start: bytes, count: 32).map { $0 }
    }

    /// What the server calls itself. The corresponding C function is `libssh2_session_banner_get`.
    func banner() -> String {
        guard let text = unsafe libssh2_session_banner_get(pointer) else { return "" }
        return unsafe String(cString: text)
    }

    /// The corresponding C function is `libssh2_session_disconnect_ex`.
    func disconnect() throws(SSHFailure) -> Step<Void> {
        try step(
            unsafe libssh2_session_disconnect_ex(pointer, SSH_DISCONNECT_BY_APPLICATION, "done", ""))
    }

    // MARK: - An idle connection

    /// Whether the peer has not closed the connection, and nothing has broken it, as far as this machine knows.
    var isConnected: Bool {
        var byte: UInt8 = 0
        let count = unsafe recv(descriptor, &byte, 1, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT))
        return count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR)
    }

    /// Bytes that have arrived and that libssh2 has not read.
    var unreadBytes: Int {
        var count: CInt = 0
        return unsafe ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// Requests an answer without effect: sends a global request that no server knows (RFC 4254 section 4). The
    /// corresponding C function is `libssh2_keepalive_send`.
    func askForLife() throws(SSHFailure) -> Step<Void> {
        // libssh2 sends nothing within this interval, in seconds, after the last request.
        unsafe libssh2_keepalive_config(pointer, 1, 2)
        var seconds: CInt = 0
        return try step(unsafe libssh2_keepalive_send(pointer, &seconds))
    }

    // MARK: - Channels

    /// Opens a session channel with a window of 2 MiB: the most that the peer may send unread, and so the most
    /// memory for one channel. The corresponding C function is `libssh2_channel_open_ex`.
    func openSession() throws(SSHFailure) -> Step<ChannelHandle> {
        unsafe try opened(
            libssh2_channel_open_ex(
                pointer, "session", 7, 2 << 20,
                32768, nil, 0))
    }

    /// Opens a TCP connection from the server to another machine. The corresponding C function is
    /// `libssh2_channel_direct_tcpip_ex`.
    func openTunnel(to host: String, port: Int) throws(SSHFailure) -> Step<ChannelHandle> {
        unsafe try opened(libssh2_channel_direct_tcpip_ex(pointer, host, Int32(port), "127.0.0.1", 0))
    }

    private func opened(_ channel: OpaquePointer?) throws(SSHFailure) -> Step<ChannelHandle> {
        if let channel = unsafe channel { return .done(unsafe ChannelHandle(channel)) }
        return switch try step(lastCode) {
        case .wouldBlock(let directions): .wouldBlock(directions)
        case .done: throw SSHFailure(code: LIBSSH2_ERROR_CHANNEL_FAILURE, message: "no channel")
        }
    }
}

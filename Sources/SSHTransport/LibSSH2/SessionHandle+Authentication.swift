internal import CLibSSH2
internal import Glibc
internal import Reactor
internal import Synchronization

extension SessionHandle {
    /// The methods that the server accepts now; `nil` when it needs none and the user is logged in. The
    /// corresponding C function is `libssh2_userauth_list`.
    func authenticationMethods(user: String) throws(SSHFailure) -> Step<[String]?> {
        if let list = unsafe libssh2_userauth_list(pointer, user, UInt32(user.utf8.count)) {
            let text = unsafe String(cString: list)
            return .done(text.split(separator: ",").map(String.init))
        }
        if unsafe libssh2_userauth_authenticated(pointer) == 1 { return .done(nil) }
        return switch try step(lastCode) {
        case .wouldBlock(let directions): .wouldBlock(directions)
        case .done: .done([])
        }
    }

    /// Logs in with a private key in PEM or OpenSSH format. When the public half, a line of a `.pub` file, is
    /// given as well, the private one is decoded once instead of twice, which saves time for an encrypted key.
    /// The corresponding C function is `libssh2_userauth_publickey_frommemory`.
    func authenticate(user: String, key: [UInt8], publicLine: String?, passphrase: String?)
        throws(SSHFailure) -> Step<Void>
    {
        // libssh2 forgets the length on the way and looks for the end of a text (its issue 773).
        let text = key + [0]
        let code = unsafe text.withUnsafeBytes { bytes in
            unsafe libssh2_userauth_publickey_frommemory(
                pointer, user, user.utf8.count, publicLine, publicLine?.utf8.count ?? 0,
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), key.count, passphrase)
        }
        return try step(code)
    }

    /// Logs in with a key whose private half is elsewhere: `signature` makes the signature, and is called only
    /// after the server has accepted the key. The corresponding C function is `libssh2_userauth_publickey`.
    func authenticate(user: String, publicKey: [UInt8], signature: SignatureRequest) throws(SSHFailure)
        -> Step<Void>
    {
        var context: UnsafeMutableRawPointer? = unsafe Unmanaged.passUnretained(signature).toOpaque()
        let code = unsafe publicKey.withUnsafeBufferPointer { key in
            unsafe libssh2_userauth_publickey(
                pointer, user, key.baseAddress, key.count,
                { _, signature, length, data, count, context in
                    guard let context = unsafe context?.pointee else { return -1 }
                    let request = unsafe Unmanaged<SignatureRequest>.fromOpaque(context).takeUnretainedValue()
                    return unsafe request.answer(signature, length, data, count)
                }, &context)
        }
        withExtendedLifetime(signature) {}
        return try step(code)
    }

    /// The corresponding C function is `libssh2_userauth_password_ex`.
    func authenticate(user: String, password: String) throws(SSHFailure) -> Step<Void> {
        try step(
            unsafe libssh2_userauth_password_ex(
                pointer, user, UInt32(user.utf8.count), password, UInt32(password.utf8.count), nil))
    }

    /// Answers every prompt without echo with `answer.text`. The corresponding C function is
    /// `libssh2_userauth_keyboard_interactive_ex`.
    func authenticate(user: String, interactive answer: InteractiveAnswer) throws(SSHFailure) -> Step<Void> {
        let abstract = unsafe libssh2_session_abstract(pointer)
        unsafe abstract?.pointee = unsafe Unmanaged.passUnretained(answer).toOpaque()
        defer { unsafe abstract?.pointee = nil }
        let code = unsafe libssh2_userauth_keyboard_interactive_ex(
            pointer, user, UInt32(user.utf8.count)
        ) { _, _, _, _, count, prompts, responses, abstract in
            guard let context = unsafe abstract?.pointee else { return }
            let answer = unsafe Unmanaged<InteractiveAnswer>.fromOpaque(context).takeUnretainedValue()
            for index in 0..<max(0, Int(count)) {
                guard unsafe prompts?[index].echo == 0, let copy = unsafe strdup(answer.text) else {
                    continue
                }
                // Freed by libssh2 with the session's allocator, which is malloc's.
                unsafe responses?[index].text = unsafe copy
                unsafe responses?[index].length = UInt32(strlen(copy))
            }
        }
        withExtendedLifetime(answer) {}
        return try step(code)
    }

    /// Frees what libssh2 allocated. The corresponding C function is `libssh2_free`.
    func release(_ memory: UnsafeMutableRawPointer) {
        unsafe libssh2_free(pointer, memory)
    }
}

/// The answer to keyboard-interactive questions, which is the password.
final class InteractiveAnswer: Sendable {
    let text: String

    init(_ text: String) { self.text = text }
}

/// A signature that is made outside of libssh2, without blocking a thread.
///
/// When libssh2 first asks, ``data`` is stored and the call reports that it would block. After
/// ``complete(with:)`` the repeated call succeeds.
final class SignatureRequest: Sendable {
    private let state = Mutex(State())
    /// Stop instead of waiting for a signature: the caller only needs to know whether the server accepts the key.
    private let probeOnly: Bool

    private struct State {
        var data: [UInt8]?
        var signature: [UInt8]?
    }

    init(probeOnly: Bool = false) { self.probeOnly = probeOnly }

    /// The data to sign; `nil` until the server has accepted the key.
    var data: [UInt8]? { state.withLock { $0.data } }

    /// Whether the server accepted the key and the signature is still missing.
    var isOpen: Bool { state.withLock { $0.data != nil && $0.signature == nil } }

    /// Sets the bare signature, made with the algorithm that ``data`` names.
    func complete(with signature: [UInt8]) { state.withLock { $0.signature = signature } }

    fileprivate func answer(
        _ signature: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?,
        _ length: UnsafeMutablePointer<Int>?, _ data: UnsafePointer<UInt8>?, _ count: Int
    ) -> Int32 {
        guard let made = state.withLock({ $0.signature }) else {
            let wanted = unsafe Array(UnsafeBufferPointer(start: data, count: count))
            state.withLock { $0.data = wanted }
            return probeOnly ? -1 : LIBSSH2_ERROR_EAGAIN
        }
        guard let copy = unsafe malloc(max(1, made.count)) else { return -1 }
        // Freed by libssh2 with the session's allocator, which is malloc's.
        unsafe made.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { unsafe copy.copyMemory(from: start, byteCount: bytes.count) }
        }
        unsafe signature?.pointee = unsafe copy.assumingMemoryBound(to: UInt8.self)
        unsafe length?.pointee = made.count
        return 0
    }
}

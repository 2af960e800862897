internal import CLibSSH2
internal import Glibc
internal import Remote

/// One channel of a session, with a thin method for each C function.
///
/// It is valid until ``free(on:)`` or the end of its session. Only the session's owner may call it.
@safe struct ChannelHandle {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    /// The streams of RFC 4254 section 5.2.
    enum Stream: Int32 {
        case output = 0
        case error = 1
    }

    /// Requests a command. The corresponding C function is `libssh2_channel_process_startup`.
    func exec(_ line: String, on session: borrowing SessionHandle) throws(SSHFailure) -> Step<Void> {
        try session.step(
            unsafe libssh2_channel_process_startup(
                pointer, "exec", 4, line, UInt32(line.utf8.count)))
    }

    /// Reads available bytes into `buffer`; zero bytes mean the end of the stream or no data now. The
    /// corresponding C function is `libssh2_channel_read_ex`.
    func read(
        _ stream: Stream, into buffer: UnsafeMutableRawBufferPointer, on session: borrowing SessionHandle
    ) throws(SSHFailure) -> Step<Int> {
        let count = unsafe libssh2_channel_read_ex(
            pointer, stream.rawValue, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        return try bytes(count, on: session)
    }

    /// Writes a part of `bytes`. A call that would block is repeated with the same bytes.
    /// The corresponding C function is `libssh2_channel_write_ex`.
    func write(_ bytes: UnsafeRawBufferPointer, on session: borrowing SessionHandle)
        throws(SSHFailure) -> Step<Int>
    {
        let count = unsafe libssh2_channel_write_ex(
            pointer, 0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        return try self.bytes(count, on: session)
    }

    private func bytes(_ count: Int, on session: borrowing SessionHandle) throws(SSHFailure) -> Step<Int> {
        if count == Int(LIBSSH2_ERROR_EAGAIN) { return .wouldBlock(session.blockDirections) }
        if count < 0 { throw session.failure(Int32(truncatingIfNeeded: count)) }
        return .done(count)
    }

    /// Ends the standard input of the command. The corresponding C function is `libssh2_channel_send_eof`.
    func sendEOF(on session: borrowing SessionHandle) throws(SSHFailure) -> Step<Void> {
        try session.step(unsafe libssh2_channel_send_eof(pointer))
    }

    /// Whether the other side will send no more data and all of it was read.
    /// The corresponding C function is `libssh2_channel_eof`.
    var isAtEnd: Bool { unsafe libssh2_channel_eof(pointer) == 1 }

    /// Waits for the other side to close the channel, which it may do only after its end of data.
    /// The corresponding C function is `libssh2_channel_wait_closed`.
    func waitClosed(on session: borrowing SessionHandle) throws(SSHFailure) -> Step<Void> {
        try session.step(unsafe libssh2_channel_wait_closed(pointer))
    }

    /// How the command ended. Valid once the channel is closed.
    ///
    /// The corresponding C functions are `libssh2_channel_get_exit_signal` and
    /// `libssh2_channel_get_exit_status`. They cannot tell a missing status from zero; OpenSSH and Dropbear
    /// always send one before they close.
    func exitStatus(on session: borrowing SessionHandle) -> ExitStatus {
        var name: UnsafeMutablePointer<CChar>?
        var length = 0
        unsafe libssh2_channel_get_exit_signal(pointer, &name, &length, nil, nil, nil, nil)
        if let name = unsafe name, length > 0 {
            defer { unsafe session.release(UnsafeMutableRawPointer(name)) }
            return .signal(unsafe String(cString: name))
        }
        return .code(Int(unsafe libssh2_channel_get_exit_status(pointer)))
    }

    /// Closes the channel and frees it. The corresponding C function is `libssh2_channel_free`.
    func free(on session: borrowing SessionHandle) throws(SSHFailure) -> Step<Void> {
        try session.step(unsafe libssh2_channel_free(pointer))
    }
}

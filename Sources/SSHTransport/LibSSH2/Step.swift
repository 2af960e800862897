internal import Reactor

/// The result of one libssh2 call. "Would block" is not an error: the same call must be repeated once the socket
/// is ready.
enum Step<Value> {
    case done(Value)
    case wouldBlock(Readiness)
}

/// A failed libssh2 call, with libssh2's error text at that moment.
struct SSHFailure: Error, Hashable, Sendable {
    /// One of `LIBSSH2_ERROR_…`.
    let code: Int32
    let message: String
}

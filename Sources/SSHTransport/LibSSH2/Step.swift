internal import Reactor

/// What one call into libssh2 came to. "Would block" is a value: nothing went wrong, the same call has to
/// be made again once the socket is ready.
enum Step<Value> {
    case done(Value)
    case wouldBlock(Readiness)
}

/// A call into libssh2 that failed, with the text that belonged to it at that moment.
struct SSHFailure: Error, Hashable, Sendable {
    /// One of `LIBSSH2_ERROR_…`.
    let code: Int32
    let message: String
}

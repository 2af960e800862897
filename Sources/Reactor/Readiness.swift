/// The directions in which a descriptor can be ready.
package struct Readiness: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let readable = Readiness(rawValue: 1)
    package static let writable = Readiness(rawValue: 2)
    package static let both: Readiness = [.readable, .writable]
}

/// Why a wait ended without readiness.
package enum WaitError: Error, Hashable, Sendable {
    /// The deadline passed first.
    case deadline
    /// The waiting task was cancelled.
    case cancelled
    /// The reactor was shut down, or the watch was closed.
    case closed
}

/// A system call of the reactor that failed.
package struct ReactorError: Error, Hashable, Sendable {
    /// The name of the C function.
    package let call: String
    /// The value of `errno`.
    package let code: CInt

    package init(call: String, code: CInt) {
        self.call = call
        self.code = code
    }
}

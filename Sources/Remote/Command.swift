/// What one remote execution runs: a POSIX shell script, with bytes for its standard input.
///
/// The script travels as the argument of `sh -c` and is visible in the node's process list, so it
/// never holds a secret: secrets go into ``input``.
package struct Command: Sendable {
    /// POSIX shell text; at most 100 KiB (a kernel takes 128 KiB in one argument).
    package var script: String
    /// Bytes for the script's standard input, closed after the last one.
    package var input: [UInt8]
    /// What the operator would call this, for errors and progress: "read facts", "reload keepalived".
    package var operation: String
    /// Whether the script changes the node: then a lost connection means that the outcome is unknown.
    package var changes: Bool
    /// Run as root through sudo when the login user is not root.
    package var privileged: Bool
    /// The time the script may take once it was sent; `nil` takes the connection's own command timeout.
    package var timeout: Duration?
    /// The most bytes that the script may print, standard output and standard error together; of a command that is held,
    /// the most in one line. A node that prints without end must not fill this machine's memory.
    package var outputLimit: Int
    /// What becomes of a script that prints more than ``outputLimit``.
    package var overflow: Overflow

    /// What becomes of a script that prints more than it may; its channel is closed at once in any case.
    package enum Overflow: Sendable {
        /// It is an error: half an answer may say the opposite of the whole.
        case fails
        /// What fits is the answer, with ``ExitStatus/cut(at:)`` in the place of the status.
        case cuts
    }

    /// Enough for every answer that haops asks a node for.
    package static let usualOutputLimit = 8 << 20

    package init(
        _ script: String, operation: String, input: [UInt8] = [], changes: Bool = false,
        privileged: Bool = true, timeout: Duration? = nil, outputLimit: Int = Command.usualOutputLimit,
        overflow: Overflow = .fails
    ) {
        self.script = script
        self.operation = operation
        self.input = input
        self.changes = changes
        self.privileged = privileged
        self.timeout = timeout
        self.outputLimit = outputLimit
        self.overflow = overflow
    }
}

/// How a remote command ended: an exit status or a signal, both of them data, or not within what it may print.
package enum ExitStatus: Hashable, Sendable, CustomStringConvertible {
    case code(Int)
    /// The signal's name without `SIG`, as RFC 4254 section 6.10 transmits it.
    case signal(String)
    /// It printed more than so many bytes, and was not waited for: how it ended is unknown.
    case cut(at: Int)

    package var isSuccess: Bool { self == .code(0) }

    package var description: String {
        switch self {
        case .code(let code): "exit \(code)"
        case .signal(let name): "killed by SIG\(name)"
        case .cut(let limit): "cut off after \(limit.briefBytes), its end is unknown"
        }
    }
}

/// Everything that a remote command left behind.
package struct CommandOutput: Sendable {
    package var stdout: [UInt8]
    package var stderr: [UInt8]
    package var status: ExitStatus

    package init(stdout: [UInt8], stderr: [UInt8], status: ExitStatus) {
        self.stdout = stdout
        self.stderr = stderr
        self.status = status
    }

    /// Standard output as text; bytes that are not UTF-8 become U+FFFD. Not yet fit for a terminal.
    package var text: String { String(decoding: stdout, as: UTF8.self) }
    package var errorText: String { String(decoding: stderr, as: UTF8.self) }
}

extension Int {
    /// "8 MiB", "64 KiB": a number of bytes, for people.
    package var briefBytes: String {
        if self >= 1 << 20, self % (1 << 20) == 0 { return "\(self >> 20) MiB" }
        return self >= 1 << 10 ? "\(self >> 10) KiB" : "\(self) bytes"
    }
}

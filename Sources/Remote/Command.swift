/// What one remote execution runs: a POSIX shell script, with bytes for its standard input.
///
/// The script travels as the argument of `sh -c` and is visible in the node's process list, so it
/// never holds a secret: secrets go into ``input``.
package struct Command: Sendable {
    /// POSIX shell text; at most 100 KiB (Linux accepts 128 KiB in one argument).
    package var script: String
    /// Bytes for the script's standard input, closed after the last one.
    package var input: [UInt8]
    /// The operation's name in errors and progress: "read facts", "reload keepalived".
    package var operation: String
    /// Whether the script changes the node. If it does, the outcome after a lost connection is unknown.
    package var changes: Bool
    /// Run as root through sudo when the login user is not root.
    package var privileged: Bool
    /// The time limit once the script was sent; `nil` means the connection's command timeout.
    package var timeout: Duration?
    /// The most bytes that the script may print on standard output and standard error together; for a held
    /// command, the most in one line. The limit protects this machine's memory from a node that prints without
    /// end.
    package var outputLimit: Int
    /// What happens when a script prints more than ``outputLimit``.
    package var overflow: Overflow

    /// What happens when a script exceeds its output limit. Its channel is closed at once in both cases.
    package enum Overflow: Sendable {
        /// The command fails, because a truncated answer may mean the opposite of the whole one.
        case fails
        /// The truncated output is returned with the status ``ExitStatus/cut(at:)``.
        case cuts
    }

    /// Enough for every question that haops asks a node. Bytes.
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

/// How a remote command ended: with an exit status, by a signal, or cut off at its output limit. None of these is
/// an error by itself.
package enum ExitStatus: Hashable, Sendable, CustomStringConvertible {
    case code(Int)
    /// The signal's name without `SIG`, as RFC 4254 section 6.10 transmits it.
    case signal(String)
    /// It printed more than this many bytes. haops stopped waiting, so its exit status is unknown.
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

/// The result of a remote command: its output and how it ended.
package struct CommandOutput: Sendable {
    package var stdout: [UInt8]
    package var stderr: [UInt8]
    package var status: ExitStatus

    package init(stdout: [UInt8], stderr: [UInt8], status: ExitStatus) {
        self.stdout = stdout
        self.stderr = stderr
        self.status = status
    }

    /// Standard output as text; bytes that are not UTF-8 become U+FFFD. Not yet escaped for a terminal.
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

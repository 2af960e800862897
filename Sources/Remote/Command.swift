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

    package init(
        _ script: String, operation: String, input: [UInt8] = [], changes: Bool = false,
        privileged: Bool = true, timeout: Duration? = nil
    ) {
        self.script = script
        self.operation = operation
        self.input = input
        self.changes = changes
        self.privileged = privileged
        self.timeout = timeout
    }
}

/// How a remote command ended, by its own doing: an exit status or a signal, both of them data.
package enum ExitStatus: Hashable, Sendable, CustomStringConvertible {
    case code(Int)
    /// The signal's name without `SIG`, as RFC 4254 section 6.10 transmits it.
    case signal(String)

    package var isSuccess: Bool { self == .code(0) }

    package var description: String {
        switch self {
        case .code(let code): "exit \(code)"
        case .signal(let name): "killed by SIG\(name)"
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

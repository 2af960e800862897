internal import Remote

/// The dialogue with sudo on a command's standard error, as a state machine without I/O.
///
/// Every command that goes through sudo first prints a ready line with a nonce. Until that line, standard error
/// is sudo's: prompts, lectures, refusals. After it, standard error is the command's own. The password is written
/// only after a prompt with the nonce, and the command's input only after the ready line. So neither is read by
/// the wrong program, and a sudo that needs no password gets none.
struct BecomeDialogue: Sendable {
    /// What the received bytes require.
    enum Action: Hashable, Sendable {
        /// Write the password and a newline to standard input.
        case sendPassword
        /// The command runs as root now, and its input may be written.
        case ready
        /// sudo asked a second time: the password was wrong. Nothing of the command ran.
        case passwordRefused
    }

    private let nonce: String
    /// Whether a password is available.
    private let withPassword: Bool
    /// What sudo has printed so far.
    var early: [UInt8] = []
    /// How many bytes of ``early`` were searched already, so that each byte is searched once.
    private var searched = 0
    /// The most bytes that sudo may print before the command starts.
    static let longestPreamble = 64 << 10
    private var asked = false
    private(set) var isReady = false

    init(withPassword: Bool, nonce: String = BecomeDialogue.makeNonce()) {
        self.withPassword = withPassword
        self.nonce = nonce
    }

    private var readyLine: String { "haops-ready-\(nonce)" }
    private var prompt: String { "haops-password-\(nonce)" }

    /// The login shell's command line that runs `script` as root.
    func commandLine(for script: String) -> String {
        let marked = "echo \(readyLine) >&2\n\(script)"
        let sudo = withPassword ? "sudo -S -p \(prompt.shellQuoted)" : "sudo -n"
        return "exec \(sudo) -- /bin/sh -c \(marked.shellQuoted)"
    }

    /// Processes bytes of standard error; the command's own are appended to `output`.
    mutating func receive(_ bytes: some Collection<UInt8>, output: inout [UInt8]) -> [Action] {
        guard !isReady else {
            output.append(contentsOf: bytes)
            return []
        }
        early.append(contentsOf: bytes)
        var actions: [Action] = []
        while let range = early[searched...].firstRange(of: prompt.utf8) {
            // The prompt is removed, so that the next prompt is found and no error message contains it.
            early.removeSubrange(range)
            actions.append(asked ? .passwordRefused : .sendPassword)
            asked = true
        }
        let ready = (readyLine + "\n").utf8
        let range = early[searched...].firstRange(of: ready)
        // The prompt or the ready line may be split across two pieces.
        searched = max(0, early.count - max(prompt.utf8.count, ready.count))
        if let range {
            isReady = true
            output.append(contentsOf: early[range.upperBound...])
            early = []
            actions.append(.ready)
        }
        return actions
    }

    /// The beginning of sudo's last line; `nil` once the command has started.
    var lastWords: String? {
        guard !isReady else { return nil }
        let lines = String(decoding: early, as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.map { $0.drop(while: \.isWhitespace) }.last { !$0.isEmpty }.map {
            String($0.prefix(300))
        }
    }

    /// Why sudo did not run the command; for a command that ended before its ready line.
    func refusal(host: HostID, user: String) -> RemoteError {
        let text = String(decoding: early, as: UTF8.self)
        let cause = lastWords ?? "sudo ended without a word"
        // sudo's text selects only the hint. It never decides about success or failure.
        let hint: String? =
            if text.contains("a password is required") || (!withPassword && asked) {
                "give the sudo password with -K, or allow `\(user)` NOPASSWD in sudoers"
            } else if text.contains("must have a tty") {
                "sudoers has `requiretty`: add `Defaults:\(user) !requiretty`, or log in as root"
            } else if text.contains("sudoers") || text.contains("not allowed") {
                "allow `\(user)` in sudoers on `\(host)`, or log in as root"
            } else if text.contains("not found") || text.contains("No such file") {
                "install sudo on `\(host)`, or log in as root"
            } else {
                nil
            }
        return .privilegeDenied(host: host, cause: cause, hint: hint)
    }

    /// The password was wrong, on this host or on another one before it.
    static func passwordRefused(host: HostID, by machine: String? = nil) -> RemoteError {
        let cause =
            machine.map { "the sudo password was refused by \($0), and is not tried here" }
            ?? "sudo refuses the password"
        return .privilegeDenied(host: host, cause: cause, hint: nil)
    }

    /// A random nonce, so that nothing that prints to standard error before sudo can guess it.
    static func makeNonce() -> String {
        var random = SystemRandomNumberGenerator()
        return String(random.next(), radix: 36) + String(random.next(), radix: 36)
    }
}

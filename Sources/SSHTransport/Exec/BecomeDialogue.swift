internal import Remote

/// The conversation with sudo on a command's standard error, as a state machine without I/O.
///
/// Every command that goes through sudo first prints a ready line with a nonce. Until that line, standard
/// error is sudo's: prompts, lectures, refusals. After it, standard error is the command's own. The password is
/// written only in answer to a prompt that carries the nonce, and the command's input only after the ready line,
/// so that neither is ever read by the wrong program, and a sudo that wants no password never gets one.
struct BecomeDialogue: Sendable {
    /// What to do about the bytes just received.
    enum Action: Hashable, Sendable {
        /// Write the password and a newline to standard input.
        case sendPassword
        /// Root at last: the command's input may be written.
        case ready
        /// sudo asked a second time: the password was wrong. Nothing of the command ran.
        case passwordRefused
    }

    private let nonce: String
    /// Whether a password is at hand.
    private let withPassword: Bool
    /// What sudo has said so far.
    var early: [UInt8] = []
    /// How much of it was searched already, so that it is not searched again with each piece.
    private var searched = 0
    /// The most that sudo may say before it lets the command through. Bytes.
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

    /// Takes bytes of standard error; what belongs to the command is appended to `output`.
    mutating func receive(_ bytes: some Collection<UInt8>, output: inout [UInt8]) -> [Action] {
        guard !isReady else {
            output.append(contentsOf: bytes)
            return []
        }
        early.append(contentsOf: bytes)
        var actions: [Action] = []
        while let range = early[searched...].firstRange(of: prompt.utf8) {
            // The prompt is dropped, so that the next one is found and no error shows it.
            early.removeSubrange(range)
            actions.append(asked ? .passwordRefused : .sendPassword)
            asked = true
        }
        let ready = (readyLine + "\n").utf8
        let range = early[searched...].firstRange(of: ready)
        // Either may stand on the edge of two pieces.
        searched = max(0, early.count - max(prompt.utf8.count, ready.count))
        if let range {
            isReady = true
            output.append(contentsOf: early[range.upperBound...])
            early = []
            actions.append(.ready)
        }
        return actions
    }

    /// The last line that sudo itself has said, its beginning; `nil` once it let the command through.
    var lastWords: String? {
        guard !isReady else { return nil }
        let lines = String(decoding: early, as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.map { $0.drop(while: \.isWhitespace) }.last { !$0.isEmpty }.map {
            String($0.prefix(300))
        }
    }

    /// Why sudo did not run the command, once the connection shows that it will not.
    func refusal(host: HostID, user: String) -> RemoteError {
        let text = String(decoding: early, as: UTF8.self)
        let cause = lastWords ?? "sudo ended without a word"
        // The words of sudo decide about the hint alone, never about success or failure.
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

    /// Never guessable by whatever prints to standard error before sudo does.
    static func makeNonce() -> String {
        var random = SystemRandomNumberGenerator()
        return String(random.next(), radix: 36) + String(random.next(), radix: 36)
    }
}

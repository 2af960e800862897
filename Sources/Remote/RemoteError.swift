/// Why a machine could not be asked, or why it is not known what it did.
///
/// Everything a command says for itself, its exit status included, is a ``CommandOutput`` instead.
package enum RemoteError: Error, Hashable, Sendable {
    /// No TCP connection, or none to a hop before it.
    case unreachable(host: HostID, cause: String, hint: String?)
    /// Nothing answered in time, before any command was sent.
    case connectTimedOut(host: HostID, phase: String, after: Duration, hint: String? = nil)
    /// The machine, or a hop before it, shows a key that known_hosts does not have.
    case unknownHostKey(host: HostID, shown: String, fingerprint: String, knownHosts: String)
    /// The machine, or a hop before it, shows another key than known_hosts has.
    case changedHostKey(host: HostID, shown: String, fingerprint: String, expectedAt: String)
    /// The machine, or a hop before it, shows a key that is marked as revoked.
    case revokedHostKey(host: HostID, shown: String, fingerprint: String, revokedAt: String)
    case authenticationFailed(host: HostID, user: String, tried: [String], hint: String?)
    /// sudo wants a password that was not given, or refuses the one that was.
    case privilegeDenied(host: HostID, cause: String, hint: String?)
    /// The command was sent and did not end in time: what it did is unknown.
    case timedOut(host: HostID, operation: String, after: Duration, changes: Bool)
    /// The connection broke after the command was sent: what it did is unknown.
    case connectionLost(host: HostID, operation: String, cause: String, changes: Bool)
    /// The command printed more than it may, and the channel was closed: what it did is unknown.
    case overflowed(host: HostID, operation: String, limit: Int, changes: Bool)
    /// It answered, and what was asked is not in the answer: a program is missing there, or could not be run.
    case unanswered(host: HostID, question: String, cause: String, hint: String?)
    /// This machine is short of something, file descriptors above all.
    case localLimit(host: HostID, cause: String, hint: String)
    /// The operator's configuration cannot be followed: an unreadable key, a ProxyCommand, a bad option.
    case configuration(host: HostID, cause: String, hint: String?)
    /// The run was interrupted before this machine's answer was in.
    case cancelled(host: HostID, operation: String, changes: Bool)

    package var host: HostID {
        switch self {
        case .unreachable(let host, _, _), .connectTimedOut(let host, _, _, _),
            .unknownHostKey(let host, _, _, _),
            .changedHostKey(let host, _, _, _), .revokedHostKey(let host, _, _, _),
            .authenticationFailed(let host, _, _, _),
            .privilegeDenied(let host, _, _), .timedOut(let host, _, _, _),
            .connectionLost(let host, _, _, _), .overflowed(let host, _, _, _),
            .unanswered(let host, _, _, _),
            .localLimit(let host, _, _), .configuration(let host, _, _), .cancelled(let host, _, _):
            host
        }
    }

    /// Whether something that changes the node was sent and its outcome is not known (exit code 6).
    package var leavesOutcomeUnknown: Bool {
        switch self {
        case .timedOut(_, _, _, let changes), .connectionLost(_, _, _, let changes),
            .overflowed(_, _, _, let changes), .cancelled(_, _, let changes):
            changes
        default: false
        }
    }
}

extension RemoteError: CustomStringConvertible {
    /// Node, operation and cause on one line; ``hint`` belongs on the next.
    package var description: String {
        switch self {
        case .unreachable(let host, let cause, _): "`\(host)`: cannot connect: \(cause)"
        case .connectTimedOut(let host, let phase, let after, _):
            "`\(host)`: cannot connect: no \(phase) within \(after.brief)"
        case .unknownHostKey(let host, let shown, let fingerprint, _):
            "`\(host)`: host key of \(shown) is not known: \(fingerprint)"
        case .changedHostKey(let host, let shown, let fingerprint, let at):
            "`\(host)`: HOST KEY OF \(shown) HAS CHANGED, or somebody sits in between: got \(fingerprint), \(at) says otherwise"
        case .revokedHostKey(let host, let shown, let fingerprint, let at):
            "`\(host)`: HOST KEY OF \(shown) IS REVOKED: \(fingerprint) is marked as revoked (\(at))"
        case .authenticationFailed(let host, let user, let tried, _):
            "`\(host)`: cannot log in as `\(user)`: \(tried.isEmpty ? "nothing to try" : "tried " + tried.joined(separator: ", "))"
        case .privilegeDenied(let host, let cause, _): "`\(host)`: cannot become root: \(cause)"
        case .timedOut(let host, let operation, let after, let changes):
            "`\(host)`: cannot \(operation): no answer within \(after.brief)\(changes ? ", outcome unknown" : "")"
        case .connectionLost(let host, let operation, let cause, let changes):
            "`\(host)`: cannot \(operation): connection lost (\(cause))\(changes ? ", outcome unknown" : "")"
        case .overflowed(let host, let operation, let limit, let changes):
            "`\(host)`: cannot \(operation): it printed more than \(limit.briefBytes)\(changes ? ", outcome unknown" : "")"
        case .unanswered(let host, let question, let cause, _):
            "`\(host)`: cannot say \(question): \(cause)"
        case .localLimit(let host, let cause, _): "`\(host)`: cannot connect: \(cause)"
        case .configuration(let host, let cause, _): "`\(host)`: \(cause)"
        case .cancelled(let host, let operation, let changes):
            "`\(host)`: interrupted: \(operation)\(changes ? ", outcome unknown" : "")"
        }
    }

    /// What to do about it, where there is something to do.
    package var hint: String? {
        switch self {
        case .unreachable(_, _, let hint), .authenticationFailed(_, _, _, let hint),
            .privilegeDenied(_, _, let hint), .unanswered(_, _, _, let hint),
            .configuration(_, _, let hint), .connectTimedOut(_, _, _, let hint):
            hint
        case .localLimit(_, _, let hint): hint
        case .unknownHostKey(_, _, _, let file):
            "compare the fingerprint with the machine's own (ssh-keygen -lf on its console), then add it to \(file) or use --accept-new"
        case .changedHostKey(_, _, _, let at):
            "if the machine was rebuilt, remove \(at) and connect again; if not, do not"
        case .revokedHostKey:
            "whoever stole that key can pose as the machine: give it a new host key, and do not log in before"
        case .timedOut(_, _, _, true), .connectionLost(_, _, _, true), .overflowed(_, _, _, true),
            .cancelled(_, _, true):
            "look before you repeat it: haops status"
        case .overflowed(let host, _, _, false):
            "see on `\(host)` which program prints so much: a log, a list of rules or addresses, a program that was replaced"
        case .timedOut, .connectionLost, .cancelled: nil
        }
    }
}

extension Duration {
    /// "1.5 s", "250 ms": short and for people.
    package var brief: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        let tenths = (milliseconds % 1000) / 100
        return tenths == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds / 1000).\(tenths) s"
    }
}

/// Why a machine did not answer, or why the outcome of a command is unknown: the machine, the operation, the
/// cause and a hint.
///
/// A command that ran to its end is a ``CommandOutput`` instead, whatever its exit status.
package struct RemoteError: Error, Hashable, Sendable {
    package var host: HostID
    package var operation: Operation
    package var kind: Kind
    /// What went wrong, in words that name neither ``host`` nor ``operation``.
    package var detail: String
    /// What to do about it, where there is something to do.
    package var hint: String?

    package init(
        host: HostID, operation: Operation, kind: Kind, detail: String, hint: String? = nil
    ) {
        self.host = host
        self.operation = operation
        self.kind = kind
        self.detail = detail
        self.hint = hint ?? kind.hint
    }

    /// What was attempted.
    package enum Operation: Hashable, Sendable {
        /// Find the address of a name.
        case resolve(String)
        /// Open a session. `to` is the destination when it differs from the machine's name.
        case connect(to: String?)
        /// The same through the tunnel of a jump host.
        case hop(to: String?, through: String)
        /// Compare the host key of a machine, or of a hop before it, with known_hosts.
        case verifyHostKey(of: String)
        case authenticate(user: String)
        /// Let sudo run the command.
        case becomeRoot
        /// Run a command, named by its ``Command/operation``.
        case run(String)
        /// Find something in the machine's answer: "what addresses it has".
        case say(String)

        /// The words after "cannot": "log in as `root`".
        var words: String {
            switch self {
            case .resolve(let name): "resolve \(name)"
            case .connect(let place): "connect" + (place.map { " to \($0)" } ?? "")
            case .hop(let place, let machine): Self.connect(to: place).words + " through \(machine)"
            case .verifyHostKey(let machine): "verify the host key of \(machine)"
            case .authenticate(let user): "log in as `\(user)`"
            case .becomeRoot: "become root"
            case .run(let command): command
            case .say(let what): "say \(what)"
            }
        }
    }

    /// What went wrong.
    package enum Kind: Hashable, Sendable {
        /// No TCP connection or no session on it, or none to a hop before the machine.
        case unreachable
        /// known_hosts has no key, has another key, or marks the key as revoked.
        case unknownHostKey, changedHostKey, revokedHostKey
        case authenticationFailed
        /// sudo needs a password that was not given, rejects the password, or does not allow the user to run
        /// commands.
        case privilegeDenied
        /// Nothing answered in time.
        case timedOut(Outcome)
        /// The connection broke after the command was sent.
        case connectionLost(Outcome)
        /// The command exceeded its output limit, and its connection was closed.
        case overflowed(Outcome)
        /// The machine answered, but its answer lacks what was asked: a program is missing there or could not be
        /// run.
        case unanswered
        /// This machine lacks a resource, usually file descriptors.
        case localLimit
        /// The operator's ssh configuration, key files or known_hosts cannot be used: an unreadable key, a
        /// ProxyCommand.
        case configuration
        /// The run was interrupted before the machine had answered.
        case cancelled(Outcome)

        /// Whether it is known what the node did: false when something that changes it was sent (exit code 6).
        package var outcomeIsKnown: Bool {
            switch self {
            case .timedOut(let outcome), .connectionLost(let outcome), .overflowed(let outcome),
                .cancelled(let outcome):
                outcome == .known
            case .unreachable, .unknownHostKey, .changedHostKey, .revokedHostKey, .authenticationFailed,
                .privilegeDenied, .unanswered, .localLimit, .configuration:
                true
            }
        }

        /// What to do about every error of this kind.
        fileprivate var hint: String? {
            if !outcomeIsKnown { return "look before you repeat it: haops status" }
            return switch self {
            case .overflowed:
                "find out on the node which program prints so much: a log, a list of rules or addresses, a replaced program"
            case .revokedHostKey:
                "a stolen host key lets an attacker pose as the machine: give it a new host key before you log in"
            case .unreachable, .unknownHostKey, .changedHostKey, .authenticationFailed, .privilegeDenied,
                .timedOut, .connectionLost, .unanswered, .localLimit, .configuration, .cancelled:
                nil
            }
        }
    }

    /// Whether a command without an answer may have changed the node.
    package enum Outcome: Hashable, Sendable {
        /// No command that changes the node was sent.
        case known
        /// A command that changes the node was sent.
        case unknown

        fileprivate init(changes: Bool) { self = changes ? .unknown : .known }
    }
}

extension RemoteError {
    /// Whether it is known what the node did: false when something that changes it was sent (exit code 6).
    package var outcomeIsKnown: Bool { kind.outcomeIsKnown }

    /// Whether nothing answered in time, neither to a login nor to a command.
    package var isTimeout: Bool {
        if case .timedOut = kind { true } else { false }
    }

    /// Whether the run was interrupted. Nothing follows for the node.
    package var isCancelled: Bool {
        if case .cancelled = kind { true } else { false }
    }

    /// Whether the connection broke after a command was sent.
    package var isConnectionLost: Bool {
        if case .connectionLost = kind { true } else { false }
    }

    /// Whether the machine answered without what was asked.
    package var isUnanswered: Bool { kind == .unanswered }

    /// The same error with its text changed, for example by a mask that hides secrets.
    package func reworded(_ change: (String) -> String) -> RemoteError {
        var copy = self
        copy.detail = change(detail)
        copy.hint = hint.map(change)
        switch operation {
        case .run(let command): copy.operation = .run(change(command))
        case .say(let what): copy.operation = .say(change(what))
        default: break
        }
        return copy
    }

    /// The same error for another machine that depends on the same hop.
    package func moved(to host: HostID) -> RemoteError {
        var copy = self
        copy.host = host
        return copy
    }
}

extension RemoteError: CustomStringConvertible {
    /// Host, operation and what went wrong on one line; ``hint`` belongs on the next.
    package var description: String { "`\(host)`: \(reason): \(detail)\(ending)" }

    /// Operation and cause without the host, for a line that names the host already: "cannot connect: refused".
    package var words: String { "\(reason): \(detail)\(ending)" }

    /// What could not be done: "cannot say what addresses it has".
    package var reason: String { "cannot \(operation.words)" }

    private var ending: String { outcomeIsKnown ? "" : ", outcome unknown" }
}

// MARK: - Each kind of error, from what its transport knows

extension RemoteError {
    package static func unreachable(
        host: HostID, _ operation: Operation = .connect(to: nil), cause: String, hint: String? = nil
    ) -> RemoteError {
        RemoteError(host: host, operation: operation, kind: .unreachable, detail: cause, hint: hint)
    }

    package static func unresolvable(
        host: HostID, name: String, cause: String, hint: String?
    ) -> RemoteError {
        RemoteError(host: host, operation: .resolve(name), kind: .unreachable, detail: cause, hint: hint)
    }

    /// - `phase`: what did not complete: "TCP connection".
    package static func connectTimedOut(
        host: HostID, _ operation: Operation = .connect(to: nil), phase: String, after: Duration,
        hint: String? = nil
    ) -> RemoteError {
        RemoteError(
            host: host, operation: operation, kind: .timedOut(.known),
            detail: "no \(phase) within \(after.brief)", hint: hint)
    }

    /// - `shown`: the machine with that key: the host, or a hop before it.
    package static func unknownHostKey(
        host: HostID, shown: String, fingerprint: String, knownHosts: String
    ) -> RemoteError {
        RemoteError(
            host: host, operation: .verifyHostKey(of: shown), kind: .unknownHostKey,
            detail: "it is not known: \(fingerprint)",
            hint: "compare the fingerprint with the machine's own (ssh-keygen -lf on its console), "
                + "then add it to \(knownHosts) or use --accept-new")
    }

    /// - `expectedAt`: the line of known_hosts that has another key.
    package static func changedHostKey(
        host: HostID, shown: String, fingerprint: String, expectedAt place: String
    ) -> RemoteError {
        RemoteError(
            host: host, operation: .verifyHostKey(of: shown), kind: .changedHostKey,
            detail:
                "THE KEY HAS CHANGED, or somebody intercepts the connection: got \(fingerprint), \(place) says otherwise",
            hint: "if the machine was rebuilt, remove \(place) and connect again; if not, do not")
    }

    /// - `revokedAt`: the line or the file that revokes the key.
    package static func revokedHostKey(
        host: HostID, shown: String, fingerprint: String, revokedAt place: String
    ) -> RemoteError {
        RemoteError(
            host: host, operation: .verifyHostKey(of: shown), kind: .revokedHostKey,
            detail: "THE KEY IS REVOKED: \(fingerprint) is marked as revoked (\(place))")
    }

    /// - `tried`: the keys and methods, and why each one failed.
    package static func authenticationFailed(
        host: HostID, user: String, tried: [String], hint: String?
    ) -> RemoteError {
        RemoteError(
            host: host, operation: .authenticate(user: user), kind: .authenticationFailed,
            detail: tried.isEmpty ? "nothing to try" : "tried " + tried.joined(separator: ", "), hint: hint)
    }

    package static func privilegeDenied(host: HostID, cause: String, hint: String?) -> RemoteError {
        RemoteError(host: host, operation: .becomeRoot, kind: .privilegeDenied, detail: cause, hint: hint)
    }

    package static func timedOut(
        host: HostID, operation: String, after: Duration, changes: Bool
    ) -> RemoteError {
        RemoteError(
            host: host, operation: .run(operation), kind: .timedOut(Outcome(changes: changes)),
            detail: "no answer within \(after.brief)")
    }

    package static func connectionLost(
        host: HostID, operation: String, cause: String, changes: Bool
    ) -> RemoteError {
        RemoteError(
            host: host, operation: .run(operation), kind: .connectionLost(Outcome(changes: changes)),
            detail: "connection lost (\(cause))")
    }

    /// - `limit`: bytes.
    package static func overflowed(
        host: HostID, operation: String, limit: Int, changes: Bool
    ) -> RemoteError {
        RemoteError(
            host: host, operation: .run(operation), kind: .overflowed(Outcome(changes: changes)),
            detail: "it printed more than \(limit.briefBytes)")
    }

    /// - `question`: "what addresses it has".
    package static func unanswered(
        host: HostID, question: String, cause: String, hint: String?
    ) -> RemoteError {
        RemoteError(host: host, operation: .say(question), kind: .unanswered, detail: cause, hint: hint)
    }

    package static func localLimit(host: HostID, cause: String, hint: String) -> RemoteError {
        RemoteError(host: host, operation: .connect(to: nil), kind: .localLimit, detail: cause, hint: hint)
    }

    package static func configuration(
        host: HostID, operation: Operation = .connect(to: nil), cause: String, hint: String? = nil
    ) -> RemoteError {
        RemoteError(host: host, operation: operation, kind: .configuration, detail: cause, hint: hint)
    }

    package static func cancelled(host: HostID, operation: String, changes: Bool) -> RemoteError {
        RemoteError(
            host: host, operation: .run(operation), kind: .cancelled(Outcome(changes: changes)),
            detail: "interrupted")
    }

    /// The run was interrupted before a command was sent.
    package static func cancelled(host: HostID, _ operation: Operation = .connect(to: nil)) -> RemoteError {
        RemoteError(host: host, operation: operation, kind: .cancelled(.known), detail: "interrupted")
    }
}

internal import Remote
internal import Synchronization

/// A password for many machines, tried on one of them first.
///
/// A mistyped password must not cause a failed login on every machine of a fleet: failures are counted, and lock
/// the account on each machine (pam_faillock(8)) or in their common directory service.
final class SharedPassword: Sendable {
    /// The answer to a machine's request for the password.
    enum Turn {
        /// Use it: another machine has accepted it.
        case proven(String)
        /// Use it and report the result, which all others wait for.
        case trial(String, Trial)
        /// A machine has refused it, so it is not used anywhere else.
        case refused(by: String)
        /// There is no terminal, or the wait was cancelled.
        case missing
    }

    private enum Standing {
        case untried, accepted
        case refused(by: String)
    }

    private let ask: @Sendable () async -> String?
    private let standing = Mutex(Standing.untried)
    /// Held during a trial of the password.
    private let gate = AsyncSemaphore()

    /// `ask` is called each time, and must remember its answer.
    init(_ ask: @escaping @Sendable () async -> String?) { self.ask = ask }

    /// Whether there is a password; asks for it if necessary.
    var isAtHand: Bool { get async { await ask() != nil } }

    /// Waits until the password may be used on another machine.
    func turn() async -> Turn {
        guard let password = await ask() else { return .missing }
        if let turn = decided(password) { return turn }
        guard await gate.enter() else { return .missing }
        if let turn = decided(password) {
            gate.leave()
            return turn
        }
        return .trial(password, Trial(of: self))
    }

    private func decided(_ password: String) -> Turn? {
        standing.withLock { standing in
            switch standing {
            case .untried: nil
            case .accepted: .proven(password)
            case .refused(let machine): .refused(by: machine)
            }
        }
    }

    /// The first use of a password. It ends at the latest when it is deallocated.
    final class Trial: Sendable {
        private let password: SharedPassword
        private let isOver = Mutex(false)

        fileprivate init(of password: SharedPassword) { self.password = password }

        deinit { end(as: nil) }

        func accepted() { end(as: .accepted) }
        func refused(by machine: String) { end(as: .refused(by: machine)) }

        /// Without a verdict the next waiting machine makes its own trial.
        private func end(as verdict: Standing?) {
            let ends = isOver.withLock { isOver in
                defer { isOver = true }
                return !isOver
            }
            guard ends else { return }
            if let verdict { password.standing.withLock { $0 = verdict } }
            password.gate.leave()
        }
    }
}

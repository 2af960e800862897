internal import Remote
internal import Synchronization

/// A password that many machines want, shown to one of them first.
///
/// A slip of the finger must not be a failed login on every machine of a fleet: such failures are counted, and lock the
/// account on each machine (pam_faillock(8)) or in the directory behind them all.
final class SharedPassword: Sendable {
    /// What a machine that wants the password gets.
    enum Turn {
        /// Show it: another machine has accepted it.
        case proven(String)
        /// Show it and say what came of it: all others wait for that.
        case trial(String, Trial)
        /// It was refused there, so it is shown nowhere else.
        case refused(by: String)
        /// Nobody was there to ask, or the wait was cut short.
        case missing
    }

    private enum Standing {
        case untried, accepted
        case refused(by: String)
    }

    private let ask: @Sendable () async -> String?
    private let standing = Mutex(Standing.untried)
    /// Whoever has it shows the password to a machine that may refuse it.
    private let gate = AsyncSemaphore()

    /// `ask` is asked again each time, and has to remember its answer.
    init(_ ask: @escaping @Sendable () async -> String?) { self.ask = ask }

    /// Whether there is a password at all; asks for it if need be.
    var isAtHand: Bool { get async { await ask() != nil } }

    /// Waits until the password may be shown to one more machine.
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

    /// The first showing of a password; it ends at the latest when nobody holds it any more.
    final class Trial: Sendable {
        private let password: SharedPassword
        private let isOver = Mutex(false)

        fileprivate init(of password: SharedPassword) { self.password = password }

        deinit { end(as: nil) }

        func accepted() { end(as: .accepted) }
        func refused(by machine: String) { end(as: .refused(by: machine)) }

        /// Without a verdict the next machine that waits makes its own trial.
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

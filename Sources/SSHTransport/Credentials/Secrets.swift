internal import Remote
internal import Synchronization

/// The secrets that the operator has entered, kept in memory during the run. Each is asked for once, however many
/// machines need it.
final class Secrets: Sendable {
    private let prompt: any SecretPrompt
    private let gate = AsyncSemaphore()
    private let answers = Mutex<[String: String?]>([:])
    private let passwords = Mutex<[String: SharedPassword]>([:])

    init(prompt: any SecretPrompt) { self.prompt = prompt }

    func passphrase(forKey path: String) async -> String? { await ask("passphrase for \(path)") }

    func password(user: String) -> SharedPassword { shared("ssh password for \(user)") }

    /// The sudo password; `nil` when the options do not request one, or when there is no terminal.
    func becomePassword(_ options: ConnectionOptions) async -> SharedPassword? {
        guard options.askBecomePassword else { return nil }
        let password = shared("sudo password")
        return await password.isAtHand ? password : nil
    }

    private func shared(_ question: String) -> SharedPassword {
        passwords.withLock { passwords in
            if let password = passwords[question] { return password }
            let password = SharedPassword { [self] in await ask(question) }
            passwords[question] = password
            return password
        }
    }

    /// The operator's answer, asked for once; `nil` when there is no terminal, which is remembered as well.
    private func ask(_ question: String) async -> String? {
        if let answer = answers.withLock({ $0[question] }) { return answer }
        guard await gate.enter() else { return nil }
        defer { gate.leave() }
        if let answer = answers.withLock({ $0[question] }) { return answer }
        let answer = await prompt.secret(question)
        answers.withLock { _ = $0.updateValue(answer, forKey: question) }
        return answer
    }
}

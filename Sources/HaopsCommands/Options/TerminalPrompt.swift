import Glibc
import Remote

/// Asks on the controlling terminal, without echo, whatever the standard streams are connected to.
struct TerminalPrompt: SecretPrompt {
    func secret(_ question: String) async -> String? {
        LiveLines.shared.pause()
        defer { LiveLines.shared.resume() }
        await OutputQueue.shared.flush()
        return await onOwnThread { readSecret(question) }
    }

    private func readSecret(_ question: String) -> String? {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        var saved = termios()
        guard unsafe tcgetattr(terminal, &saved) == 0 else { return nil }
        var silent = saved
        silent.c_lflag &= ~tcflag_t(ECHO)
        unsafe tcsetattr(terminal, TCSAFLUSH, &silent)
        defer { unsafe tcsetattr(terminal, TCSAFLUSH, &saved) }
        TypedLine.show("\(question.safeOnOneLine): ", on: terminal)
        // The echo is restored also when the question is abandoned.
        let line = Result { try TypedLine.read(from: terminal, unless: Interrupts.stopRequested) ?? [] }
        TypedLine.show("\n", on: terminal)
        return (try? line.get()).map { String(decoding: $0, as: UTF8.self) }
    }
}

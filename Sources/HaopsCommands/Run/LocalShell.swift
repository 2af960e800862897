import Remote
import Subprocess

/// Runs scripts on this machine.
enum LocalShell {
    /// Runs a script that ends with its standard input, and hands its lines on until this task is cancelled.
    ///
    /// The script has a session of its own, so that it may end all of its processes by `kill 0`. It also ends when this
    /// program is killed.
    ///
    /// - Throws: `SubprocessError` when there is no shell.
    static func lines(of script: String, _ each: @escaping @Sendable (String) -> Void) async throws {
        var options = PlatformOptions()
        options.createSession = true
        // The script notes SIGTERM and ends with its input.
        options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(3))]
        _ = try await Subprocess.run(
            .name("sh"), arguments: ["-c", script], platformOptions: options, input: .inputWriter,
            output: .sequence, error: .discarded
        ) { execution in
            let writer = execution.standardInputWriter
            async let end: Void = closing(writer)
            var rest: [UInt8] = []
            for try await buffer in execution.standardOutput {
                rest += unsafe buffer.withUnsafeBytes { unsafe Array($0) }
                while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    each(String(decoding: rest[..<newline], as: UTF8.self))
                    rest.removeSubrange(...newline)
                }
            }
            await end
        }
    }

    /// Closes the input once the task is cancelled.
    private static func closing(_ writer: StandardInputWriter) async {
        while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(100)) }
        try? await writer.finish()
    }
}

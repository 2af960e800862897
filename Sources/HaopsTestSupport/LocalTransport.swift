package import Remote
import Subprocess

/// Runs the commands for a node on this machine, in a real shell, to test scripts.
package struct LocalTransport: Transport {
    /// `sh`, or another shell's name.
    package var shell: String
    /// Shell code before every script: functions that simulate a node's programs.
    package var scene: String

    package init(shell: String = "sh", scene: String = "") {
        self.shell = shell
        self.scene = scene
    }

    package func withSession<Result: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
    ) async throws -> Result {
        try await body(LocalSession(host: target.id, shell: shell, scene: scene))
    }
}

private struct LocalSession: RemoteSession {
    let host: HostID
    let shell: String
    let scene: String

    /// Takes all input first: Subprocess 1.0.2 ends the whole program where a child ends without reading its input.
    private static let taking = """
        input=$(mktemp) && cat >"$input" && exec <"$input" && rm -f "$input" && exec "$0" -c "$1"
        """

    func run(_ command: Command) async throws(RemoteError) -> CommandOutput {
        do {
            let result = try await Subprocess.run(
                .name("sh"), arguments: ["-c", Self.taking, shell, scene + command.script],
                input: .array(command.input),
                output: .bytes(limit: 16 << 20), error: .bytes(limit: 1 << 20))
            let status: ExitStatus =
                switch result.terminationStatus {
                case .exited(let code): .code(Int(code))
                case .signaled(let signal): .signal("\(signal)")
                }
            return CommandOutput(stdout: result.standardOutput, stderr: result.standardError, status: status)
        } catch {
            throw .unreachable(host: host, cause: "\(error)", hint: nil)
        }
    }

    func hold<Result: Sendable>(
        _ command: Command, _ body: sending (any HeldCommand) async throws -> Result
    ) async throws -> Result {
        throw RemoteError.configuration(host: host, cause: "a local session holds no command", hint: nil)
    }
}

package import Remote

/// Simulated machines, which answer haops' commands with the answers that a test defines.
///
/// Sections of a probe are answered by the name of their fact; undefined facts are missing in the answer.
package struct ScriptedTransport: Transport {
    package enum Machine: Sendable {
        /// Does not answer until the caller cancels.
        case silent
        case says([String: String])
    }

    package var machines: [String: Machine]

    /// - `machines`: by the target's address.
    package init(_ machines: [String: Machine]) { self.machines = machines }

    package func withSession<Result: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
    ) async throws -> Result {
        guard let machine = machines[target.host] else {
            throw RemoteError.unreachable(host: target.id, cause: "nobody is there", hint: nil)
        }
        return try await body(ScriptedSession(host: target.id, machine: machine))
    }
}

private struct ScriptedSession: RemoteSession {
    let host: HostID
    let machine: ScriptedTransport.Machine

    func run(_ command: Command) async throws(RemoteError) -> CommandOutput {
        guard case .says(let sections) = machine else {
            try? await Task.sleep(for: .seconds(3600))
            throw .cancelled(host: host, operation: command.operation, changes: command.changes)
        }
        let script = command.script + String(decoding: command.input, as: UTF8.self)
        var output = ""
        // `echo 'MARKER name'` opens a section, and a line `MARKER status` closes it.
        for line in script.split(separator: "\n") where line.hasPrefix("echo '@haops-") {
            let words = line.dropFirst(6).dropLast().split(separator: " ")
            guard words.count == 2, let text = sections[String(words[1])] else { continue }
            output += "\(words[0]) \(words[1])\n\(text)\n\(words[0]) 0\n"
        }
        return CommandOutput(stdout: Array(output.utf8), stderr: [], status: .code(0))
    }

    func hold<Result: Sendable>(
        _ command: Command, _ body: sending (any HeldCommand) async throws -> Result
    ) async throws -> Result {
        throw RemoteError.configuration(host: host, cause: "a made-up machine holds no command", hint: nil)
    }
}

extension ScriptedTransport.Machine {
    /// The output of ``ConfigurationFilesFact`` and ``FilesFact`` for files, by path.
    package static func files(_ files: [String: String]) -> String {
        files.sorted { $0.key < $1.key }.map { path, text in
            "file \(text.utf8.count) 644 root:root 100 \(path)\n\(text)\n"
        }.joined()
    }
}

import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import Testing

@testable import HaopsCommands

/// The program with a person before it, who may type, or may not want to.
@Suite struct TerminalTests {
    private static let machines = (1...21).map { "root@127.0.0.1:\($0)" }.joined(separator: ",")

    @Test(.timeLimit(.minutes(2)))
    func `one Ctrl-C at a question is enough`() async throws {
        try await Terminal.open { terminal in
            async let exit = terminal.haops("exec", "-F", "none", "--nodes", Self.machines, "--", "true")
            #expect(await terminal.shows("[y/N] "))
            terminal.type("\u{3}")
            #expect(await terminal.shows("interrupted"))
            let status = try await exit
            #expect(status == .exited(130))
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["n\n", "\n", "\u{4}"])
    func `whatever is not yes is no`(keys: String) async throws {
        try await Terminal.open { terminal in
            async let exit = terminal.haops("exec", "-F", "none", "--nodes", Self.machines, "--", "true")
            #expect(await terminal.shows("[y/N] "))
            terminal.type(keys)
            #expect(await terminal.shows("not agreed to"))
            let status = try await exit
            #expect(status == .exited(3))
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a question that nobody answers does not outlast the time of the run`() async throws {
        try await Terminal.open { terminal in
            async let exit = terminal.haops(
                "exec", "-F", "none", "--timeout", "5", "--nodes", Self.machines, "--", "true")
            #expect(await terminal.shows("[y/N] "))
            #expect(await terminal.shows("the time of --timeout is up"))
            let status = try await exit
            #expect(status == .exited(4))
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `after Ctrl-C at a password what is typed is shown again`() async throws {
        try await Terminal.open { terminal in
            #expect(terminal.echoes)
            async let exit = terminal.haops(
                "exec", "-F", "none", "--transport", "openssh", "-K", "--nodes", "root@127.0.0.1:1", "--",
                "true")
            #expect(await terminal.shows("sudo password: "))
            #expect(!terminal.echoes)
            terminal.type("\u{3}")
            let status = try await exit
            #expect(status == .exited(130))
            #expect(terminal.echoes)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a program that asks for a secret can turn the echo on again when its time is up`() async throws {
        let question = """
            trap 'stty echo </dev/tty; exit 1' TERM
            stty -echo </dev/tty
            echo secret: >/dev/tty
            read -r answer </dev/tty
            """
        let script = FileManager.default.temporaryDirectory.path + "/haops-\(UUID().uuidString).sh"
        try question.write(toFile: script, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: script) }
        let inventory = try String(contentsOfFile: Program.shipped, encoding: .utf8)
            .replacing("[printf, lab1pass]", with: "[bash, \(script)]")
        try await Program.withInventory(inventory) { path in
            try await Terminal.open { terminal in
                async let exit = terminal.haops("plan", "-F", "none", "--timeout", "8", "-i", path)
                #expect(await terminal.shows("secret:"))
                #expect(!terminal.echoes)
                let status = try await exit
                #expect(status == .exited(4))
                #expect(terminal.echoes)
            }
        }
    }

    @Test func `a name that nobody resolves is not waited for by who was told to stop`() async throws {
        let pipe = try FileDescriptor.pipe()
        let answer = Task {
            await onOwnThread(abandoned: -1) {
                var byte: UInt8 = 0
                return unsafe read(pipe.readEnd.rawValue, &byte, 1)
            }
        }
        answer.cancel()
        #expect(await answer.value == -1)
        try pipe.writeEnd.close()
    }
}

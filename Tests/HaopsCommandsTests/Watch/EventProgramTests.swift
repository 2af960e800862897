import Events
import FoundationEssentials
import Glibc
import HaopsTestSupport
import Remote
import Survey
import Synchronization
import Testing

@testable import HaopsCommands

/// The program that `watch --exec` runs at every change.
struct EventProgramTests {
    /// As the program itself does: what a program does not read is an error of the write, and no signal.
    init() { _ = signal(SIGPIPE, SIG_IGN) }

    private static let time = UTCTime(millisecondsSince1970: 1_796_095_743_000)

    private func event(_ words: String) -> WatchEvent {
        WatchEvent(.log, at: Self.time, seen: Self.time, cluster: "web", node: "lb1", words: words)
    }

    /// Runs a script for changes; hands back what it wrote and what was complained.
    private func run(
        _ script: String, _ count: Int, name: String = "program"
    ) async throws -> (lines: [String], complaints: [String]) {
        let folder = FileManager.default.temporaryDirectory.path + "/haops-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/\(name)"
        try "#!/bin/sh\ncd '\(folder)'\n\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let complaints = Complaints()
        let program = try EventProgram(path, complain: complaints.add)
        for number in 0..<count { program.handle(event("change \(number)")) }
        program.finish()
        await program.run()
        let text = (try? String(contentsOfFile: "\(folder)/out", encoding: .utf8)) ?? ""
        return (text.split(separator: "\n").map(String.init), complaints.take())
    }

    @Test func `it gets each change as a document on its standard input`() async throws {
        let (lines, complaints) = try await run("cat >>out", 3, name: "a program; with = signs")
        #expect(lines.count == 3 && complaints == [])
        for line in lines { #expect(try DocumentSchema.problems(of: JSONValue(line.utf8)) == []) }
        #expect(
            Set(lines.compactMap { try? JSONValue($0.utf8)["message"]?.text }) == [
                "change 0", "change 1", "change 2",
            ])
    }

    @Test func `few run at once`() async throws {
        let (lines, _) = try await run(
            "cat >/dev/null; mkdir run.$$; ls -d run.* | wc -l >>out; sleep 0.1; rmdir run.$$", 12)
        let most = lines.compactMap { Int($0.filter(\.isNumber)) }.max()
        #expect(lines.count == 12)
        #expect((2...EventProgram.mostAtOnce).contains(most ?? 0))
    }

    @Test func `one that reads nothing and succeeds is no failure`() async throws {
        let (_, complaints) = try await run("exec true", 20)
        #expect(complaints == [])
    }

    @Test func `one that fails, or reads nothing, is told and ends nothing`() async throws {
        let (_, complaints) = try await run("exit 3", 2)
        #expect(complaints == ["--exec: it ended with exit 3", "--exec: it ended with exit 3"])
    }

    /// By itself it would run longer than the limit of the test.
    @Test(.timeLimit(.minutes(4)))
    func `one that hangs is ended, with what it has started`() async throws {
        let (_, complaints) = try await run("trap '' TERM; sleep 600 & wait; sleep 600", 1)
        #expect(complaints.count == 1 && complaints[0].contains("ended"))
    }

    @Test func `more changes than can wait are dropped, and that is told`() async throws {
        let complaints = Complaints()
        let program = try EventProgram("true", complain: complaints.add)
        for number in 0..<1005 { program.handle(event("\(number)")) }
        #expect(complaints.take() == ["--exec: it is too slow, 1 change dropped"])
    }

    @Test(arguments: ["/nonexistent/program", "no-such-program-anywhere", "/tmp", "/etc/passwd", ""])
    func `what cannot be run is refused before anything begins`(name: String) {
        #expect(throws: Failure.self) { try EventProgram(name) { _ in } }
    }
}

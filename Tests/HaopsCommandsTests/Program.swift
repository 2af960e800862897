import FoundationEssentials
import HaopsTestSupport
import Subprocess
import Testing

/// The program itself, as an operator's shell runs it: no terminal, and no environment but what a test gives it.
struct Program {
    var exit: Int32
    var out: String
    var err: String

    /// The program under test.
    static let path = LabFixture.haops

    static func haops(_ arguments: String..., environment: [String: String] = [:]) async throws -> Program {
        try await run(path, arguments, environment: environment)
    }

    static func run(
        _ path: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> Program {
        let variables = ["PATH=/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/nonexistent"]
        // timeout(1): a program that waits for an answer that cannot come fails its test, and does not hang it.
        let result = try await Subprocess.run(
            .name("env"),
            arguments: Arguments(
                ["-i"] + variables + environment.map { "\($0)=\($1)" } + ["timeout", "60", path] + arguments),
            input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard case .exited(let code) = result.terminationStatus else {
            Issue.record("\(path) \(arguments) ended by \(result.terminationStatus)")
            return Program(exit: -1, out: "", err: "")
        }
        if path == Self.path { DocumentSchema.judge(Array(result.standardOutput.utf8), of: arguments) }
        return Program(exit: code, out: result.standardOutput, err: result.standardError)
    }

    /// Hands `body` the path of an inventory with this text.
    static func withInventory<Result>(
        _ text: String, _ body: (String) async throws -> Result
    ) async throws -> Result {
        let path = FileManager.default.temporaryDirectory.path + "/haops-\(UUID().uuidString).yaml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    /// The inventory of the lab, which ships with the project.
    static let shipped: String = {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/inventories/lab.yaml"
    }()

    /// A node where nothing listens: port 1 of the loopback.
    static let nobody = "root@127.0.0.1:1"
}

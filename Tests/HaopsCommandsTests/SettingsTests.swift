import FoundationEssentials
import Testing

@testable import HaopsCommands

/// The settings of the program, and how it ends where it cannot say something.
struct SettingsTests {
    private static func withHome<Result>(
        _ config: String?, _ body: ([String: String]) async throws -> Result
    ) async throws -> Result {
        let home = FileManager.default.temporaryDirectory.path + "/haops-home-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: home + "/haops", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        if let config {
            try config.write(toFile: home + "/haops/config.yaml", atomically: true, encoding: .utf8)
        }
        return try await body(["XDG_CONFIG_HOME": home])
    }

    @Test func `a flag counts more than the environment, and that more than the file`() async throws {
        try await Self.withHome("parallel: 5\nconnect_timeout: 7\noutput: json\nuser: ops\n") { environment in
            var environment = environment
            let file = try await Program.haops("config", environment: environment)
            #expect(file.exit == 0 && file.out.contains("\"key\": \"parallel\""), "\(file.out)\(file.err)")
            #expect(file.out.contains("\"value\": 5") && file.out.contains("config.yaml:1"))
            environment["HAOPS_PARALLEL"] = "6"
            let variable = try await Program.haops("config", "-o", "tsv", environment: environment)
            #expect(variable.out.contains("parallel\t6\tenvironment\tHAOPS_PARALLEL\n"), "\(variable.out)")
            #expect(variable.out.contains("user\tops\tfile\t"))
            let flag = try await Program.haops(
                "config", "-o", "tsv", "--parallel", "9", environment: environment)
            #expect(flag.out.contains("parallel\t9\tflag\t--parallel\n"), "\(flag.out)")
            #expect(flag.out.contains("command_timeout\t30\tdefault\t-\n"))
        }
    }

    @Test(arguments: [
        ("paralel: 5\n", "did you mean `parallel`?"), ("parallel: many\n", "wants a number"),
        ("output: xml\n", "wants one of table"), ("- a\n", "not a list of"),
        ("user: [a]\n", "wants one value"),
    ])
    func `a wrong configuration file is 64, with its place`(text: String, words: String) async throws {
        try await Self.withHome(text) { environment in
            let run = try await Program.haops("check", "-i", Program.shipped, environment: environment)
            #expect(run.exit == 64 && run.err.contains("config.yaml:1:"), "\(run.err)")
            #expect(run.err.contains(words), "\(run.err)")
        }
    }

    @Test func `a wrong variable is 64, and a monitor hears UNKNOWN`() async throws {
        let run = try await Program.haops("check", environment: ["HAOPS_PARALLEL": "0"])
        #expect(run.exit == 64 && run.err.hasPrefix("error: HAOPS_PARALLEL wants a number"))
        let plugin = try await Program.haops("who", "--nagios", environment: ["HAOPS_PARALLEL": "0"])
        #expect(plugin.exit == 3 && plugin.out.contains("UNKNOWN"), "\(plugin.out)")
    }

    @Test func `the inventory of the file is used`() async throws {
        try await Self.withHome("inventory: \(Program.shipped)\n") { environment in
            let run = try await Program.haops("check", environment: environment)
            #expect(run.exit == 0 && run.out.contains("valid: 1 cluster"), "\(run.err)")
        }
    }

    @Test(arguments: [["help", "nosuch"], ["nosuch"], ["help", "who", "nosuch"]])
    func `help for a verb that there is not is an error`(arguments: [String]) async throws {
        let run = try await Program.run(Program.path, arguments)
        #expect(run.exit == 64 && run.out.isEmpty)
        #expect(run.err.hasPrefix("error: there is no verb `nosuch`\nhint: "), "\(run.err)")
    }

    @Test(arguments: [["who", "--nosuch"], ["exec"], ["switchover"], ["init"], ["who", "--parallel", "x"]])
    func `every complaint about a command line begins with error`(arguments: [String]) async throws {
        let run = try await Program.run(Program.path, arguments)
        #expect(run.exit == 64 && run.err.hasPrefix("error: "), "\(run.err)")
        #expect(!run.err.contains("Error:") && !run.err.contains("Usage:"), "\(run.err)")
    }

    @Test(arguments: [
        ["--version"], ["help", "who"], ["who", "--help"], ["config"], ["check", "-i", Program.shipped],
    ])
    func `an answer that a full disk takes is an error said aloud`(arguments: [String]) async throws {
        let words = ([Program.path] + arguments).joined(separator: " ")
        let run = try await Program.run("/bin/sh", ["-c", "\(words) >/dev/full"])
        #expect(run.exit == 1 && run.err.contains("error: cannot write the answer: "), "\(run.err)")
    }

    @Test func `help puts a verb's own options before those of every verb`() async throws {
        let run = try await Program.haops("help", "status")
        let own = try #require(run.out.firstRange(of: "--nagios"))
        let common = try #require(run.out.firstRange(of: "--inventory"))
        #expect(run.exit == 0 && own.lowerBound < common.lowerBound, "\(run.out)")
    }

    @Test func `a dumb terminal gets no escapes, whatever else is wanted of colour`() async throws {
        let run = try await Program.haops(
            "check", "-i", Program.shipped, environment: ["TERM": "dumb", "CLICOLOR_FORCE": "1"])
        #expect(run.exit == 0 && !run.out.contains("\u{1b}"))
    }
}

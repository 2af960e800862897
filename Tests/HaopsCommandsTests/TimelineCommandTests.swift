import Events
import FoundationEssentials
import HaopsTestSupport
import Testing

@testable import HaopsCommands

/// `timeline` with files, as an operator's shell runs it.
struct TimelineCommandTests {
    private static let lb1 = """
        Nov 30 21:00:00 lb1 Keepalived_vrrp[2]: (VI_1) Entering MASTER STATE
        Nov 30 21:03:51 lb1 Keepalived_vrrp[2]: Netlink reports eth1 down
        Nov 30 21:03:51 lb1 Keepalived_vrrp[2]: (VI_1) Entering FAULT STATE
        """
    private static let lb2 = """
        Nov 30 21:00:00 lb2 Keepalived_vrrp[2]: (VI_1) Entering BACKUP STATE (init)
        Nov 30 21:03:52 lb2 Keepalived_vrrp[2]: (VI_1) Entering MASTER STATE
        """

    private func withFiles<Result>(
        _ texts: [String], _ body: ([String]) async throws -> Result
    ) async throws -> Result {
        let paths = try texts.map { text in
            let path = FileManager.default.temporaryDirectory.path + "/haops-\(UUID().uuidString).log"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return path
        }
        defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
        return try await body(paths)
    }

    @Test func `two files make one story`() async throws {
        try await withFiles([Self.lb1, Self.lb2]) { files in
            let answer = try await Program.haops(
                "timeline", "--log", "lb1=\(files[0])", "--log", "lb2=\(files[1])")
            #expect(answer.exit == 0 && answer.err == "")
            #expect(
                answer.out.contains(
                    "VI_1: lb1 lost it at 21:03:51 because interface eth1 went down; lb2 took it at 21:03:52; "
                        + "nobody had it for 1 s ±2 s if their clocks agree"))
            #expect(!answer.out.contains("\u{1b}"))
        }
    }

    @Test(arguments: ["html", "svg"])
    func `a picture has the nodes, the time without an owner, and no secret`(_ form: String) async throws {
        let log =
            Self.lb1
            + "\nNov 30 21:03:51 lb1 Keepalived_vrrp[2]: VRRP_Script(auth_pass hunter2hunter2) failed (<b>)\n"
        let path = FileManager.default.temporaryDirectory.path + "/haops-\(UUID().uuidString)." + form
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await withFiles([log, Self.lb2]) { files in
            let answer = try await Program.haops(
                "timeline", "--log", "lb1=\(files[0])", "--log", "lb2=\(files[1])", "--picture", path)
            #expect(answer.exit == 0, "\(answer.err)")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            for word in [">lb1<", ">lb2<", "nobody 1 s", "MASTER", "interface eth1 went down"] {
                #expect(text.contains(word), "\(word)")
            }
            #expect(!text.contains("hunter2hunter2") && !text.contains("<b>"))
            let none = try await Program.haops(
                "timeline", "VI_9", "--log", "lb1=\(files[0])", "--picture", path + ".svg")
            #expect(none.exit == 0 && none.err.contains("there is nothing to draw"))
            #expect(!FileManager.default.fileExists(atPath: path + ".svg"))
            let other = try await Program.haops("timeline", "--log", "lb1=\(files[0])", "--picture", "x.png")
            #expect(other.exit == 64)
        }
    }

    @Test func `JSON has the figures, and its schema allows it`() async throws {
        try await withFiles([Self.lb1, Self.lb2]) { files in
            let answer = try await Program.haops(
                "timeline", "--log", "lb1=\(files[0])", "--log", "lb2=\(files[1])", "-o", "json")
            #expect(answer.out.contains("\"nobody_milliseconds\": 1000"))
            #expect(answer.out.contains("\"course\": \"moved\""))
        }
    }

    @Test func `a hostile log steers no terminal, and secrets are masked`() async throws {
        let log = """
            Nov 30 21:00:00 x Keepalived_vrrp[2]: (V\u{1b}[31mI) Entering MASTER STATE
            Nov 30 21:00:01 x Keepalived_vrrp[2]: VRRP_Script(auth_pass hunter2hunter2) failed (\u{202e}x)
            """
        try await withFiles([log]) { files in
            for format in ["table", "json", "yaml", "tsv"] {
                let answer = try await Program.haops(
                    "timeline", "--log", "lb1=\(files[0])", "-v", "-o", format)
                #expect(answer.exit == 0)
                #expect(!answer.out.contains("\u{1b}") && !answer.out.contains("\u{202e}"), "\(format)")
                #expect(!answer.out.contains("hunter2"), "\(format)")
            }
        }
    }

    @Test func `a part of the time, and of the instances`() async throws {
        try await withFiles([Self.lb1]) { files in
            let log = "lb1=\(files[0])"
            let none = try await Program.haops("timeline", "VI_2", "--log", log)
            #expect(none.out.contains("no instance changed its owner"))
            let early = try await Program.haops("timeline", "--until", "1990-01-01T00:00:00Z", "--log", log)
            #expect(!early.out.contains("MASTER"))
        }
    }

    @Test(arguments: [
        ["--log", "nofile"], ["--log", "lb1=/nonexistent"], ["--since", "yesterday"],
        ["-f", "--log", "a=/dev/null"],
        ["-f", "-o", "yaml"], ["-f", "--until", "1h"], ["--log", "a=/dev/null", "--nodes", "b"],
    ])
    func `what makes no sense is refused`(arguments: [String]) async throws {
        let answer = try await Program.run(Program.path, ["timeline"] + arguments)
        #expect(answer.exit == 64 && answer.err.hasPrefix("error: "), "\(arguments): \(answer.err)")
    }

    @Test func `points in time`() {
        let now = PointInTime(argument: "2026-11-30T20:55:00Z")?.time(at: .now)
        #expect(now?.iso8601 == "2026-11-30T20:55:00.000Z")
        #expect(
            now.flatMap { PointInTime(argument: "2h")?.time(at: $0).iso8601 } == "2026-11-30T18:55:00.000Z")
        #expect(PointInTime(argument: "2026-11-30T20:55Z") != nil)
        for word in ["", "h", "0h", "-1h", "99999999999999999d", "5x"] {
            #expect(PointInTime(argument: word) == nil, "\(word)")
        }
    }
}

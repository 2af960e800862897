import Events
import FoundationEssentials
import Glibc
import HaopsTestSupport
import Remote
import Rendering
import Synchronization
import Testing

@testable import HaopsCommands

/// `--events`: what is in the file, whose it is, and what becomes of a run whose file cannot be written.
struct EventFileTests {
    /// Hands `body` the path of a file that is not there yet.
    private func withFile<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let path = FileManager.default.temporaryDirectory.path + "/haops-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    private let console = Console(
        out: Style(isColored: false), err: Style(isColored: false), isQuiet: true, isVerbose: false,
        isInteractive: false, sink: { _, _ in })

    @Test func `each event is one line of JSON, whatever is in its message`() async throws {
        try await withFile { path in
            let file = try EventFile(appendingTo: path)
            let emitter = EventEmitter(to: file, names: RunNames("R"), verb: "apply").on(cluster: "web")
            let stage = emitter.begin(.giveBack, node: "lb1")
            stage.fails("two\nlines, a \"quote\", \u{1b}[31m and \u{202e}")
            emitter.emit(.ask, .begins, "asking", nodes: 3)
            emitter.emit(.ask, .unknown, node: "lb2", "no answer", hint: "look")
            #expect(await file.close(console))
            let lines = try EventLine.all(in: path)
            #expect(lines.map(\.stage) == ["give-back", "give-back", "ask", "ask"])
            #expect(lines.map(\.phase) == ["begins", "fails", "begins", "unknown"])
            #expect(lines.allSatisfy { $0.schema_version == 1 && $0.run == "R" && $0.verb == "apply" })
            #expect(lines.allSatisfy { UTCTime($0.time) != nil && $0.cluster == "web" })
            #expect(lines.map(\.node) == ["lb1", "lb1", nil, "lb2"])
            #expect(lines[0].duration_ms == nil && lines[1].duration_ms != nil)
            #expect(lines[1].message.contains("two\nlines") && lines[2].nodes == 3 && lines[3].hint == "look")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
        }
    }

    @Test func `the file is its owner's alone, and is added to`() async throws {
        try await withFile { path in
            for _ in 0..<2 {
                let file = try EventFile(appendingTo: path)
                EventEmitter(to: file, verb: "who").emit(.run, .begins)
                await file.close(console)
            }
            #expect(try EventLine.all(in: path).count == 2)
            var status = stat()
            #expect(unsafe stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func `secrets that a console hides are not in the file either`() async throws {
        try await withFile { path in
            let file = try EventFile(appendingTo: path)
            var console = console
            console.listeners = [file]
            let hiding = console.hiding(
                SecretMask().hiding(secretsOf: [
                    "/etc/keepalived/keepalived.conf": Array(
                        "vrrp_instance VI_1 {\n  authentication {\n    auth_pass geheim12\n  }\n}\n".utf8)
                ]))
            hiding.events.emit(.validate, .fails, node: "lb1", "auth_pass geheim12 is odd", hint: "geheim12")
            await file.close(console)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("is odd") && !text.contains("geheim12"))
        }
    }

    @Test func `every listener is told, and none of what is hidden`() {
        let (first, second) = (Listener(), Listener())
        var console = console
        console.listeners = [first, second]
        let hiding = console.hiding(
            SecretMask().hiding(secretsOf: [
                "/etc/keepalived/keepalived.conf": Array(
                    "vrrp_instance VI_1 {\n  authentication {\n    auth_pass geheim12\n  }\n}\n".utf8)
            ])
        ).keepingOutOfEvents("`mysql`", namedInstead: "the command")
        hiding.events.emit(.validate, .fails, node: "lb1", "`mysql` says geheim12")
        for listener in [first, second] {
            let words = listener.words
            #expect(words.count == 1 && words[0].hasPrefix("the command says "), "\(words)")
            #expect(!words.joined().contains("geheim12"), "\(words)")
        }
    }

    /// What a metric or a live view would be: it is told, and keeps the words.
    private final class Listener: EventSink {
        private let state = Mutex<[String]>([])
        var words: [String] { state.withLock { $0 } }
        func emit(_ event: RunEvent) { state.withLock { $0.append(event.message) } }
    }

    @Test func `a command that is to be run is not in the file`() async throws {
        try await withFile { path in
            let file = try EventFile(appendingTo: path)
            var console = console
            console.listeners = [file]
            let quiet = console.keepingOutOfEvents("`mysql -pgeheim12`", namedInstead: "the command")
            quiet.events.emit(.ask, .unknown, node: "lb1", "`lb1`: cannot run `mysql -pgeheim12`: lost")
            await file.close(console)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("cannot run the command: lost") && !text.contains("geheim12"))
        }
    }

    @Test func `a verb tells of every node it asks, and of its end`() async throws {
        try await withFile { path in
            let run = try await Program.haops(
                "who", "-F", "none", "--nodes", Program.nobody, "--events", path, "203.0.113.50")
            #expect(run.exit == 4)
            let lines = try EventLine.all(in: path)
            #expect(
                lines.map { "\($0.stage) \($0.phase)" } == [
                    "run begins", "ask begins", "ask begins", "ask unknown", "ask ends", "run unknown",
                ])
            #expect(Set(lines.map(\.run)).count == 1 && lines.allSatisfy { $0.verb == "who" })
            #expect(lines[1].nodes == 1 && lines[3].duration_ms != nil)
            #expect(lines[3].message.contains("cannot connect"))
            #expect(lines.last?.message.hasPrefix("exit 4: ") == true)
        }
    }

    @Test(arguments: ["/nonexistent/events", "/", "-", ""])
    func `a file that cannot be written ends the run before it begins`(path: String) async throws {
        let run = try await Program.haops(
            "exec", "-F", "none", "--nodes", Program.nobody, "--events", path, "--", "true")
        #expect(run.exit == 64 && run.out.isEmpty)
        #expect(run.err.contains("--events") && !run.err.contains("cannot connect"), "\(run.err)")
    }

    @Test func `a pipe that nobody reads ends the run before it begins`() async throws {
        try await withFile { path in
            #expect(unsafe mkfifo(path, 0o600) == 0)
            let run = try await Program.haops(
                "who", "-F", "none", "--nodes", Program.nobody, "--events", path)
            #expect(run.exit == 64 && run.err.contains("nobody reads this pipe"), "\(run.err)")
        }
    }

    @Test func `a disk that is full is told at the end, and ends no run`() async throws {
        let run = try await Program.haops(
            "who", "-F", "none", "--nodes", Program.nobody, "--events", "/dev/full")
        #expect(run.exit == 4 && run.err.contains("--events: cannot write `/dev/full`"), "\(run.err)")
    }

    @Test func `the page on events has every member, stage and phase`() throws {
        let page = try String(
            contentsOfFile: LabFixture.project + "/docs/Events.md", encoding: .utf8)
        let event = RunEvent(run: "R", time: .now, verb: "who", stage: .run, phase: .begins)
        guard case .object(let members) = event.document else {
            Issue.record("no document")
            return
        }
        let words =
            members.map(\.key) + RunEvent.Stage.allCases.map(\.rawValue)
            + RunEvent.Phase.allCases.map(\.rawValue)
        for word in words { #expect(page.contains("| `\(word)` |"), "\(word)") }
    }
}

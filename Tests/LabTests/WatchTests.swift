import FoundationEssentials
import Glibc
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That `watch` shows what happens on real machines, while it happens.
    @Suite struct WatchTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// One line of `watch -o json`.
        private struct Change: Decodable {
            var time: String
            var lag_milliseconds: Int
            var kind: String
            var node: String?
            var addresses: [String]
            var from: String?
            var to: String?
            var owners: [String]
            var first: Bool
            var message: String
        }

        /// A watch that goes on while the test breaks things. It writes to a file.
        private struct Running {
            let lab: LabFixture
            let path: String

            var text: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

            var changes: [Change] {
                text.split(separator: "\n").compactMap {
                    try? JSONDecoder().decode(Change.self, from: Data($0.utf8))
                }
            }

            @discardableResult
            func shows(
                _ what: String, within limit: Duration = .seconds(20), _ found: (Change) -> Bool
            ) async throws -> Change {
                try await lab.eventually(what, within: limit) { changes.last(where: found) }
            }

            /// Ends it as Ctrl-C does.
            func interrupt() throws {
                let pid = try #require(
                    Int32(
                        (try String(contentsOfFile: path + ".pid", encoding: .utf8)).filter(\.isNumber)))
                kill(pid, SIGINT)
            }
        }

        /// Hands `body` a watch that has begun, and the program's exit code after it.
        private func watching(
            _ pair: ManagedPair, _ arguments: [String], _ body: @Sendable (Running) async throws -> Void
        ) async throws -> CommandOutput {
            let path = try lab.scratch("watch.out", "")
            let running = Running(lab: lab, path: path)
            let command = pair.commandLine("watch", ["-o", "json"] + arguments)
            async let ended = lab.run(
                ["sh", "-c", "echo $$ >\(path).pid; exec \"$@\" >\(path)", "sh", LabFixture.haops] + command)
            try await running.shows("the watch has begun") { $0.kind == "verdict" && $0.first }
            do { try await body(running) } catch {
                try running.interrupt()
                throw error
            }
            return try await ended
        }

        @Test(.timeLimit(.minutes(3)))
        func `a failover, a frozen node and their ends are told as they happen`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let told = try lab.scratch("told", "")
            let program = try lab.scratch("program", "#!/bin/sh\ncat >>'\(told)'\n")
            unsafe chmod(program, 0o755)
            let ended = try await watching(pair, ["--exec", program]) { watch in
                try await lab.fault("keepalived-stopped", "lb1")
                try await watch.shows("lb2 is MASTER") {
                    $0.kind == "role" && $0.node == "lb2" && $0.to == "MASTER"
                }
                try await watch.shows("lb2 owns the addresses") {
                    $0.kind == "verdict" && $0.to == "owned" && $0.owners == ["lb2"]
                }
                try await watch.shows("lb1's keepalived is gone") {
                    $0.kind == "service" && $0.node == "lb1" && $0.to == "stopped"
                }
                try await lab.heal("keepalived-stopped", "lb1")
                try await watch.shows("lb1 owns them again") {
                    $0.kind == "verdict" && $0.to == "owned" && $0.owners == ["lb1"] && !$0.first
                }
                let began = ContinuousClock.now
                try await lab.fault("frozen", "lb2")
                try await watch.shows("lb2 is silent", within: .seconds(10)) {
                    $0.kind == "node" && $0.node == "lb2" && $0.to == "silent"
                }
                print("silent after \(began.duration(to: .now).brief), the fault's own time included")
                try await watch.shows("what lb2 has is unknown") {
                    $0.kind == "verdict" && $0.to == "unknown"
                }
                try await lab.heal("frozen", "lb2")
                try await watch.shows("lb2 is heard") {
                    $0.kind == "node" && $0.node == "lb2" && $0.to == "heard"
                }
                try await lab.eventually("lb1 owns them for all to see", within: .seconds(40)) {
                    let last = watch.changes.last { $0.kind == "verdict" }
                    return last?.to == "owned" && last?.owners == ["lb1"] ? true : nil
                }
                let changes = watch.changes.filter { !$0.first }
                try await lab.eventually("the program has been told all") {
                    let lines = try String(contentsOfFile: told, encoding: .utf8).split(separator: "\n")
                    return lines.count >= changes.count ? true : nil
                }
                try watch.interrupt()
            }
            #expect(ended.status == .code(130), "\(ended.everything)")
            let changes = Running(lab: lab, path: lab.state + "/tests/watch.out").changes
            let lags = changes.filter { $0.kind == "address" }.map(\.lag_milliseconds).sorted()
            // Four addresses that go and come, twice.
            try #require(lags.count >= 8)
            print("a kernel's change is known after \(lags[lags.count / 2]) ms; at most \(lags.last ?? 0) ms")
            #expect(lags[lags.count / 2] < 1000)
            let silence = changes.first { $0.message.contains("nobody had it for") }
            #expect(silence?.owners == ["lb2"], "\(changes.map(\.message))")
            for line in Running(lab: lab, path: lab.state + "/tests/watch.out").text.split(separator: "\n") {
                #expect(try DocumentSchema.problems(of: JSONValue(line.utf8)) == [])
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func `as a gate it waits until every address is owned`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            for node in ManagedPair.nodes { try await lab.fault("keepalived-stopped", node) }
            let shut = try await pair.haops("watch", "--until", "owned", "--timeout", "2s")
            #expect(shut.status == .code(5), "\(shut.everything)")
            #expect(shut.text.contains("unowned: no node holds it"))
            async let gate = pair.haops("watch", "--until", "owned", "--timeout", "60s")
            for node in ManagedPair.nodes { try await lab.heal("keepalived-stopped", node) }
            let open = try await gate
            #expect(open.status == .code(0), "\(open.everything)")
            // Lines for people, without a colour and without a cursor's move.
            #expect(!open.text.contains("\u{1b}"))
            #expect(open.text.split(separator: "\n").last?.contains("owned by") == true, "\(open.text)")
        }

        /// Runs the watch on a terminal of its own; `body` gets what is shown and the keyboard.
        private func onATerminal(
            _ pair: ManagedPair, _ arguments: [String],
            _ body:
                @Sendable (_ shows: (String) async throws -> Void, _ type: (String) -> Void) async throws
                -> Void
        ) async throws -> String {
            let path = try lab.scratch("terminal", "")
            let keys = lab.state + "/tests/keys"
            unsafe unlink(keys)
            try #require(unsafe mkfifo(keys, 0o600) == 0)
            let keyboard = unsafe open(keys, O_RDWR | O_CLOEXEC)
            defer { close(keyboard) }
            let command = ([LabFixture.haops] + pair.commandLine("watch", arguments)).joined(separator: " ")
            // What a shell finds afterwards: its terminal as it was. `script` starts whatever $SHELL
            // names; dash, unlike bash, ends with its program when Ctrl-C reaches both.
            let script = "trap : INT; TERM=xterm \(command); echo ended with $?; stty -a"
            async let ended = lab.run(
                ["sh", "-c", "exec script -qfc \"$1\" \"$2\" <\"$3\" >/dev/null", "sh", script, path, keys])
            func text() -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
            do {
                try await body(
                    { wanted in
                        _ = try await lab.eventually("the terminal shows `\(wanted)`") {
                            text().contains(wanted) ? true : nil
                        }
                    },
                    { keys in
                        let bytes = Array(keys.utf8)
                        _ = unsafe bytes.withUnsafeBytes { unsafe write(keyboard, $0.baseAddress, $0.count) }
                    })
            } catch {
                _ = unsafe write(keyboard, "\u{3}", 1)
                throw error
            }
            _ = try await ended
            return text()
        }

        /// What comes after the screen was left: the terminal is as it was.
        private func expectRestored(_ text: String, exit: Int) throws {
            let leave = try #require(text.firstRange(of: "\u{1b}[?1049l"))
            let rest = text[leave.upperBound...]
            #expect(rest.contains("ended with \(exit)"))
            let settings = Set(rest.split { $0.isWhitespace || $0 == ";" })
            for setting: Substring in ["icanon", "echo", "isig", "ixon"] {
                #expect(settings.contains(setting), "\(rest)")
            }
            #expect(text.contains("\u{1b}[?25h"))
        }

        @Test(.timeLimit(.minutes(2)))
        func `on a terminal it is a screen that follows the machines, and q gives the terminal back`()
            async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            let text = try await onATerminal(pair, []) { shows, type in
                try await shows("haops watch: 2 owned (1 cluster, 2 nodes)")
                try await shows("q quit   enter detail")
                try await lab.fault("haproxy-stopped", "lb2")
                try await shows("lb2: haproxy does not run")
                try await lab.heal("haproxy-stopped", "lb2")
                type("\r")
                try await shows("WEB: looked at")
                type("\u{1b}[B/nothing-like-it\r")
                try await shows("no cluster has `nothing-like-it`")
                type("q")
            }
            try expectRestored(text, exit: 0)
        }

        @Test(.timeLimit(.minutes(2)))
        func `Ctrl-C gives the terminal back`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let text = try await onATerminal(pair, []) { shows, type in
                try await shows("q quit   enter detail")
                type("\u{3}")
            }
            try expectRestored(text, exit: 130)
        }
    }
}

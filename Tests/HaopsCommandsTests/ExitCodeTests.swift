import FoundationEssentials
import Testing

@testable import HaopsCommands

/// How the program ends, asked of the program.
struct ExitCodeTests {
    @Test func `every code of the table has a number of its own and a meaning`() {
        #expect(HaopsExit.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 64, 130])
        #expect(Set(HaopsExit.allCases.map(\.meaning)).count == HaopsExit.allCases.count)
    }

    @Test(arguments: [
        ["--no-such-flag"], ["no-such-verb"], ["who", "--no-such-flag"], ["who", "--parallel", "0"],
        ["who", "--parallel", "many"], ["who", "--port", "70000"], ["who", "--transport", "telnet"],
        ["who", "--nodes", "127.0.0.1", "-i", "x.yaml"], ["who", "-o", "xml"], ["init", "one", "two"],
        ["init", "198.51.100.11", "198.51.100.11"], ["render"], ["apply", "--nodes", "127.0.0.1"],
        ["plan", "--nodes", "127.0.0.1"], ["check", "--nodes", "127.0.0.1"],
        ["render", "--out", "/tmp", "--nodes", "127.0.0.1"],
        ["who", "--nodes", "127.0.0.1", "-F", "/nonexistent/ssh_config"],
        ["who", "--nodes", "127.0.0.1:1", "203.0.113.050"], ["who", "--nodes", "127.0.0.1:1", "50"],
        ["exec", "--nodes", "127.0.0.1"],
    ])
    func `a wrong command line is 64, says why, and answers nothing`(arguments: [String]) async throws {
        let run = try await Program.run(Program.path, arguments)
        #expect(run.exit == 64)
        #expect(!run.err.isEmpty)
        #expect(run.out.isEmpty)
    }

    @Test func `what a program reads of an inventory that is wrong says where and why`() async throws {
        let text = try String(contentsOfFile: Program.shipped, encoding: .utf8)
        let wrong = text.replacing("router_id:", with: "router_ids:")
        try await Program.withInventory(wrong) { path in
            let run = try await Program.haops("check", "-o", "json", "-i", path)
            #expect(run.exit == 64 && run.err.contains("router_ids"))
            #expect(run.out.contains("\"valid\": false") && run.out.contains("\"message\":"))
            #expect(run.out.contains("\"line\": ") && run.out.contains("\"hint\": \"did you mean"))
        }
        try await Program.withInventory(text) { path in
            let run = try await Program.haops("check", "-o", "json", "-i", path)
            #expect(run.exit == 0 && run.out.contains("\"valid\": true"))
            #expect(run.out.contains("\"problems\": []"))
        }
    }

    @Test func `plan and import name each node that does not answer once`() async throws {
        let nodes = ["root@127.0.0.1:1", "root@127.0.0.2:1"]
        let imported = try await Program.haops(
            "import", "-F", "none", "--nodes", nodes.joined(separator: ","))
        #expect(imported.exit == 4 && imported.err.count(of: "cannot connect") == 2, "\(imported.err)")
        let text = """
            haops: 1
            clusters:
              web:
                nodes:
                  lb1: { address: 127.0.0.1, ssh: { port: 1 }, priority: 150 }
                  lb2: { address: 127.0.0.2, ssh: { port: 1 }, priority: 100 }
                keepalived:
                  interface: eth0
                  instances: { VI_1: { router_id: 51, addresses: [203.0.113.50/24] } }

            """
        try await Program.withInventory(text) { path in
            let plan = try await Program.haops("plan", "-F", "none", "-i", path)
            #expect(plan.exit == 4, "\(plan.err)")
            #expect(plan.out.count(of: "cannot connect") == 1, "\(plan.out)")
            #expect(plan.out.contains("  unknown lb[1-2]: cannot connect: "), "\(plan.out)")
        }
    }

    @Test(arguments: [
        (["who"], "12 addresses: 12 unknown; 24 nodes did not answer"),
        (["status"], "unknown: 12 clusters (c[01-12]): no node answered (-v shows them)"),
        (["doctor"], "c[01-12]-lb1, c[01-12]-lb2: the node does not answer"),
        (["fix", "--yes"], "12 clusters (c[01-12]): unknown, no node answered (-v shows them)"),
        (["plan"], "unknown c[01-12]-lb1, c[01-12]-lb2: cannot connect: "),
        (["timeline"], "unknown: no log was read"),
    ])
    func `many clusters of which no node answers fit on a screen`(verb: [String], line: String) async throws {
        let clusters = (1...12).map { number in
            let name = number < 10 ? "c0\(number)" : "c\(number)"
            return """
                  \(name):
                    nodes:
                      \(name)-lb1: { address: 127.0.\(number).1, priority: 150 }
                      \(name)-lb2: { address: 127.0.\(number).2, priority: 100 }
                    keepalived:
                      interface: eth0
                      instances: { VI_1: { router_id: \(number), addresses: [10.2.\(number).50/24] } }

                """
        }
        let text = "haops: 1\nssh: { port: 1 }\nclusters:\n" + clusters.joined()
        try await Program.withInventory(text) { path in
            let run = try await Program.run(Program.path, verb + ["-F", "none", "-i", path])
            #expect(run.exit == 4 && run.out.contains(line), "\(run)")
            #expect((run.out + run.err).count(of: "\n") <= 24, "\(run)")
        }
    }

    @Test func `a directory that cannot be made is named with the reason`() async throws {
        let run = try await Program.haops("render", "--out", "/proc/x", "-i", Program.shipped)
        #expect(run.exit == 1)
        #expect(run.err.hasPrefix("error: cannot write `/proc/x/"), "\(run.err)")
        #expect(!run.err.contains("CocoaError"))
    }

    @Test func `nothing is rendered through a link below the directory`() async throws {
        let place = FileManager.default.temporaryDirectory.path + "/haops-render-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        for directory in ["/out/lb1", "/elsewhere"] {
            try FileManager.default.createDirectory(
                atPath: place + directory, withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(
            atPath: place + "/out/lb1/etc", withDestinationPath: place + "/elsewhere")
        let run = try await Program.haops("render", "--out", place + "/out", "-i", Program.shipped)
        #expect(run.exit == 1 && run.err.contains("`\(place)/out/lb1/etc` is a link"), "\(run.err)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: place + "/elsewhere") == [])
        // The directory itself may be one.
        try FileManager.default.removeItem(atPath: place + "/out/lb1/etc")
        try FileManager.default.createSymbolicLink(
            atPath: place + "/link", withDestinationPath: place + "/out")
        #expect(try await Program.haops("render", "--out", place + "/link", "-i", Program.shipped).exit == 0)
    }

    @Test func `what was to be run is shown where nothing else is`() async throws {
        let run = try await Program.haops("exec", "--nodes", "127.0.0.1:1", "-q", "--dry-run", "--", "reboot")
        #expect(run.exit == 0 && run.out == "would run on 1 node, 127.0.0.1: reboot\n", "\(run.out)")
    }

    @Test func `a verb that is nearly one is answered with that one`() async throws {
        let run = try await Program.haops("swichover", "--to", "lb1")
        #expect(run.exit == 64 && run.out.isEmpty)
        #expect(run.err == "error: there is no verb `swichover`\nhint: did you mean `haops switchover`?\n")
    }

    @Test(arguments: [
        (["check", "my.yaml"], "-i names the inventory: haops check -i my.yaml"),
        (["plan", "my fleet.yml"], "-i names the inventory: haops plan -i 'my fleet.yml'"),
        (["status", "lb1"], "-c names clusters, -l names nodes, and -i names the inventory"),
        (["exec", "ls", "-l"], "put -- before the command: haops exec -- ls -l"),
        (["exec", "-c", "web", "uptime"], "put -- before the command: haops exec -- uptime"),
    ])
    func `a command line that is nearly right gets a hint`(arguments: [String], hint: String) async throws {
        let run = try await Program.run(Program.path, arguments)
        #expect(run.exit == 64 && run.out.isEmpty)
        #expect(run.err.count(of: "\nhint: ") == 1 && run.err.contains("\nhint: \(hint)\n"), "\(run.err)")
    }

    @Test func `help and version are answers`() async throws {
        let help = try await Program.haops("--help")
        #expect(help.exit == 0 && help.out.contains("USAGE: haops") && help.err.isEmpty)
        let version = try await Program.haops("--version")
        #expect(version.exit == 0 && version.out == Version.text + "\n" && version.err.isEmpty)
    }

    @Test func `a mistake in the inventory is 64, with file, line, column, a caret and a remedy`()
        async throws
    {
        let text = try String(contentsOfFile: Program.shipped, encoding: .utf8)
            .replacing("router_id:", with: "router_ids:")
        try await Program.withInventory(text) { path in
            let run = try await Program.haops("check", "-i", path)
            #expect(run.exit == 64)
            #expect(run.out.isEmpty)
            let line =
                try #require(
                    text.split(separator: "\n", omittingEmptySubsequences: false)
                        .firstIndex { $0.contains("router_ids:") }) + 1
            #expect(run.err.contains("\(path):\(line):11: error: "))
            #expect(run.err.contains("router_ids: 51"))
            #expect(run.err.contains("^"))
            #expect(run.err.contains("`router_id`"))
        }
    }

    @Test func `an inventory that is not there is 64, and names the ways to give one`() async throws {
        let run = try await Program.haops("check", "-i", "/nonexistent/haops.yaml")
        #expect(run.exit == 64)
        #expect(run.err.contains("/nonexistent/haops.yaml"))
        #expect(run.err.contains("haops init"))
    }

    @Test func `a node that does not answer is 4, and unknown, never "no VIP"`() async throws {
        let run = try await Program.haops(
            "who", "203.0.113.50", "--nodes", Program.nobody, "-F", "none", "-o", "json")
        #expect(run.exit == 4)
        let document = try JSONDecoder().decode(WhoDocument.self, from: Data(run.out.utf8))
        #expect(document.schema_version == 1)
        #expect(document.command == "who")
        #expect(document.checked_at.hasSuffix("Z"))
        let vip = try #require(document.vips.first)
        #expect(vip.vip == "203.0.113.50")
        #expect(vip.verdict == "unknown")
        #expect(vip.owners == [])
        #expect(vip.nodes.map(\.reachable) == [false])
        #expect(vip.nodes.map(\.holds) == [nil])
        #expect(run.err.contains("`127.0.0.1`: cannot connect"))
    }

    private struct WhoDocument: Decodable {
        var schema_version: Int
        var command: String
        var checked_at: String
        var vips: [VIP]
        struct VIP: Decodable {
            var vip: String
            var verdict: String
            var owners: [String]
            var nodes: [Node]
        }
        struct Node: Decodable {
            var reachable: Bool
            var holds: Bool?
        }
    }

    @Test func `a monitor is told unknown, in its own codes, when nobody answers`() async throws {
        let run = try await Program.haops(
            "who", "203.0.113.50", "--nagios", "--nodes", Program.nobody, "-F", "none", "-q")
        #expect(run.exit == 3)
        #expect(run.out.hasPrefix("HAOPS UNKNOWN - "))
        #expect(run.out.contains("| vips=1 owned=0 unreachable=1"))
        #expect(run.out.split(separator: "\n").count == 1)
    }

    @Test(arguments: [
        ["who", "no-such-host.invalid", "--nodes", Program.nobody], ["who", "-i", "/nonexistent/haops.yaml"],
        ["status", "-i", "/nonexistent/haops.yaml"], ["who", "--parallel", "0"],
        ["status", "--no-such-flag"],
        ["who", "--nodes", Program.nobody, "--transport", "openssh", "-J", "-oProxyCommand=x"],
        ["who", "203.0.113.50", "--nodes", Program.nobody], ["status", "--nodes", Program.nobody],
    ])
    func `a monitor is told unknown, in one line, whatever went wrong`(arguments: [String]) async throws {
        let run = try await Program.run(Program.path, arguments + ["-F", "none", "--nagios"])
        #expect(run.exit == 3)
        #expect(run.out.hasPrefix("HAOPS UNKNOWN - "), "\(run.out)")
        #expect(run.out.split(separator: "\n").count == 1, "\(run.out)")
        // Some monitors read both streams as one.
        #expect(run.err.isEmpty, "\(run.err)")
    }

    @Test func `exec on more than 20 nodes with nobody to ask is refused before a connection is made`()
        async throws
    {
        let many = (1...21).map { "127.0.0.\($0):1" }.joined(separator: ",")
        let run = try await Program.haops("exec", "--nodes", many, "-F", "none", "--", "true")
        #expect(run.exit == 3)
        #expect(run.err.contains("--yes"))
        #expect(!run.err.contains("cannot connect"))
    }

    @Test func `no cluster or node of that name is 64, and says which there are`() async throws {
        let cluster = try await Program.haops("check", "-i", Program.shipped, "-c", "wep")
        #expect(cluster.exit == 64)
        #expect(cluster.err.contains("`web`") || cluster.err.contains("web"))
        let node = try await Program.haops("check", "-i", Program.shipped, "-l", "lb7")
        #expect(node.exit == 64)
        #expect(node.err.contains("lb7"))
    }
}

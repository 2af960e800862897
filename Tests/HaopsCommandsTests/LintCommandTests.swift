import FoundationEssentials
import Testing

@testable import HaopsCommands

/// What `haops lint` takes on its command line, and what it refuses instead of passing it over.
struct LintCommandTests {
    private static let healthy = """
        global_defs {
            router_id lb1
            vrrp_garp_master_refresh 60
        }

        """

    /// Hands `body` a directory with a configuration `a.conf`.
    private func withConfiguration(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/haops-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try Self.healthy.write(toFile: directory + "/a.conf", atomically: true, encoding: .utf8)
        try await body(directory)
    }

    @Test func `a configuration that cannot be read is 64, with the system's reason and nothing beside it`()
        async throws
    {
        try await withConfiguration { directory in
            let missing = try await Program.haops("lint", directory + "/no.conf")
            #expect(missing.exit == 64 && missing.out.isEmpty)
            #expect(missing.err == "error: cannot read `\(directory)/no.conf`: no such file or directory\n")
            let folder = try await Program.haops("lint", "lb1=\(directory)")
            #expect(folder.exit == 64 && folder.out.isEmpty)
            #expect(folder.err == "error: cannot read `\(directory)`: it is a directory\n")
        }
    }

    @Test func `what a pipe gives is read once, and whole`() async throws {
        let line =
            "printf 'vrrp_instance A {\n virtual_ipadress {\n 1.2.3.4\n }\n}\n' | \(Program.path) lint /dev/stdin"
        let run = try await Program.run("sh", ["-c", line])
        #expect(run.exit == 5 && run.out.contains("did you mean `virtual_ipaddress`?"), "\(run)")
    }

    @Test func `a haproxy cfg that cannot be read is 64, too`() async throws {
        try await withConfiguration { directory in
            let run = try await Program.haops(
                "lint", directory + "/a.conf", "--haproxy", directory + "/no.cfg")
            #expect(run.exit == 64 && run.out.isEmpty)
            #expect(run.err == "error: cannot read `\(directory)/no.cfg`: no such file or directory\n")
            try "defaults\n".write(toFile: directory + "/h.cfg", atomically: true, encoding: .utf8)
            let readable = try await Program.haops(
                "lint", directory + "/a.conf", "--haproxy", directory + "/h.cfg")
            #expect(readable.exit != 64, "\(readable.err)")
        }
    }

    @Test(arguments: [["-i", Program.shipped], ["--nodes", Program.nobody]])
    func `a haproxy cfg beside what has its own is refused`(which: [String]) async throws {
        let run = try await Program.run(Program.path, ["lint", "--haproxy", "/etc/hostname"] + which)
        #expect(run.exit == 64 && run.out.isEmpty)
        #expect(run.err.contains("--haproxy goes with files"))
    }

    @Test func `two configurations under one name are refused, as they would not be compared`() async throws {
        try await withConfiguration { directory in
            let file = directory + "/a.conf"
            let named = try await Program.haops("lint", "lb1=\(file)", "lb2=\(file)", "lb1=\(file)")
            #expect(named.exit == 64 && named.out.isEmpty)
            #expect(named.err.contains("two configurations are called `lb1`"))
            let unnamed = try await Program.haops("lint", file, file)
            #expect(unnamed.exit == 64)
            #expect(unnamed.err.contains("`\(file)`"))
            let peers = try await Program.haops("lint", "lb1=\(file)", "lb2=\(file)")
            #expect(peers.exit == 0, "\(peers.err)")
        }
    }

    @Test(arguments: [["-i", Program.shipped], ["-c", "web"], ["-l", "lb1"]])
    func `files exclude what selects from an inventory`(selection: [String]) async throws {
        try await withConfiguration { directory in
            let run = try await Program.run(Program.path, ["lint", directory + "/a.conf"] + selection)
            #expect(run.exit == 64 && run.out.isEmpty)
            #expect(run.err.contains("files exclude -i, -c and -l"))
        }
    }

    @Test func `a haproxy cfg is read as haproxy's, wherever it stands on the command line`() async throws {
        try await withConfiguration { directory in
            let file = directory + "/haproxy.cfg"
            try "frontend f\n    bind :80\n    timeout client 9s\n    default_backend nosuch\n"
                .write(toFile: file, atomically: true, encoding: .utf8)
            for arguments in [[file], ["--haproxy", file], [directory + "/a.conf", "--haproxy", file]] {
                let run = try await Program.run(Program.path, ["lint", "-o", "tsv"] + arguments)
                let ids = run.out.split(separator: "\n").dropFirst().map { $0.split(separator: "\t")[1] }
                #expect(run.exit == 5 && ids == ["ha-undefined-backend"], "\(arguments): \(run)")
            }
        }
    }

    @Test func `a path may have an equals sign`() async throws {
        try await withConfiguration { directory in
            let file = directory + "/a=b.conf"
            try Self.healthy.write(toFile: file, atomically: true, encoding: .utf8)
            for argument in [file, "lb1=\(file)"] {
                let run = try await Program.haops("lint", argument)
                #expect(run.exit == 0, "\(argument): \(run.err)")
            }
        }
    }

    @Test func `a file for several nodes is read for each of them`() async throws {
        try await withConfiguration { directory in
            let file = directory + "/shared.conf"
            let text = """
                vrrp_instance VI_1 {
                    state BACKUP
                    interface eth0
                    virtual_router_id 51
                @lb1 priority 150
                @lb2 priority 300
                    virtual_ipaddress {
                        192.0.2.100/24
                    }
                }

                """
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let alone = try await Program.haops("lint", "-o", "tsv", file)
            #expect(alone.exit == 5)
            #expect(
                alone.out.contains("\tprio-syntax\t") && alone.out.contains("\tconfig-id\t"), "\(alone.out)")
            let named = try await Program.haops("lint", "-o", "tsv", "lb1=\(file)")
            #expect(named.exit == 0 && !named.out.contains("config-id"), "\(named.out)")
        }
    }

    private static let mendable = """
        vrrp_instance VI_1 {
            state BACKUP
            interface eth0
            virtual_router_id 51
            priority 100
            notify “/usr/local/bin/n.sh”
            virtual_ipaddress {
                192.0.2.100/24
            }

        """

    @Test func `fix shows what it writes, writes it once, and asks before`() async throws {
        try await withConfiguration { directory in
            let file = directory + "/b.conf"
            try Self.mendable.write(toFile: file, atomically: true, encoding: .utf8)
            func contents() throws -> String { try String(contentsOfFile: file, encoding: .utf8) }
            let unasked = try await Program.run(
                "sh", ["-c", "\(Program.path) lint --fix \(file) </dev/null"])
            #expect(
                unasked.exit == 3 && unasked.out.contains("+    notify \"/usr/local/bin/n.sh\""), "\(unasked)"
            )
            #expect(try contents() == Self.mendable)
            let tried = try await Program.haops("lint", "--fix", "--dry-run", file)
            #expect(tried.exit == 5 && tried.out.contains("+}"))
            #expect(try contents() == Self.mendable)
            func access() async throws -> String {
                try await Program.run("sh", ["-c", "stat -c '%a %u:%g' \(file)"]).out
            }
            // Only root gives a file away.
            _ = try await Program.run("sh", ["-c", "chmod 640 \(file); chown 1:1 \(file)"])
            let before = try await access()
            let written = try await Program.haops("lint", "--fix", "--yes", file)
            #expect(written.exit == 0, "\(written)")
            #expect(try await access() == before && before.hasPrefix("640 "))
            let mended = try contents()
            #expect(mended == Self.mendable.replacing("“", with: "\"").replacing("”", with: "\"") + "}\n")
            let again = try await Program.haops("lint", "--fix", "--yes", file)
            #expect(again.exit == 0 && !again.out.contains("@@"))
            #expect(try contents() == mended)
        }
    }

    @Test func `fix goes with files`() async throws {
        let run = try await Program.haops("lint", "--fix", "-i", Program.shipped)
        #expect(run.exit == 64 && run.err.contains("--fix goes with files"))
        let idle = try await Program.haops("lint", "--yes", "/etc/hostname")
        #expect(idle.exit == 64 && idle.err.contains("go with --fix"))
    }

    @Test func `SARIF has the fixes`() async throws {
        try await withConfiguration { directory in
            let file = directory + "/b.conf"
            try Self.mendable.write(toFile: file, atomically: true, encoding: .utf8)
            let run = try await Program.haops("lint", "--sarif", file)
            let compact = run.out.filter { !$0.isWhitespace }
            #expect(compact.contains("\"fixes\":[{\"artifactChanges\":"))
            #expect(compact.contains("\"startColumn\":12,\"startLine\":6"))
            #expect(compact.contains("\"text\":\"\\\"/usr/local/bin/n.sh\\\"\""), "\(compact)")
        }
    }
    @Test func `SARIF of what cannot be read carries the failure`() async throws {
        for arguments in [["/nonexistent.conf"], ["-i", "/nonexistent.yaml"], ["--nodes", Program.nobody]] {
            let run = try await Program.run(Program.path, ["lint", "--sarif", "-F", "none"] + arguments)
            #expect(run.exit == (arguments[0] == "--nodes" ? 4 : 64), "\(arguments): \(run)")
            #expect(run.out.contains("\"executionSuccessful\": false"), "\(arguments): \(run)")
        }
    }

    @Test func `what lint finds in rendered files is to be mended in the inventory`() async throws {
        let text = """
            haops: 1
            clusters:
              web:
                nodes:
                  lb1: { address: 198.51.100.11, priority: 150 }
                  lb2: { address: 198.51.100.12, priority: 100 }
                keepalived:
                  interface: eth0
                  instances: { VI_1: { router_id: 51, addresses: [203.0.113.50/24] } }
                  extra: { global_defs: "vrrp_strict" }

            """
        try await Program.withInventory(text) { path in
            let people = try await Program.haops("lint", "-i", path)
            #expect(people.exit == 5, "\(people)")
            #expect(people.out.contains("  fix: in `\(path)`: remove `vrrp_strict`"), "\(people.out)")
            let sarif = try await Program.haops("lint", "--sarif", "-i", path)
            #expect(sarif.out.contains("\"uri\": \"file://\(path)\""), "\(sarif.out)")
            #expect(!sarif.out.contains("\"uri\": \"file:///etc/"), "\(sarif.out)")
            #expect(sarif.out.count(of: "\"ruleId\": \"strict\"") == 1, "\(sarif.out)")
            #expect(sarif.out.contains("lb1, lb2: VI_1: strict mode"), "\(sarif.out)")
        }
    }
}

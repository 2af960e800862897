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

    @Test(arguments: [[], ["-i", Program.shipped], ["--nodes", Program.nobody]])
    func `a haproxy cfg without a configuration beside it is refused`(which: [String]) async throws {
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
}

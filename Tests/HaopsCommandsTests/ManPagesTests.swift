import FoundationEssentials
import HaopsTestSupport
import Testing

/// The man pages, which are made of the help and of the inventory's schema.
struct ManPagesTests {
    /// `make test` installs both.
    private static let hasTools = ["python3", "mandoc"].allSatisfy { tool in
        ["/usr/local/bin", "/usr/bin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
        }
    }

    @Test(.enabled(if: hasTools, "needs python3 and mandoc"))
    func `every verb and the inventory have a page, and mandoc has no complaint`() async throws {
        let run = try await Program.run(
            "/bin/bash",
            [
                "-ec",
                """
                directory=$(mktemp -d); trap 'rm -rf "$directory"' EXIT
                "$PROJECT/scripts/lint-man-pages" "$HAOPS" "$directory/man" >&2
                cd "$directory/man"; grep -l . man?/*
                """,
            ], environment: ["HAOPS": Program.path, "PROJECT": LabFixture.project])
        #expect(run.exit == 0, "\(run.err)")
        let help = try await Program.haops("--help")
        let verbs = help.out.matches(of: #/\n {2}([a-z]+) {2,}\S/#).map { String($0.output.1) }
        #expect(verbs.count >= 18, "\(help.out)")
        #expect(
            run.out.split(separator: "\n").map(String.init).sorted()
                == (["man1/haops.1", "man5/haops-inventory.5"] + verbs.map { "man1/haops-\($0).1" }).sorted())
    }
}

import HaopsTestSupport
import Remote
import Testing

@testable import Facts

/// Facts about operators' own files and what is said of them, from real shells and from recorded output.
@Suite struct OwnFilesFactsTests {
    private let target = SSHTarget(id: HostID("here"), host: "here")

    private func facts(_ fact: any Fact, _ setUp: String = "") async throws -> HostFacts {
        try await LocalTransport(shell: "sh").facts(of: target, Probe([fact])).get()
    }

    @Test func `files that a list names are read as well, each once, whatever stands in it`() async throws {
        let scratch = try Scratch()
        let (plain, blanks, list) = (
            scratch.path("plain"), scratch.path("with  two blanks"), scratch.path("list")
        )
        try scratch.write("a\n", to: plain)
        try scratch.write("b", to: blanks)
        try scratch.write("# a comment\n0 none \(plain)\n0 none \(blanks)\n0 none relative\n\n0\n", to: list)
        let files = try await facts(FilesFact([plain, list], listedIn: list)).value(of: FilesFact.self)
        #expect(Set(files.keys) == [plain, blanks, list])
        #expect(files[blanks]?.contents == Array("b".utf8))
        let none = try await facts(FilesFact([plain], listedIn: scratch.path("missing"))).value(
            of: FilesFact.self)
        #expect(Set(none.keys) == [plain])
    }

    /// The `echo` of some shells takes a backslash for more, and one path may be a part of two others.
    @Test(arguments: ["sh", "bash"])
    func `files are told of whatever characters their names have`(shell: String) async throws {
        let scratch = try Scratch()
        let names = [
            #"a\nb"#, #"\c"#, "a|b", "a", "b", "$(x) `y`", "'\"*?[a]", "-n", "%s", " a", "e\u{301}\u{202e}",
        ]
        for name in names { try scratch.write(name, to: scratch.path(name)) }
        let absent = [#"\0101"#, "a|", "|"].map(scratch.path)
        let fact = FilesFact(names.map(scratch.path) + absent)
        let files = try await LocalTransport(shell: shell).facts(of: target, Probe([fact])).get().value(
            of: FilesFact.self)
        for name in names { #expect(files[scratch.path(name)]?.contents == Array(name.utf8), "\(name)") }
        for path in absent { #expect(files[path]?.kind == .absent, "\(path)") }
        #expect(files.count == names.count + absent.count)
    }

    @Test func `a file of which nothing is said makes the answer unreadable`() {
        #expect(throws: FactError.self) { try FilesFact(["/a", "/b"]).parse(SectionOutput("absent /a\n")) }
    }

    @Test(arguments: ["sh", "bash"])
    func `what a configuration includes is read, also where names hold blanks`(shell: String) async throws {
        let scratch = try Scratch()
        let main = scratch.path("keepalived.conf")
        try scratch.write("include a*.conf\ninclude b*.conf\n", to: main)
        try scratch.write("include c*.conf\n", to: scratch.path("a one.conf"))
        let names = ["a two.conf", "b one.conf", "b two.conf", "c one.conf"]
        for name in names { try scratch.write("# \(name)\n", to: scratch.path(name)) }
        let script = ConfigurationFilesFact(.keepalived).script
            .replacing(ConfigurationEvidence.usualMainFile, with: main)
        let output = try await LocalTransport(shell: shell).ask(
            target, Command(script, operation: "read configurations")
        ).get()
        let evidence = try ConfigurationFilesFact().parse(SectionOutput(bytes: output.stdout[...], status: 0))
        #expect(Set(evidence.files.keys).isSuperset(of: (names + ["a one.conf"]).map(scratch.path)))
        #expect(evidence.files[main]?.mode == 0o644)
    }

    @Test func `the log of the notify script: a success ends what was said before`() throws {
        let failures = try NotifyLogFact().parse(
            SectionOutput(
                """
                VI_1 MASTER: /opt/a: exit 7
                VI_1 BACKUP: /opt/b: there is no such file
                VI_1 MASTER: done
                VI_1 BACKUP: /opt/b: there is no such file
                VI_2 MASTER: /opt/a: ended, as it took longer than 10 s
                nothing of the kind
                VI_2 LEADER: done
                """))
        #expect(
            failures == [
                NotifyFailure(instance: "VI_1", state: "BACKUP", message: "/opt/b: there is no such file"),
                NotifyFailure(
                    instance: "VI_2", state: "MASTER", message: "/opt/a: ended, as it took longer than 10 s"),
            ])
    }

    @Test func `what the notify script runs is read from its text, and nothing from another script`() {
        let hooks = NotifyHooks(
            script: """
                #!/bin/sh
                # Rendered by haops; local edits will be reported as drift.
                file=/run/haops-state.$name
                scripts() {
                    cat <<'END'
                MASTER /opt/my own/a.sh
                MASTER /etc/keepalived/on-master.d/
                STOP /opt/b
                END
                }
                limit=5
                """)
        #expect(
            hooks?.hooks.map { "\($0.state) \($0.path) \($0.isDirectory)" } == [
                "MASTER /opt/my own/a.sh false", "MASTER /etc/keepalived/on-master.d true",
                "STOP /opt/b false",
            ])
        #expect(hooks?.timeout == 5 && hooks?.writesState == true)
        #expect(NotifyHooks(script: "#!/bin/sh\necho MASTER /opt/a\nMASTER /opt/a\n") == nil)
    }

    @Test func `tools that are there are found, and others not`() async throws {
        let tools = try await facts(ToolsFact()).value(of: ToolsFact.self)
        #expect(tools.contains("awk") && tools.isSubset(of: ToolsFact.known))
    }

    @Test func `a directory of programs is looked into, and what is missing has its directories`()
        async throws
    {
        let scratch = try Scratch()
        try scratch.write("#!/bin/sh\n", to: scratch.path("10"), mode: 0o755)
        try scratch.write("x", to: scratch.path("data"))
        let missing = scratch.path("missing")
        let paths = try await facts(NamedPathsFact([scratch.directory + "/", missing]))
            .value(of: NamedPathsFact.self)
        #expect(Set(paths.keys) == [scratch.directory, scratch.path("10"), missing])
        #expect(paths[missing]?.file == nil && paths[missing]?.directories.first?.path == scratch.directory)
    }
}

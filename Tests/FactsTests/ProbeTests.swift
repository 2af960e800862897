import Addresses
import Facts
import HaopsTestSupport
import Remote
import Testing

@Suite struct ProbeTests {
    private static let everything = Probe([
        SystemFact(), InterfacesFact(), NeighboursFact(), KeepalivedFact(), ServicesFact(), HAProxyFact(),
        SysctlFact(["net.ipv4.ip_forward", "no.such.key"]),
        FilesFact(["/etc/passwd", "/no/such/file", "/etc"]),
        JournalFact(), PackagesFact(["no-such-package"]),
    ])

    @Test(arguments: ["sh", "bash"])
    func `one script answers every fact in a real shell`(shell: String) async throws {
        let target = SSHTarget(id: HostID("here"), host: "localhost")
        let facts = try await LocalTransport(shell: shell).facts(of: target, Self.everything).get()
        #expect(facts.failures.isEmpty)
        let interfaces = try facts.value(of: InterfacesFact.self)
        #expect(interfaces.contains { $0.name == "lo" })
        #expect(try facts.value(of: SystemFact.self).now > 1_700_000_000)
        let files = try facts.value(of: FilesFact.self)
        #expect(files["/no/such/file"]?.kind == .absent)
        #expect(files["/etc"]?.kind == .other("not a regular file"))
        #expect(files["/etc/passwd"]?.contents.starts(with: Array("root:".utf8)) == true)
        #expect(try facts.value(of: SysctlFact.self).keys.sorted() == ["net.ipv4.ip_forward"])
    }

    @Test func `a script that no packet of SSH holds is no command line`() {
        let (long, _) = Probe([any Fact].doctor).command()
        #expect(long.script.utf8.count < 16 << 10 && long.input.count > 16 << 10)
        let (short, _) = Probe([SystemFact()]).command()
        #expect(short.input.isEmpty && short.script.contains("hostname"))
    }

    @Test(arguments: ["sh", "bash"])
    func `the keys that files set are asked for too, however they are written`(shell: String) async throws {
        let text = """
            # net.ipv4.tcp_syncookies = 1
            kernel.panic = 10
            net.ipv4.conf.*.rp_filter = 1
            net.ipv4.tcp_rmem = 1 2 3
             -net.ipv4.tcp_wmem=1\r
            net/ipv4/ip_default_ttl = 64
            net.ipv4.conf.lo/1.forwarding = 0
            net/../kernel/ostype = x
            net..//.kernel.ostype = x
            net.ipv4.no_such_key = 1
            net.ipv4.tcp_fin_timeout = 60
            """
        let made = try await LocalTransport(shell: "sh").ask(
            SSHTarget(id: HostID("here"), host: "localhost"),
            Command(
                "d=$(mktemp -d) && cat >$d/a.conf && cp $d/a.conf $d/b.conf && echo $d", operation: "test",
                input: Array(text.utf8))
        ).get()
        let directory = String(decoding: made.stdout.dropLast(), as: UTF8.self)
        let fact = SysctlFact(["net.ipv4.ip_forward"], andThoseOf: [directory + "/*.conf", "/no/such/file"])
        let target = SSHTarget(id: HostID("here"), host: "localhost")
        let facts = try await LocalTransport(shell: shell).facts(of: target, Probe([fact])).get()
        _ = try await LocalTransport().ask(target, Command("rm -r '\(directory)'", operation: "test")).get()
        let values = try facts.value(of: SysctlFact.self)
        #expect(
            values.keys.sorted() == [
                "net.ipv4.ip_default_ttl", "net.ipv4.ip_forward", "net.ipv4.tcp_fin_timeout",
                "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
            ])
        #expect(values["net.ipv4.tcp_rmem"]?.split(separator: " ").count == 3)
    }

    @Test func `a fact that two sets have is asked once`() throws {
        let probe = Probe([SysctlFact(["a"]), SystemFact(), SysctlFact(["b"])])
        #expect(probe.facts.map { type(of: $0).name } == [SystemFact.name, SysctlFact.name])
        #expect((probe.facts.last as? SysctlFact)?.keys == ["b"])
    }

    /// Its mark can be read in the arguments of the shell by any user of the machine, who may find a fact that prints it.
    @Test func `a section that comes twice is not known, and no other is touched`() throws {
        let probe = Probe([SystemFact(), JournalFact(), SysctlFact(["a"])])
        let output = """
            @m system
            hostname=lb1

            @m 0
            @m sysctl
            a=1

            @m 0
            @m journal
            1.0 x

            @m 0
            @m sysctl
            a=2

            @m 0
            @m of-no-fact
            x

            @m 0

            """
        let facts = probe.facts(of: HostID("lb1"), from: Array(output.utf8), marker: "@m")
        #expect(facts.known(SysctlFact.self) == nil)
        #expect(facts.failures.contains(.missing(fact: SysctlFact.name)))
        #expect(!facts.failures.contains(.missing(fact: SystemFact.name)))
        #expect(!facts.failures.contains(.missing(fact: JournalFact.name)))
    }

    @Test(arguments: ["sh", "bash"])
    func `a snippet that ends its shell takes no other fact with it`(shell: String) async throws {
        struct Fatal: Fact {
            static let name = "fatal"
            let script = "set --; shift 21; exit 7"
            func parse(_ output: SectionOutput) throws(FactError) -> Int { output.status }
        }
        let target = SSHTarget(id: HostID("here"), host: "localhost")
        let facts = try await LocalTransport(shell: shell).facts(of: target, Probe([Fatal(), SystemFact()]))
            .get()
        #expect(try facts.value(of: Fatal.self) != 0)
        #expect(try facts.value(of: SystemFact.self).now > 0)
    }

    @Test(arguments: ["sh", "bash"])
    func `what waits runs beside the rest, and its answer is whole`(shell: String) async throws {
        let scratch = try Scratch()
        // Each waits for what the other one does.
        struct Waiting: Fact {
            static let name = "waiting"
            let waits = true
            let directory: String
            var script: String {
                "n=0; while [ ! -e '\(directory)/b' ] && [ $n -lt 500 ]; do n=$((n + 1)); sleep 0.02; done\n: >'\(directory)/a'; echo $n; exit 3"
            }
            func parse(_ output: SectionOutput) throws(FactError) -> String {
                "\(output.status) \(output.text)"
            }
        }
        struct Prompt: Fact {
            static let name = "prompt"
            let directory: String
            var script: String {
                ": >'\(directory)/b'; n=0; while [ ! -e '\(directory)/a' ] && [ $n -lt 500 ]; do n=$((n + 1)); sleep 0.02; done; echo $n"
            }
            func parse(_ output: SectionOutput) throws(FactError) -> Int {
                output.lines.first.flatMap { Int($0) } ?? -1
            }
        }
        let probe = Probe([
            Waiting(directory: scratch.directory), Prompt(directory: scratch.directory), SystemFact(),
        ])
        let target = SSHTarget(id: HostID("here"), host: "localhost")
        let facts = try await LocalTransport(shell: shell).facts(of: target, probe).get()
        #expect(try facts.value(of: Waiting.self).hasPrefix("3 "))
        #expect(try facts.value(of: Waiting.self) != "3 500")
        #expect((0..<500).contains(try facts.value(of: Prompt.self)))
        #expect(try facts.value(of: SystemFact.self).now > 0)
    }

    /// Never ends, and nor does what it starts.
    private struct Hanging: Fact {
        static let name = "hanging"
        var waits = false
        /// Tells its processes from all others.
        let mark: String
        var script: String {
            "echo begun; trap '' TERM HUP; cd '\(mark)'; while :; do (sleep 600) | (sleep 600); done"
        }
        func parse(_ output: SectionOutput) throws(FactError) -> String { output.text }
    }

    @Test(arguments: ["sh", "bash"], [false, true])
    func `what hangs costs its own answer, and leaves nothing behind`(shell: String, waits: Bool) async throws
    {
        let scratch = try Scratch()
        var probe = Probe(
            [SystemFact(), Hanging(waits: waits, mark: scratch.directory), InterfacesFact()],
            beside: [[SysctlFact(["net.ipv4.ip_forward"])]])
        probe.patience = 3
        let target = SSHTarget(id: HostID("here"), host: "localhost")
        let facts = try await LocalTransport(shell: shell).facts(of: target, probe).get()
        #expect(
            throws: FactError.unreadable(fact: "hanging", cause: "the machine had no answer to it within 3 s")
        ) {
            try facts.value(of: Hanging.self)
        }
        #expect(try facts.value(of: SystemFact.self).now > 0)
        #expect(try facts.value(of: InterfacesFact.self).contains { $0.name == "lo" })
        #expect(try facts.value(of: SysctlFact.self).count == 1)
        let left = try await LocalTransport().ask(
            target,
            Command(
                "for p in /proc/[0-9]*; do [ \"$(readlink $p/cwd)\" = '\(scratch.directory)' ] && echo $p; done; true",
                operation: "look")
        ).get()
        #expect(String(decoding: left.stdout, as: UTF8.self).isEmpty)
    }

    @Test func `an answer that was cut off leaves later facts unknown and keeps the earlier ones`() throws {
        let probe = Probe([SystemFact(), InterfacesFact()])
        let whole = "M system\nhostname=a\nnow=5\n\nM 0\nM interfaces\n1: lo: <UP> mtu"
        let facts = probe.facts(of: HostID("a"), from: Array(whole.utf8), marker: "M")
        #expect(try facts.value(of: SystemFact.self).now == 5)
        #expect(throws: FactError.missing(fact: "interfaces")) { try facts.value(of: InterfacesFact.self) }
        #expect(throws: FactError.notAsked(fact: "neighbours")) { try facts.value(of: NeighboursFact.self) }
    }

    @Test func `a file's contents cannot pass for another file or for a section`() throws {
        let contents = "absent /etc/shadow\nM 0\nM files\nfile 3 644 root:root 1 /etc/evil\n"
        let output = "file \(contents.utf8.count) 640 root:root 17 /etc/a b\n\(contents)\nabsent /etc/c\n"
        let files = try FilesFact(["/etc/a b", "/etc/c"]).parse(SectionOutput(output))
        #expect(files.count == 2)
        #expect(files["/etc/a b"]?.contents == Array(contents.utf8))
        #expect(files["/etc/a b"]?.mode == 0o640)
        #expect(files["/etc/c"] == .absent)
    }

    /// Deterministic garbage: every fact's parser must give an answer or an error, never a crash.
    @Test func `no bytes crash a parser`() {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        let words = [
            "1: lo: <UP", "inet", "    inet 203.0.113.50/24", "dump=keepalived.json",
            "[{\"data\":{\"state\":99}}]",
            "dump-end=keepalived.json", "file 9223372036854775807 644 a:b 1 /x", "ticks=9223372036854775807",
            "hz=0",
            "boot=-1", "now=9223372036854775807", "lift=VI_1 99999999999999999999",
            "notified=VI_1 MASTER 1 -9223372036854775808",
            "service=keepalived", "LISTEN 0 1 [::%lo]:99999999999999999999", "lladdr", "\u{0}", "=",
            "journal=1e999 x y",
        ]
        for _ in 0..<500 {
            var text = ""
            for _ in 0..<(next() % 12) {
                text += words[Int(next() % UInt64(words.count))] + (next() % 3 == 0 ? "\n" : " ")
                if next() % 5 == 0 {
                    text.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: next())))
                }
            }
            for fact in Self.everything.facts { parse(fact, SectionOutput(text)) }
        }
    }

    private func parse<F: Fact>(_ fact: F, _ output: SectionOutput) { _ = try? fact.parse(output) }

    /// A directory service names its groups as it likes.
    @Test(arguments: ["sh", "bash"])
    func `an owner with blanks in its name is taken by its number`(shell: String) async throws {
        let target = SSHTarget(id: HostID("here"), host: "localhost")
        let size = "printf '%d ' $(wc -c <\"$4\")"
        let owner = "1001:1002 CORP\\\\alice:CORP\\\\domain users"
        let scene = "stat() { \(size); echo '640 1700000000 \(owner)'; }\n"
        let facts = try await LocalTransport(shell: shell, scene: scene)
            .facts(of: target, Probe([FilesFact(["/etc/hostname"])])).get()
        let file = try #require(facts.known(FilesFact.self)?["/etc/hostname"])
        #expect(file.kind == .regular && file.owner == "1001:1002" && file.mode == 0o640)
    }
}

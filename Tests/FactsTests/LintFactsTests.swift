import Addresses
import FoundationEssentials
import HaopsTestSupport
import Keepalived
import Remote
import Testing

@testable import Facts

/// The facts that lint asks of live nodes, from output as machines print it and from a real shell.
@Suite struct LintFactsTests {
    private let named = """
        named=/etc/keepalived/check.sh
        file=775 0 root 1 daemon regular file|/etc/keepalived/check.sh
        above=755 0 root 0 root directory|/etc/keepalived
        above=1777 0 toor 0 wheel directory|/
        above=755 0 root 0 root directory|/etc/keepalived
        interpreter=1 /opt/bash
        text=#!/opt/bash
        text=
        text=named=/etc/shadow
        named=killall
        file=755 0 root 0 root
        named=/gone
        """

    @Test func `a path is known with its directories, its interpreter and its text`() throws {
        let paths = try NamedPathsFact().parse(SectionOutput(named))
        let script = try #require(paths["/etc/keepalived/check.sh"])
        #expect(
            script.file
                == NamedPath.Component(
                    path: "/etc/keepalived/check.sh", mode: 0o775, owner: "root", group: "daemon"))
        #expect(script.directories.map(\.path) == ["/etc/keepalived", "/"])
        #expect(script.directories.last?.mode == 0o1777)
        // Identifier 0 is root, whatever it is called.
        #expect(script.directories.last?.owner == "root")
        #expect((script.interpreter, script.hasInterpreter) == ("/opt/bash", false))
        #expect(script.text == "#!/opt/bash\n\nnamed=/etc/shadow\n")
        #expect(paths.keys.sorted() == ["/etc/keepalived/check.sh", "/gone", "killall"])
        #expect(paths["/gone"]?.file == nil && paths["killall"]?.file == nil)
    }

    @Test func `half of an answer makes no path of another`() throws {
        let bytes = Array(named.utf8)
        for length in bytes.indices {
            let paths = try NamedPathsFact().parse(SectionOutput(bytes: bytes[..<length], status: 0))
            #expect(paths.count <= 3)
        }
    }

    @Test(arguments: ["sh", "bash"])
    func `a real shell says what a script is, and runs nothing of it`(shell: String) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/haops-paths-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let script = directory + "/check it.sh"
        let trace = directory + "/ran"
        try "#! /bin/none -e\ntouch \(trace)\n".write(toFile: script, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        let target = SSHTarget(id: HostID("here"), host: "localhost")
        let evil = "$(touch \(trace))"
        let facts = try await LocalTransport(shell: shell).facts(
            of: target, Probe([NamedPathsFact([script, "sh", evil, "/no/such", "relative/path"])])
        ).get()
        let paths = try facts.value(of: NamedPathsFact.self)
        let known = try #require(paths[script])
        #expect(known.file?.mode == 0o755)
        #expect(known.directories.map(\.path).contains(directory))
        #expect(known.directories.contains { $0.path == "/" })
        #expect((known.interpreter, known.hasInterpreter) == ("/bin/none", false))
        #expect(known.text?.hasPrefix("#! /bin/none -e\ntouch") == true)
        #expect(paths["sh"]?.file?.path.hasSuffix("/sh") == true)
        #expect(paths["sh"]?.text == nil)
        #expect(paths["/no/such"]?.file == nil && paths["/no/such"]?.directories.map(\.path) == ["/"])
        #expect(paths["relative/path"] == nil)
        #expect(!FileManager.default.fileExists(atPath: trace))
    }

    @Test(arguments: ["sh", "bash"])
    func `users, commands and settings come from a real shell`(shell: String) async throws {
        let target = SSHTarget(id: HostID("here"), host: "localhost")
        let facts = try await LocalTransport(shell: shell).facts(
            of: target, Probe([NamesFact(), KernelSettingsFact()])
        ).get()
        #expect(facts.failures.isEmpty)
        #expect(try facts.value(of: NamesFact.self).users.isSuperset(of: ["root", "nobody"]))
        #expect(
            try facts.value(of: KernelSettingsFact.self).current["net.ipv4.conf.lo.proxy_arp"] != nil)
    }

    @Test func `settings of the next boot: the strongest file's, however the key is written`() throws {
        let settings = try KernelSettingsFact().parse(
            SectionOutput(
                """
                now=net/ipv4/ip_nonlocal_bind 1
                now=net/ipv4/conf/eth0.5/proxy_arp 0
                boot=net.ipv4.ip_nonlocal_bind 0
                boot=net/ipv4/ip_nonlocal_bind 1
                boot=net/ipv4/conf/eth0.5/proxy_arp 1
                boot=broken
                """))
        #expect(
            settings.current == ["net.ipv4.ip_nonlocal_bind": "1", "net.ipv4.conf.eth0.5.proxy_arp": "0"])
        #expect(
            settings.persisted == ["net.ipv4.ip_nonlocal_bind": "1", "net.ipv4.conf.eth0.5.proxy_arp": "1"])
    }

    @Test(arguments: [
        ("address 203.0.113.50/24", ["203.0.113.50/24"]), ("address 203.0.113.50", ["203.0.113.50/32"]),
        ("Address=203.0.113.50/24", ["203.0.113.50/24"]),
        ("address1=203.0.113.50/24,203.0.113.1", ["203.0.113.50/24"]),
        ("addresses: [203.0.113.50/24, \"2001:db8::50/64\"]", ["203.0.113.50/24", "2001:db8::50/64"]),
        ("- 203.0.113.50/24", ["203.0.113.50/24"]), ("IPADDR0=203.0.113.50", ["203.0.113.50/32"]),
        ("up ip addr add 203.0.113.50/32 dev eth0", ["203.0.113.50/32"]),
        ("dns-nameservers 203.0.113.50", []), ("gateway 203.0.113.50", []), ("DNS=203.0.113.50", []),
        ("addresses: [203.0.113.50]", []), ("- to: 203.0.113.50/32", []), ("Gateway=203.0.113.50", []),
        ("up ip route add 203.0.113.50/32 dev eth0", []), ("network 203.0.113.0", []), ("", []),
        ("- 203.0.113.50/24:", ["203.0.113.50/24"]),
        ("up ifconfig eth0:1 203.0.113.50 up", ["203.0.113.50/32"]),
        ("/sbin/ip -4 a a 203.0.113.50/24 dev eth0", ["203.0.113.50/24"]),
        ("down ifconfig eth0:1 203.0.113.50", []),
        ("down ip addr del 203.0.113.50/32 dev eth0", []),
    ])
    func `a line of a network configuration assigns`(line: String, addresses: [String]) {
        let read = NetworkConfiguration.Line(path: "/etc/x", number: 1, text: line)
        #expect((read?.assigned ?? []).map(\.description) == addresses)
    }

    @Test func `an answer without root or a version is none`() {
        #expect(throws: FactError.self) { try NamesFact().parse(SectionOutput("user=nobody")) }
        #expect(throws: FactError.self) {
            try VersionFact().parse(SectionOutput("sh: keepalived: not found"))
        }
    }

    @Test func `the installed release, as every build prints it`() throws {
        #expect(try VersionFact().parse(SectionOutput("2.2.7 (01/16,2022)")).description == "2.2.7")
        #expect(try VersionFact().parse(SectionOutput("1.2.13 (05/28,2014)")).description == "1.2.13")
    }
}

import Remote
import Testing

@testable import SSHTransport

/// The parts without I/O.
struct PureTests {
    @Test
    func `HMAC-SHA1 agrees with RFC 2202`() {
        #expect(
            hex(SHA1.authenticate(Array("Hi There".utf8), key: [UInt8](repeating: 0x0b, count: 20)))
                == "b617318655057264e28bc0b6fb378c8ef146be00")
        #expect(
            hex(SHA1.authenticate(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)))
                == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
        let long = [UInt8](repeating: 0xaa, count: 80)
        #expect(
            hex(
                SHA1.authenticate(
                    Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8), key: long))
                == "aa4ae5e15272d00e95705637ce8a3b55ed402112")
    }

    @Test(arguments: 0...130)
    func `base 64 decodes what it encoded`(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        #expect(Base64.decode(Base64.encode(bytes).utf8) == bytes)
        #expect(Base64.decode(Base64.encode(bytes, padding: false).utf8) == bytes)
    }

    @Test(arguments: ["a", "ab!d", "YQ=", "YQ===", "Y=Q="])
    func `what is not base 64 is not decoded, or without harm`(text: String) {
        if let bytes = Base64.decode(text.utf8) { #expect(bytes == [97]) }
    }

    @Test
    func `known_hosts patterns, negations and case`() {
        var known = KnownHosts()
        known.add("*.example.net,!bad.example.net \(line)\n[gw]:2222 \(line)\n", file: "f")
        #expect(known.verdict(on: key, of: "good.example.net") == .known)
        #expect(known.verdict(on: key, of: "GOOD.Example.NET") == .known)
        #expect(known.verdict(on: key, of: "bad.example.net") == .unknown)
        #expect(known.verdict(on: key, of: "[gw]:2222") == .known)
        #expect(known.verdict(on: key, of: "gw") == .unknown)
    }

    @Test
    func `lines that are no lines harm nobody`() {
        var known = KnownHosts()
        known.add("@\n|1|\n|1|x|y z\n@cert-authority\n \t\nhost\n@revoked\nhost ssh-ed25519\n", file: "f")
        #expect(known.verdict(on: key, of: "other") == .unknown)
        #expect(
            known.verdict(on: key, of: "host") == .unusable(at: "f:6", why: "the key there cannot be read"))
    }

    @Test
    func `a certificate authority's host is not new`() {
        var known = KnownHosts()
        known.add("@cert-authority *.example.net \(line)\n", file: "f")
        guard case .unusable = known.verdict(on: key, of: "a.example.net") else {
            Issue.record("not seen")
            return
        }
    }

    @Test
    func `a hashed line that was written is found again`() {
        var known = KnownHosts()
        known.add(KnownHosts.line(for: "Host.example.net", key: key, hashed: true), file: "f")
        #expect(known.verdict(on: key, of: "host.example.net") == .known)
    }

    @Test
    func `a host known by an RSA key is asked for every signature that such a key makes`() {
        let supported = ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]
        #expect(
            KnownHosts.algorithms(of: ["ssh-rsa"], among: supported) == [
                "rsa-sha2-512", "rsa-sha2-256", "ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256",
            ])
        #expect(
            KnownHosts.algorithms(of: ["ecdsa-sha2-nistp256", "ssh-rsa"], among: supported).prefix(2) == [
                "ecdsa-sha2-nistp256", "rsa-sha2-512",
            ])
        // libssh2 1.10 knows RSA by its old name alone.
        #expect(
            KnownHosts.algorithms(of: ["ssh-rsa"], among: ["ssh-ed25519", "ssh-rsa"]) == [
                "ssh-rsa", "ssh-ed25519",
            ])
        #expect(KnownHosts.algorithms(of: ["ssh-dss"], among: supported) == supported)
        #expect(KnownHosts.algorithms(of: [], among: supported) == supported)
        #expect(
            KnownHosts.algorithms(
                of: ["ssh-rsa"], among: supported, allowed: ["ecdsa-sha2-nistp256", "rsa-sha2-256"])
                == ["rsa-sha2-256", "ecdsa-sha2-nistp256"])
        // A key that changed does not hide behind one of a kind that ssh would not ask for.
        #expect(
            KnownHosts.algorithms(of: ["ecdsa-sha2-nistp256", "ssh-ed25519"], among: supported).first
                == "ssh-ed25519")
        #expect(
            KnownHosts.algorithms(
                of: [], among: ["ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256"])
                == ["ecdsa-sha2-nistp256"])
    }

    @Test
    func `sudo's prompt is answered once, however it is cut`() {
        for cut in 1...40 {
            var dialogue = BecomeDialogue(withPassword: true, nonce: "n")
            var output: [UInt8] = []
            var actions: [BecomeDialogue.Action] = []
            let bytes = Array("We trust you\nhaops-password-n\nhaops-ready-n\nown words".utf8)
            for start in stride(from: 0, to: bytes.count, by: cut) {
                actions += dialogue.receive(bytes[start..<min(start + cut, bytes.count)], output: &output)
            }
            #expect(actions == [.sendPassword, .ready])
            #expect(String(decoding: output, as: UTF8.self) == "own words")
        }
    }

    @Test
    func `a second prompt means that the password was wrong`() {
        var dialogue = BecomeDialogue(withPassword: true, nonce: "n")
        var output: [UInt8] = []
        #expect(dialogue.receive(Array("haops-password-n".utf8), output: &output) == [.sendPassword])
        let again = dialogue.receive(Array("\nSorry, try again.\nhaops-password-n".utf8), output: &output)
        #expect(again == [.passwordRefused])
        #expect(output.isEmpty)
    }

    @Test
    func `only lines that concern us make ssh -G necessary`() {
        #expect(!scan("Host *\n SendEnv LANG\n HashKnownHosts yes\n GSSAPIAuthentication yes").binds("lb1"))
        #expect(scan("Host *\n hashknownhosts yes").hashesKnownHosts)
        #expect(scan("Host lb*\n\tHostName=10.0.0.1").binds("lb1"))
        #expect(!scan("Host lb*\n HostName 10.0.0.1").binds("web"))
        #expect(scan("IdentityFile ~/.ssh/x").binds("anything"))
        #expect(scan("Host *\n RevokedHostKeys /etc/ssh/revoked").binds("lb1"))
        #expect(scan("Match exec \"true\"\n User ops").binds("anything"))
        #expect(!scan("# Host *\n#User x").binds("anything"))
    }

    @Test
    func `whatever restricts makes ssh -G necessary, under its old name too, and what is unknown`() {
        for line in [
            "PubkeyAuthentication no", "PreferredAuthentications password", "Ciphers aes256-ctr", "MACs x",
            "KexAlgorithms x", "HostKeyAlgorithms x", "BindAddress 127.0.0.1", "AddressFamily inet",
            "PubkeyAcceptedKeyTypes x", "ChallengeResponseAuthentication no", "KnownHostsCommand x",
            "BatchMode yes", "Invented yes", "\"Ciphers\"  =  x", "Host other\r\nMatch all\r\n Ciphers x\r\n",
            "Include /elsewhere/%h", "Match final host x\n User y",
        ] {
            #expect(scan(line).binds("lb1"), "\(line)")
        }
        #expect(scan("PubkeyAcceptedKeyTypes x").mentions(of: "lb1").contains("pubkeyacceptedalgorithms"))
        #expect(!scan("Host lb2\n Ciphers x\nHost *\n User y").mentions(of: "lb1").contains("ciphers"))
        // Under the name that comes of it, other sections may hold.
        let renamed = scan("CanonicalizeHostname yes\nHost *.example.net\n Ciphers x")
        #expect(renamed.mentions(of: "lb1").contains("ciphers"))
    }

    @Test(arguments: [
        ("HostName 10.0.0.1", ["HostName", "10.0.0.1"]), (" HostName=10.0.0.1\r", ["HostName", "10.0.0.1"]),
        ("Include \"a b\" c", ["Include", "a b", "c"]), ("Host a # b", ["Host", "a"]), ("# a", []),
        ("SetEnv A=b", ["SetEnv", "A=b"]), ("IdentityFile = 'x y'", ["IdentityFile", "x y"]),
        ("User a\\ b \\c", ["User", "a b", "\\c"]),
    ])
    func `lines are cut as ssh_config(5) has it`(line: String, words: [String]) {
        #expect(ConfigScan.words(of: line.utf8) == words)
    }

    @Test
    func `keys that the configuration forbids are not offered, and it says why`() async throws {
        let directory = try makeTemporaryDirectory()
        defer { removeDirectory(directory) }
        try await makeKey(directory + "/rsa", kind: "rsa", extra: ["-b", "1024"])
        let line = try read(directory + "/rsa.pub").split(separator: " ")
        let rsa = try #require(Base64.decode(line[1].utf8))
        #expect(KnownHosts.rsaBits(of: rsa) == 1024)
        #expect(KnownHosts.rsaBits(of: key) == nil)
        var rules = Restrictions()
        func refusal(_ kind: String, _ key: [UInt8]?, signing: [String] = ["ssh-rsa"]) -> String? {
            rules.refusal(of: kind, key: key, isRSA: kind == "ssh-rsa", rsaSignatures: signing)
        }
        #expect(refusal("ssh-rsa", rsa) == nil)
        rules.requiredRSASize = 2048
        #expect(refusal("ssh-rsa", rsa)?.contains("1024 bits") == true)
        #expect(refusal("ssh-rsa", nil)?.contains("not known") == true)
        #expect(refusal("ssh-ed25519", key) == nil)
        rules.requiredRSASize = 1024
        rules.signatures = ["rsa-sha2-256", "ssh-ed25519"]
        #expect(refusal("ssh-ed25519", key) == nil)
        #expect(refusal("ssh-rsa", rsa) != nil)
        #expect(refusal("ssh-rsa", rsa, signing: ["rsa-sha2-256"]) == nil)
        #expect(refusal("ecdsa-sha2-nistp256", key) != nil)
        #expect(refusal("", nil) != nil)
    }

    @Test(arguments: [
        ("preferredauthentications password,hostbased,publickey", ["publickey", "password"], false),
        (
            "preferredauthentications keyboard-interactive,password", ["keyboard-interactive", "password"],
            false
        ),
        ("pubkeyauthentication false", ["password", "keyboard-interactive"], false),
        ("passwordauthentication no\nkbdinteractiveauthentication no", ["publickey"], false),
        ("kbdinteractivedevices pam\nbatchmode yes", ["publickey", "password"], true),
        ("preferredauthentications gssapi-with-mic,hostbased", [], false),
        ("numberofpasswordprompts 0", ["publickey", "password", "keyboard-interactive"], true),
    ])
    func `only the methods that are left are tried`(text: String, methods: [String], asksNothing: Bool) {
        let rules = Restrictions(ResolvedConfig(text), mentions: ConfigScan().mentions(of: "x"))
        #expect(rules.methods == methods)
        #expect(rules.asksNothing == asksNothing)
    }

    @Test
    func `what ssh says alike of many hosts is kept once, and what it says of one alone is that one's`() {
        var shared = ResolvedConfig.Shared()
        func answer(_ host: String, _ rest: String) -> ResolvedConfig {
            ResolvedConfig("host \(host)\nuser ops\nhostname \(host).example\n\(rest)", sharing: &shared)
        }
        let first = answer("a", "port 22\nidentityfile ~/.ssh/one\nidentityfile ~/.ssh/two")
        let second = answer("b", "port 22\nidentityfile ~/.ssh/one\nidentityfile ~/.ssh/two")
        let third = answer("c", "port 23")
        #expect(
            [first, second, third].map { $0.string("hostname") } == ["a.example", "b.example", "c.example"])
        #expect([first, second, third].map { $0.number("port") } == [22, 22, 23])
        #expect(
            second.all("identityfile") == ["~/.ssh/one", "~/.ssh/two"] && third.all("identityfile").isEmpty)
        #expect(third.string("user") == "ops")
        #expect(shared.count == 2)
    }

    @Test
    func `names of known_hosts files are read as ssh -G writes them, without quotes`() throws {
        #expect(try ResolvedConfig("userknownhostsfile none").files("userknownhostsfile") == [])
        #expect(try ResolvedConfig("userknownhostsfile /a /b").files("userknownhostsfile") == ["/a", "/b"])
        #expect(try ResolvedConfig("userknownhostsfile mine").files("userknownhostsfile") == ["mine"])
        #expect(try ResolvedConfig("user x").files("userknownhostsfile") == nil)
        #expect(throws: ResolvedConfig.AmbiguousFiles.self) {
            try ResolvedConfig("userknownhostsfile /a b/c").files("userknownhostsfile")
        }
    }

    @Test
    func `lines with carriage returns, blanks and of any length are lines`() {
        let names = (0..<20_000).map { "h\($0)" }.joined(separator: ",")
        var known = KnownHosts()
        known.add("# first\r\n\r\n \t web \(line)\r\n\(names) \(line)\r\n@revoked db \(line)", file: "f")
        #expect(known.verdict(on: key, of: "web") == .known)
        #expect(known.verdict(on: key, of: "h19999") == .known)
        #expect(known.verdict(on: key, of: "db") == .revoked(at: "f:5"))
        #expect(known.verdict(on: otherKey, of: "web") == .changed(at: "f:3"))
    }

    @Test
    func `a revoked line holds for every port, and what it cannot say is not passed over`() {
        var known = KnownHosts()
        known.add("@revoked web \(line)\n@revoked db ssh-ed25519 AAAA\n@revokd gw \(line)\n", file: "f")
        #expect(known.verdict(on: key, of: "[web]:2222", bareName: "web") == .revoked(at: "f:1"))
        // Behind another port may be another machine.
        #expect(known.verdict(on: otherKey, of: "[web]:2222", bareName: "web") == .unknown)
        #expect(known.verdict(on: otherKey, of: "web") == .knownByRevokedOnly(at: "f:1"))
        #expect(
            known.verdict(on: key, of: "db")
                == .unusable(at: "f:2", why: "the key that is revoked there cannot be read"))
        guard case .unusable(at: "f:3", _) = known.verdict(on: key, of: "gw") else {
            Issue.record("a marker with a slip is passed over")
            return
        }
        #expect(known.kinds(of: "[web]:2222", bareName: "web") == ["ssh-ed25519"])
        var everywhere = KnownHosts()
        everywhere.add("@revoked * \(line)\n", file: "f")
        #expect(everywhere.verdict(on: otherKey, of: "web") == .unknown)
        #expect(everywhere.verdict(on: key, of: "web") == .revoked(at: "f:1"))
    }

    @Test(arguments: [
        ("ops@gw:2222", "ops", "gw", 2222), ("gw", nil, "gw", nil),
        ("[2001:db8::1]:22", nil, "2001:db8::1", 22),
        ("2001:db8::1", nil, "2001:db8::1", nil), ("ssh://a@b:3", "a", "b", 3),
    ])
    func `jump hosts are read as -J writes them`(text: String, user: String?, host: String, port: Int?) {
        #expect(JumpSpec(text) == JumpSpec(user: user, host: host, port: port))
    }

    @Test(arguments: ["", "-oProxyCommand=x", "a@", "@b", "h:0", "h:x", "[::1", "[::1]x"])
    func `what is no jump host is refused`(text: String) {
        #expect(JumpSpec(text) == nil)
    }

    @Test
    func `the end marker is taken out and read`() {
        let marker = EndMarker(nonce: "n")
        var bytes = Array("words\nhaops-end-n 7\n".utf8)
        #expect(marker.takeStatus(from: &bytes) == .code(7))
        #expect(bytes == Array("words\n".utf8))
        #expect(marker.takeStatus(from: &bytes) == nil)
        bytes = Array("haops-end-n 137\n".utf8)
        #expect(marker.takeStatus(from: &bytes) == .signal("KILL"))
    }

    private let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
    private var key: [UInt8] { Base64.decode(line.split(separator: " ")[1].utf8) ?? [] }

    private var otherKey: [UInt8] { key.dropLast() + [0] }

    private func scan(_ text: String) -> ConfigScan {
        var scan = ConfigScan()
        do {
            try scan.add(text: text, expand: { $0.contains("%") ? nil : [] }, read: { _, _ in })
        } catch {
            Issue.record("\(error)")
        }
        return scan
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

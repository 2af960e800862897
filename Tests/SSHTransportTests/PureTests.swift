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
        #expect(KnownHosts.algorithms(of: ["ssh-dss"], among: supported) == [])
        #expect(KnownHosts.algorithms(of: [], among: supported) == [])
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

    private func scan(_ text: String) -> ConfigScan {
        var scan = ConfigScan()
        scan.add(text: text, expand: { _ in [] }, read: { _, _ in })
        return scan
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

import Glibc
import HaopsTestSupport
import Subprocess
import Testing

@testable import SSHTransport

/// The table of keywords is whole, and the page that shows it is the same.
@Suite(.enabled(if: SSHServer.isInstalled, "needs ssh (package openssh-client)"))
struct SSHKeywordTests {
    private static let page = LabFixture.project + "/docs/SSHConfig.md"

    /// What the installed ssh prints, for a configuration.
    private func printed(_ configuration: String) async throws -> Set<String> {
        let directory = try makeTemporaryDirectory()
        defer { removeDirectory(directory) }
        try write(configuration, to: directory + "/config")
        let text = try await run("ssh", ["-G", "-F", directory + "/config", "--", "host"])
        return Set(text.split(separator: "\n").compactMap { $0.split(separator: " ").first?.lowercased() })
            .subtracting(["host"])
    }

    /// What ssh prints only when it is set.
    private static let optional = """
        BindAddress 127.0.0.1
        BindInterface lo
        CertificateFile /certificate
        ControlPath /control
        DynamicForward 3
        ForwardAgent /socket
        GSSAPIClientIdentity x
        GSSAPIServerIdentity x
        HostKeyAlias x
        IdentityAgent /agent
        IgnoreUnknown Nothing
        KbdInteractiveDevices pam
        KnownHostsCommand /bin/true
        LocalCommand x
        LocalForward 1 localhost:2
        PKCS11Provider /library
        PreferredAuthentications publickey
        ProxyJump x
        RemoteCommand x
        RemoteForward 4 localhost:5
        RevokedHostKeys /revoked
        SendEnv A
        SetEnv A=b
        """

    @Test
    func `the table has every keyword that the installed ssh prints`() async throws {
        let usual = try await printed("")
        let all = try await printed(Self.optional).union(printed("ProxyCommand x")).union(usual)
        #expect(usual.count > 60)
        for line in Self.optional.split(separator: "\n") {
            let word = line.split(separator: " ")[0].lowercased()
            #expect(all.contains(word) || word.hasPrefix("gssapi"), "\(word) is not printed")
        }
        let missing = all.filter { SSHKeyword.named($0) == nil }.sorted()
        #expect(missing == [], "this ssh has keywords that SSHKeyword.all does not have")
    }

    @Test
    func `the table has every keyword of the manual, where it is installed`() async throws {
        let manual = "/usr/share/man/man5/ssh_config.5.gz"
        guard fileSize(manual) != nil else { return }
        let output = try await Subprocess.run(
            .name("gzip"), arguments: ["-dc", manual], output: .string(limit: 1 << 20), error: .discarded)
        let words = output.standardOutput.split(separator: "\n").filter { $0.hasPrefix(".It Cm ") }
            .map { String($0.split(separator: " ")[2]) }.filter { $0.first?.isUppercase == true }
        #expect(words.count > 80)
        for word in words where !["Host", "Match", "Include"].contains(word) {
            #expect(SSHKeyword.named(word.lowercased()) != nil, "\(word)")
        }
    }

    @Test
    func `no keyword stands twice`() {
        let names = SSHKeyword.all.flatMap { [$0.name.lowercased()] + $0.aliases }
        #expect(Set(names).count == names.count)
        #expect(SSHKeyword.idle.isDisjoint(with: names))
    }

    /// `HAOPS_REWRITE_GOLDEN=1` writes the page's rows anew.
    @Test
    func `the page has the table's rows, in their order`() throws {
        let lines = try read(Self.page).split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
        let start = try #require(lines.firstIndex { $0.hasPrefix("| keyword |") }) + 2
        let end = try #require(lines[start...].firstIndex { !$0.hasPrefix("| ") })
        let rows = SSHKeyword.all.map(\.row)
        if unsafe getenv("HAOPS_REWRITE_GOLDEN") != nil {
            let text = lines[..<start] + rows + lines[end...]
            try write(text.joined(separator: "\n"), to: Self.page, mode: 0o644)
        } else {
            #expect(Array(lines[start..<end]) == rows)
        }
    }
}

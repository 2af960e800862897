import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// What an operator's ssh configuration does not allow, haops does not do, on the lab's own sshd.
    @Suite struct HostTrustTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// The lab's ssh_config with another file of known hosts, and with more lines in its last block.
        private func configuration(_ name: String, knownHosts: String? = nil, adding lines: String = "")
            async throws
            -> String
        {
            var text = try await lab.run(["cat", lab.sshConfig]).text
            if let knownHosts { text = text.replacing(lab.knownHosts, with: knownHosts) }
            return try lab.scratch(name, text + lines)
        }

        private func exec(_ configuration: String, _ options: String...) async throws -> CommandOutput {
            try await lab.haops(
                ["exec", "-F", configuration, "--nodes", "198.51.100.11"] + options + ["--", "hostname"])
        }

        /// A key that is not the host's, in the form of known_hosts.
        private func otherKey() async throws -> String {
            let words = try await lab.run(["sed", "-n", "s/^lb2,[^ ]* //p", lab.knownHosts]).text
            let line = try #require(words.split(separator: "\n").first { $0.hasPrefix("ssh-ed25519") })
            return String(line)
        }

        @Test func `a changed key behind any number of other lines is refused`() async throws {
            let filler = String(repeating: "# " + String(repeating: "x", count: 198) + "\n", count: 85_000)
            let text = filler + "198.51.100.11 \(try await otherKey())\n"
            let known = try lab.scratch("long_known_hosts", text)
            let config = try await configuration("long_config", knownHosts: known)
            for options in [[], ["--accept-new"]] {
                let output = try await lab.haops(
                    ["exec", "-F", config, "--nodes", "198.51.100.11"] + options + ["--", "hostname"])
                #expect(output.status == .code(4), "\(output.everything.suffix(500))")
                #expect(output.errorText.contains("CHANGED"), "\(output.everything.suffix(500))")
            }
            #expect(try String(contentsOfFile: known, encoding: .utf8).utf8.count == text.utf8.count)
        }

        @Test func `a host whose only key is revoked is refused`() async throws {
            let words = try await lab.run(["sed", "-n", "s/^lb1,[^ ]* //p", lab.knownHosts]).text
            let key = try #require(words.split(separator: "\n").first { $0.hasPrefix("ssh-ed25519") })
            let text = "@revoked 198.51.100.11 \(key)\n"
            let known = try lab.scratch("revoked_known_hosts", text)
            let output = try await exec(
                try await configuration("revoked_config", knownHosts: known), "--accept-new")
            #expect(output.status == .code(4) && output.errorText.contains("revoked"), "\(output.everything)")
            #expect(try String(contentsOfFile: known, encoding: .utf8) == text, "no other key is taken over")
        }

        @Test(arguments: [
            "PubkeyAuthentication no", "PreferredAuthentications gssapi-with-mic",
            "KexAlgorithms diffie-hellman-group1-sha1", "Ciphers 3des-cbc", "HostKeyAlgorithms ssh-dss",
            "AddressFamily inet6",
        ])
        func `where ssh does not log in haops does not`(line: String) async throws {
            let config = try await configuration("restricted_config", adding: "    \(line)\n")
            let ssh = try await lab.run(["ssh", "-o", "BatchMode=yes", "-F", config, "198.51.100.11", "true"])
            #expect(ssh.status == .code(255), "\(ssh.everything)")
            let output = try await exec(config)
            #expect(output.status == .code(4), "\(line): \(output.everything)")
        }
    }
}

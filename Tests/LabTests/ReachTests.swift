import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Ways to a machine other than its IPv4 address and root.
    @Suite struct ReachTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private func exec(_ nodes: String, config: String? = nil, transport: String = "libssh2") async throws
            -> CommandOutput
        {
            try await lab.haops([
                "exec", "-F", config ?? lab.sshConfig, "--transport", transport, "--nodes", nodes, "--",
                "uname -n; echo $SSH_CONNECTION",
            ])
        }

        @Test(arguments: ["libssh2", "openssh"])
        func `an IPv6 address`(transport: String) async throws {
            for nodes in ["2001:db8:51::11", "[2001:db8:51::11]", "root@[2001:db8:51::11]:22"] {
                let output = try await exec(nodes, transport: transport)
                #expect(output.status == .code(0), "\(nodes): \(output.everything)")
                #expect(output.text.contains("lb1\n2001:db8:51::"), "\(nodes): \(output.everything)")
            }
        }

        @Test(arguments: ["libssh2", "openssh"])
        func `three hops of proxy jump in a configuration file`(transport: String) async throws {
            let host = "Host web1\n"
            let text = try String(contentsOfFile: lab.sshConfig, encoding: .utf8)
            try #require(text.contains(host))
            let config = try lab.scratch(
                "jump_config", text.replacing(host, with: host + "    ProxyJump lb1,lb2,web2\n"))
            let output = try await exec("web1", config: config, transport: transport)
            #expect(output.status == .code(0), "\(output.everything)")
            // Where the connection comes from: the last hop.
            #expect(output.text.contains("web1\n198.51.100.22 "), "\(output.everything)")
        }

        @Test func `a hop that is away is named and not the machine behind it`() async throws {
            try await lab.fault("cut-off", "lb2")
            let output = try await lab.haops([
                "exec", "-F", lab.sshConfig, "--connect-timeout", "2", "-J", "lb1,lb2", "--nodes", "web1",
                "--",
                "true",
            ])
            try await lab.heal("cut-off", "lb2")
            #expect(output.status == .code(4), "\(output.everything)")
            #expect(output.errorText.contains("lb2"), "\(output.everything)")
        }

        @Test func `sudo that wants a terminal is explained`() async throws {
            let rule = "/etc/sudoers.d/zz-terminal"
            try await lab.put("Defaults:deploy requiretty\n", at: rule, on: "lb1", mode: "440")
            let output = try await lab.haops([
                "who", "-F", lab.sshConfig, "--nodes", "deploy@lb1", "203.0.113.50",
            ])
            try await lab.eventually("rm \(rule)", on: "lb1")
            #expect(output.status == .code(4), "\(output.everything)")
            #expect(
                output.errorText.contains("`lb1`: cannot become root")
                    && output.errorText.contains("!requiretty"),
                "\(output.everything)")
        }
    }
}

import FoundationEssentials
import HaopsTestSupport
import Remote
import Subprocess
import Testing

extension OnTheLab {
    /// That a report has everything of nodes but their secrets.
    @Suite struct ReportTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private static let planted = ["Zq7Vrrp1", "Kw8HaStats", "Lm9UserList", "Bd4ScriptPw", "Xt5Incl1"]

        /// One secret in each kind of file; the journal repeats one of them.
        private func plant(on node: String) async throws {
            try await lab.put(
                "include /etc/keepalived/conf.d/*.conf\nvrrp_instance VI_1 {\n  interface eth0\n  virtual_router_id 51\n"
                    + "  authentication {\n    auth_type PASS\n    auth_pass Zq7Vrrp1\n  }\n"
                    + "  virtual_ipaddress { 203.0.113.50/24 dev eth1 }\n}\n",
                at: "/etc/keepalived/keepalived.conf", on: node)
            try await lab.put(
                "vrrp_instance VI_2 {\n  interface eth0\n  virtual_router_id 52\n  authentication {\n    auth_type PASS\n"
                    + "    auth_pass Xt5Incl1\n  }\n  virtual_ipaddress { 203.0.113.51/24 dev eth1 }\n}\n",
                at: "/etc/keepalived/conf.d/a.conf", on: node)
            try await lab.put(
                "userlist people\n  user ops insecure-password Lm9UserList\nfrontend stats\n  mode http\n  bind :8404\n"
                    + "  stats auth admin:Kw8HaStats\n",
                at: "/etc/haproxy/haproxy.cfg", on: node)
            try await lab.put(
                "#!/bin/sh\nmysqladmin --password=Bd4ScriptPw ping\n", at: "/etc/keepalived/check.sh",
                on: node)
            try await lab.put(
                "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\n",
                at: "/etc/keepalived/key.pem", on: node, mode: "600")
            _ = try await lab.console(
                node, "systemctl start keepalived; logger -t Keepalived_vrrp 'auth with Zq7Vrrp1 failed'")
        }

        private func unpacked(_ path: String) async throws -> String {
            let output = try await Subprocess.run(
                .name("tar"), arguments: ["-xOzf", path], output: .string(limit: 64 << 20), error: .discarded)
            return output.standardOutput
        }

        @Test(.timeLimit(.minutes(3)))
        func `a report has what the nodes say and none of their secrets, and names a node that is down`()
            async throws
        {
            try await lab.reset()
            for node in ["lb1", "lb2"] { try await plant(on: node) }
            let nodes = "root@198.51.100.11,root@198.51.100.12"
            let archive = lab.state + "/report.tar.gz"
            let page = lab.state + "/report.html"
            for path in [archive, page] {
                let output = try await lab.haops([
                    "report", "-F", lab.sshConfig, "--nodes", nodes, "-o", path,
                ])
                #expect(output.status == .code(0), "\(output.everything)")
                #expect(output.text.hasPrefix("\(path): 2 nodes"), "\(output.text)")
            }
            let texts = try await unpacked(archive)
            let html = try String(contentsOfFile: page, encoding: .utf8)
            for text in [texts, html] {
                for secret in Self.planted { #expect(!text.contains(secret), "\(secret)") }
                #expect(!text.contains("MC4CAQAwBQYDK2Vw"))
                for expected in [
                    "vrrp_instance VI_2", "insecure-password (secret)", "auth with (secret) failed",
                    "203.0.113.50", "$ uname -a", "$ ip address", "Keepalive Daemon",
                    "Did not answer: nobody",
                ] {
                    #expect(text.contains(expected), "\(expected)")
                }
            }
            try await lab.fault("sshd-stopped", "lb2")
            let output = try await lab.haops(["report", "-F", lab.sshConfig, "--nodes", nodes, "-o", archive])
            try await lab.heal("sshd-stopped", "lb2")
            #expect(output.status == .code(4), "\(output.everything)")
            #expect(output.text.contains("did not answer: 198.51.100.12"), "\(output.text)")
            #expect(try await unpacked(archive).contains("Did not answer: 198.51.100.12"))
        }
    }
}

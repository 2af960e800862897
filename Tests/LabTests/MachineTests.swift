import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    @Suite struct MachineTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        @Test func `every machine answers by its own name`() async throws {
            for node in lab.nodes {
                let output = try await lab.ssh(node, "hostname; systemctl is-system-running")
                #expect(output.text == "\(node)\nrunning\n")
            }
        }

        @Test func `nothing leads outside`() async throws {
            let routes = "ip route show default; ip -6 route show default"
            for node in lab.nodes { #expect(try await lab.console(node, routes).text == "") }
            #expect(try await lab.run(["sh", "-c", routes]).text == "")
        }

        @Test func `the operator reaches the management network alone`() async throws {
            func knock(_ address: String) async throws -> CommandOutput {
                try await lab.run(["bash", "-c", "</dev/tcp/\(address)/22"])
            }
            #expect(try await knock("198.51.100.11").status.isSuccess)
            #expect(try await knock("203.0.113.11").errorText.contains("Network is unreachable"))
        }

        @Test(arguments: ["203.0.113", "2001:db8:203:"])
        func `every backend says its name`(network: String) async throws {
            for (index, backend) in lab.backends.enumerated() {
                let host =
                    network.contains(":") ? "[\(network):\(21 + index)]" : "\(network).\(21 + index)"
                let url = "curl -sS --max-time 5 http://\(host)"
                #expect(try await lab.console("client", "\(url)/; \(url)/health").text == "\(backend)\nok\n")
            }
        }

        @Test func `adverts cross the switch and one balancer owns`() async throws {
            _ = try await HandMadePair.start(on: lab)
            let heard = try await lab.console(
                "lb2", "timeout 10 tcpdump -c1 -nni eth0 'proto 112 and src 198.51.100.11' 2>/dev/null")
            #expect(heard.text.contains("198.51.100.11 > 224.0.0.18: VRRPv3, Advertisement, vrid 51"))
        }

        @Test func `another user's name and password open sudo`() async throws {
            let password = try await lab.run(["cat", lab.state + "/ops.password"]).text
            let asked = try await lab.run(
                ["ssh", "-F", lab.sshConfig, "ops@lb1", "sudo -S -p '' id -u"], input: Array(password.utf8))
            #expect(asked.text == "0\n")
            let unasked = try await lab.run(["ssh", "-F", lab.sshConfig, "deploy@lb1", "sudo -n id -u"])
            #expect(unasked.text == "0\n")
            let refused = try await lab.run(["ssh", "-F", lab.sshConfig, "ops@lb1", "sudo -n id -u"])
            #expect(!refused.status.isSuccess)
        }

        @Test func `a reboot keeps the disk and nothing else`() async throws {
            try await lab.reset()
            let boot = "cat /proc/sys/kernel/random/boot_id"
            let before = try await lab.console(
                "lb1",
                "echo kept >/root/kept; echo lost >/run/lost; ip address add \(HandMadePair.vip)/24 dev eth1; \(boot)"
            )
            try await lab.reboot("lb1")
            let after = try await lab.console(
                "lb1", "\(boot); cat /root/kept; ls /run/lost; \(HandMadePair.holds) && echo held")
            let lines = after.text.split(separator: "\n")
            #expect(lines.count == 2 && lines.last == "kept")
            #expect(lines.first.map(String.init) != before.text.split(separator: "\n").last.map(String.init))
        }

        @Test func `reset leaves a balancer bare`() async throws {
            _ = try await HandMadePair.start(on: lab)
            let traces = """
                ls /etc/keepalived/keepalived.conf /etc/sysctl.d/90-x.conf /var/lib/x /tmp/x /root/x
                systemctl is-active keepalived haproxy x.timer
                systemctl is-enabled keepalived
                ip -o address show to 203.0.113.48/28
                iptables-save; nft list ruleset
                sysctl -n net.ipv4.ip_nonlocal_bind; cat /etc/hostname; stat -c '%a %U' /etc/haproxy
                pgrep -x 'keepalived|haproxy|tail'
                """
            try await lab.reset()
            let bare = try await lab.console("lb1", traces).text
            _ = try await HandMadePair.start(on: lab)
            try await lab.eventually(
                """
                systemctl enable keepalived && touch /etc/sysctl.d/90-x.conf /tmp/x /root/x && mkdir -p /var/lib/x &&
                ip address add 203.0.113.51/24 dev eth1 && iptables -A INPUT -p vrrp -j ACCEPT &&
                sysctl -w net.ipv4.ip_nonlocal_bind=1 && rm /etc/hostname && chmod 700 /etc/haproxy &&
                systemd-run --unit=x --on-active=1h true
                """, on: "lb1")
            #expect(
                try await lab.ssh("lb1", "tail -f /dev/null </dev/null >/dev/null 2>&1 &").status.isSuccess)
            try await lab.fault("disk-full", "lb1")
            #expect(try await lab.console("lb1", traces).text != bare)
            try await lab.reset()
            #expect(try await lab.console("lb1", traces).text == bare)
            #expect(bare == "inactive\ninactive\ninactive\ndisabled\n0\nlb1\n755 root\n")
        }
    }
}

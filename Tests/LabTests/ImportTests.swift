import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// A pair that somebody set up by hand is taken over while it serves.
    @Suite struct ImportTests {
        private static let nodes = "198.51.100.11,198.51.100.12"

        @Test func `a hand-made pair is imported and applied without a restart or a lost ping`() async throws
        {
            let lab = try LabFixture.get()
            _ = try await HandMadePair.start(on: lab)
            try await takeOver(lab)
        }

        @Test func `a pair with includes, conditions, a password and a script of its own as well`()
            async throws
        {
            let lab = try LabFixture.get()
            try await RichPair.start(on: lab)
            let secrets = ["env", "HAOPS_VRRP_PASS=\(RichPair.password)"]
            let imported = try await takeOver(lab, environment: secrets)
            #expect(!imported.text.contains(RichPair.password))
            #expect(!imported.errorText.contains(RichPair.password))
            #expect(imported.errorText.contains("export HAOPS_VRRP_PASS=…"))
            #expect(imported.text.contains("net.ipv4.ip_nonlocal_bind: 1"))
            #expect(imported.text.contains("firewall: { allow: [vrrp, icmp] }"))
            // The user's own check still is what it was, and still counts.
            let script = try await lab.console("lb1", "cat /etc/keepalived/check_haproxy.sh")
            #expect(script.text == RichPair.check)
        }

        @Test func `a pair that disagrees is refused line by line, and nothing is printed`() async throws {
            let lab = try LabFixture.get()
            _ = try await HandMadePair.start(on: lab)
            try await lab.eventually(
                "sed -i 's/virtual_router_id 51/virtual_router_id 52/' /etc/keepalived/keepalived.conf",
                on: "lb2")
            let refused = try await lab.haops(["import", "--nodes", Self.nodes, "-F", lab.sshConfig])
            #expect(refused.status == .code(3))
            #expect(refused.text.isEmpty)
            #expect(
                refused.errorText.contains(
                    "lb1:/etc/keepalived/keepalived.conf:4, lb2:/etc/keepalived/keepalived.conf:4"))
        }

        /// Import, check, plan, apply under ping, plan again.
        @discardableResult
        private func takeOver(_ lab: LabFixture, environment: [String] = []) async throws -> CommandOutput {
            let directory = FileManager.default.temporaryDirectory.path + "/haops-import-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let inventory = directory + "/haops.yaml"
            let before = try await pids(lab)

            let imported = try await lab.haops(["import", "--nodes", Self.nodes, "-F", lab.sshConfig])
            #expect(imported.status == .code(0), "\(imported.errorText)")
            try imported.text.write(toFile: inventory, atomically: true, encoding: .utf8)
            func haops(_ arguments: [String]) async throws -> CommandOutput {
                try await lab.run(environment + [LabFixture.haops] + arguments)
            }
            let checked = try await haops(["check", "-i", inventory])
            #expect(checked.status == .code(0), "\(checked.errorText)\n\(imported.text)")

            let planned = try await haops(["plan", "-i", inventory, "-F", lab.sshConfig])
            #expect(planned.status == .code(0), "\(planned.errorText)")
            #expect(planned.text.contains("vrrp_track_file"), "\(planned.text)")
            #expect(!planned.text.contains("restart"), "\(planned.text)")

            let ping = try await Ping.start(on: lab)
            let applied = try await haops(["apply", "-i", inventory, "-F", lab.sshConfig, "--yes"])
            let lost = try await ping.stop()
            #expect(applied.status == .code(0), "\(applied.text)\n\(applied.errorText)")
            #expect(lost == 0)
            #expect(try await pids(lab) == before)

            let again = try await haops(["plan", "-i", inventory, "-F", lab.sshConfig, "--detailed-exitcode"])
            #expect(again.status == .code(0), "\(again.text)")
            return imported
        }

        /// keepalived's parent process on each balancer: another one is a restart.
        private func pids(_ lab: LabFixture) async throws -> [String] {
            var pids: [String] = []
            for node in ["lb1", "lb2"] {
                pids.append(try await lab.console(node, "cat /run/keepalived.pid").text)
            }
            return pids
        }
    }
}

/// Echo requests from the client to the VIP, fifty a second.
private struct Ping {
    let lab: LabFixture

    static func start(on lab: LabFixture) async throws -> Ping {
        _ = try await lab.console(
            "client",
            "rm -f /run/ping.out; setsid ping -n -i 0.02 \(HandMadePair.vip) >/run/ping.out 2>&1 </dev/null & echo $! >/run/ping.pid"
        )
        try await lab.eventually("grep -q icmp_seq=20 /run/ping.out", on: "client")
        return Ping(lab: lab)
    }

    /// How many were not answered.
    func stop() async throws -> Int {
        _ = try await lab.console("client", "kill -INT $(cat /run/ping.pid)")
        try await lab.eventually("grep -q 'packets transmitted' /run/ping.out", on: "client")
        let text = try await lab.console("client", "tail -n 3 /run/ping.out").text
        let line = text.split(separator: "\n").first { $0.contains("packets transmitted") } ?? ""
        let numbers = line.split(separator: " ").compactMap { Int($0) }
        guard numbers.count >= 2, numbers[0] > 50 else {
            throw LabFixture.Failure.notRunning("ping said: \(text)")
        }
        return numbers[0] - numbers[1]
    }
}

/// Two balancers as a careful administrator leaves them: one text for both, with conditions and includes.
private enum RichPair {
    static let password = "sesame42"
    static let check = "#!/bin/sh\npgrep -x haproxy >/dev/null\n"

    static func start(on lab: LabFixture) async throws {
        try await lab.reset()
        for node in ["lb1", "lb2"] {
            try await lab.put(keepalived, at: "/etc/keepalived/keepalived.conf", on: node)
            try await lab.put(globals, at: "/etc/keepalived/conf.d/globals.conf", on: node)
            try await lab.put(scripts, at: "/etc/keepalived/conf.d/scripts.conf", on: node)
            try await lab.put(check, at: "/etc/keepalived/check_haproxy.sh", on: node, mode: "755")
            try await lab.put("DAEMON_ARGS=\"--vrrp -D\"\n", at: "/etc/default/keepalived", on: node)
            try await lab.put(
                "net.ipv4.ip_nonlocal_bind = 1\n", at: "/etc/sysctl.d/60-balancer.conf", on: node)
            try await lab.put(haproxy, at: "/etc/haproxy/haproxy.cfg", on: node)
            try await lab.eventually("sysctl -qw net.ipv4.ip_nonlocal_bind=1", on: node)
            try await lab.eventually("systemctl start haproxy keepalived", on: node)
        }
        try await lab.eventually(HandMadePair.holds, on: "lb1")
        try await lab.eventually(HandMadePair.holdsNot, on: "lb2")
        try await lab.eventually(HandMadePair.answers, on: "client")
    }

    private static let globals = """
        global_defs {
            enable_script_security
            script_user root
            notification_email {
                ops@example.net
            }
        }

        """

    private static let scripts = """
        vrrp_script chk_haproxy {
            script "/etc/keepalived/check_haproxy.sh"
            interval 1
            fall 3
            weight -60
        }

        """

    private static let keepalived = """
        $IFACE=eth0
        include conf.d/*.conf
        vrrp_instance VI_1 {
            @lb1 state MASTER
            @^lb1 state BACKUP
            interface $IFACE
            virtual_router_id 51
            @lb1 priority 150
            @lb2 priority 100
            advert_int 1
            garp_master_delay 1
            authentication {
                auth_type PASS
                auth_pass \(password)
            }
            @lb1 unicast_src_ip 198.51.100.11
            @lb2 unicast_src_ip 198.51.100.12
            unicast_peer {
                @lb1 198.51.100.12
                @lb2 198.51.100.11
            }
            virtual_ipaddress {
                \(HandMadePair.vip)/24 dev eth1
            }
            track_script {
                chk_haproxy
            }
        }

        """

    private static let haproxy = """
        global
            maxconn 2000
            log /dev/log local0
        defaults
            mode http
            timeout connect 1s
            timeout client 5s
            timeout server 5s
        frontend web
            bind \(HandMadePair.vip):80
            default_backend web
        backend web
            option httpchk GET /health
            server web1 203.0.113.21:80 check
            server web2 203.0.113.22:80 check
        listen stats
            bind :8404
            stats enable

        """
}

import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That fix ends what doctor finds where that is safe, and says what to do where it is not.
    @Suite struct RemediationsTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        @Test(arguments: Sweep.part(of: ClosedFilter.allCases, every: 3))
        func `a firewall that drops what nobody accepts is opened for VRRP`(filter: ClosedFilter) async throws
        {
            let pair = try await start()
            try await filter.close("lb2", of: lab)
            try await split()
            let shown = try await fix("--dry-run")
            #expect(shown.status == .code(0), "\(shown.everything)")
            #expect(shown.text.contains("accept VRRP in \(filter.name)"), "\(shown.text)")
            #expect(
                try await lab.console("lb2", filter.accepts).status != .code(0), "a dry run has changed it")

            let done = try await fix("--yes")
            #expect(done.status == .code(0), "\(done.everything)")
            #expect(done.text.contains("cause-firewall-input on lb2 is gone"), "\(done.text)")
            try await lab.eventually(filter.accepts, on: "lb2")
            try await lab.eventually(filter.keeps, on: "lb2")
            try await pair.isOwned()
            try await isWell()
        }

        @Test func `two nodes that let nothing in or out are opened one after the other`() async throws {
            let pair = try await start()
            for node in ["lb1", "lb2"] {
                try await lab.eventually(
                    """
                    \(ClosedFilter.iptables.script)
                    iptables -A OUTPUT -p tcp -j ACCEPT
                    iptables -A OUTPUT -j REJECT
                    """, on: node)
            }
            try await split()
            let done = try await fix("--yes")
            #expect(done.status == .code(0), "\(done.everything)")
            for node in ["lb1", "lb2"] {
                try await lab.eventually(ClosedFilter.iptables.accepts, on: node)
                #expect(done.text.contains("cause-firewall-output on \(node) is gone"), "\(done.text)")
            }
            try await pair.isOwned()
            try await isWell()
        }

        @Test func `unicast adverts that enter as replies only are accepted by a rule of their own`()
            async throws
        {
            var written = DoctorPair()
            written.useUnicast()
            written.lb2.before = """
                \(ClosedFilter.iptables.script)
                iptables -I INPUT -p icmp -j ACCEPT
                """
            let pair = try await start(written)
            let done = try await fix("--yes")
            #expect(done.status == .code(0), "\(done.everything)")
            #expect(done.text.contains("cause-conntrack-unicast on lb2 is gone"), "\(done.text)")
            try await lab.eventually(ClosedFilter.iptables.accepts, on: "lb2")
            try await pair.isOwned()
        }

        @Test func `a rule that somebody wrote about VRRP is named and left alone`() async throws {
            _ = try await start()
            let rules = "iptables-save -t filter | grep -v '^[#:]'"
            try await lab.eventually("iptables -A INPUT -p 112 -s 198.51.100.11 -j DROP", on: "lb2")
            try await split()
            let before = try await lab.console("lb2", rules).text
            let refused = try await fix("--yes")
            #expect(refused.status == .code(3), "\(refused.everything)")
            #expect(refused.text.contains("iptables -I INPUT -p 112 -j ACCEPT"), "\(refused.text)")
            #expect(try await lab.console("lb2", rules).text == before)
            #expect(try await lab.console("lb2", DoctorPair.holds).status == .code(0))
        }

        @Test func `an address that a killed daemon left is removed and the daemon left to its operator`()
            async throws
        {
            let pair = try await start()
            try await lab.eventually("systemctl disable keepalived", on: "lb1")
            try await lab.fault("keepalived-killed", "lb1")
            try await split()
            let done = try await fix("--yes")
            #expect(done.status == .code(5), "\(done.everything)")
            #expect(done.text.contains("leftover-vip on lb1 is gone"), "\(done.text)")
            #expect(done.text.contains("systemctl start keepalived on lb1"), "\(done.text)")
            try await pair.isOwned(by: "lb2", not: "lb1")
        }

        @Test func `an address that somebody put on another node is removed`() async throws {
            let pair = try await start()
            try await lab.eventually(
                "ip addr add \(DoctorPair.vip)/32 dev eth1 && ip addr add 203.0.113.5/32 dev eth1", on: "lb2")
            let done = try await fix("--yes")
            #expect(done.status == .code(0), "\(done.everything)")
            #expect(done.text.contains("static-vip on lb2 is gone"), "\(done.text)")
            try await lab.eventually("ip -o addr show to 203.0.113.5/32 | grep -q .", on: "lb2")
            try await pair.isOwned()
            try await isWell()
        }

        @Test func `a line that would bring the address back is left to its operator by file and line`()
            async throws
        {
            let pair = try await start()
            try await lab.eventually(
                """
                ip addr add \(DoctorPair.vip)/32 dev eth1
                echo '    up ip addr add \(DoctorPair.vip)/32 dev eth1' >>/etc/network/interfaces
                """, on: "lb2")
            let lines = try await lab.console("lb2", "wc -l </etc/network/interfaces").text
            let line = lines.split(whereSeparator: \.isWhitespace).first ?? "?"
            let done = try await fix("--yes")
            #expect(done.status == .code(5), "\(done.everything)")
            #expect(
                done.said.unwrapped.contains("on lb2: remove line \(line) of /etc/network/interfaces"),
                "\(done.everything)")
            try await pair.isOwned()
            // With nothing left but the file there is nothing that haops would do.
            let again = try await fix("--yes")
            #expect(again.status == .code(3), "\(again.everything)")
        }

        @Test func `a file that is not loaded is loaded by a reload and it is judged before`() async throws {
            let pair = try await start()
            let process = try await lab.console("lb2", "cat /run/keepalived.pid").text
            try await edit("s/priority 100/priority 120/")
            let done = try await fix("--yes")
            #expect(done.status == .code(0), "\(done.everything)")
            #expect(done.text.contains("written-not-loaded on lb2 is gone"), "\(done.text)")
            #expect(try await lab.console("lb2", "cat /run/keepalived.pid").text == process)
            try await pair.isOwned()
            try await isWell()

            // What keepalived itself would not take is not loaded.
            try await edit("s/priority 120/priority 120\\n    interface eth7/")
            let refused = try await fix("--yes")
            #expect(refused.status == .code(3), "\(refused.everything)")
            #expect(refused.said.contains("eth7"), "\(refused.everything)")
            #expect(try await lab.console("lb2", "cat /run/keepalived.pid").text == process)
            try await pair.isOwned()
        }

        @Test func `what both nodes have to agree on is loaded on both at once`() async throws {
            let pair = try await start()
            for node in ["lb1", "lb2"] {
                try await edit("s/virtual_router_id 51/virtual_router_id 77/", on: node)
            }
            let done = try await fix("--yes")
            #expect(done.status == .code(0), "\(done.everything)")
            #expect(done.text.contains("together with the others"), "\(done.text)")
            try await pair.isOwned()
            try await isWell()
        }

        @Test func `a file with which the nodes would fight is not loaded`() async throws {
            let pair = try await start()
            try await edit("s/virtual_router_id 51/virtual_router_id 52/")
            let refused = try await fix("--yes")
            #expect(refused.status == .code(3), "\(refused.everything)")
            #expect(refused.text.contains("cause-vrid-differs"), "\(refused.text)")
            try await pair.isOwned()
        }

        @Test func `haproxy may bind to an address of another node`() async throws {
            var written = DoctorPair()
            written.both {
                $0.before = "sysctl -w net.ipv4.ip_nonlocal_bind=0"
                $0.haproxy = DoctorPair.proxy(bind: "\(DoctorPair.vip):80")
            }
            let pair = try await start(written)
            try await lab.eventually("systemctl reset-failed haproxy; systemctl start haproxy", on: "lb1")
            try await lab.eventually("systemctl is-failed haproxy", on: "lb2")
            let done = try await fix("--yes")
            #expect(done.status == .code(0), "\(done.everything)")
            try await lab.eventually("systemctl is-active haproxy", on: "lb2")
            try await lab.eventually(
                "grep -qx 'net.ipv4.ip_nonlocal_bind = 1' /etc/sysctl.d/90-haops.conf", on: "lb2")
            #expect(try await lab.console("lb2", "cat /proc/sys/net/ipv4/ip_nonlocal_bind").text == "1\n")
            #expect(try await lab.console("lb1", "test -e /etc/sysctl.d/90-haops.conf").status == .code(1))
            try await pair.isOwned()
            try await isWell()
        }

        @Test func `a dead daemon is named with the command and not started`() async throws {
            let pair = try await start()
            try await lab.fault("keepalived-stopped", "lb2")
            let refused = try await fix("--yes")
            #expect(refused.status == .code(3), "\(refused.everything)")
            #expect(refused.text.contains("keepalived-dead"), "\(refused.text)")
            #expect(refused.text.contains("systemctl start keepalived on lb2"), "\(refused.text)")
            try await pair.isOwned()
            #expect(try await lab.console("lb2", "pgrep -x keepalived").status == .code(1))
        }

        @Test func `where nothing is wrong nothing is done and that is said`() async throws {
            _ = try await start()
            let well = try await fix("--yes")
            #expect(well.status == .code(0), "\(well.everything)")
            #expect(well.text.contains("nothing to fix"), "\(well.text)")
        }

        // MARK: - Steps

        private struct Standing {
            let lab: LabFixture

            func isOwned(by owner: String = "lb1", not other: String = "lb2") async throws {
                try await lab.eventually(DoctorPair.holds, on: owner)
                try await lab.eventually(DoctorPair.holdsNot, on: other)
            }
        }

        private func start(_ pair: DoctorPair = DoctorPair()) async throws -> Standing {
            try await pair.start(on: lab)
            let standing = Standing(lab: lab)
            try await standing.isOwned()
            return standing
        }

        private func split() async throws {
            for node in ["lb1", "lb2"] { try await lab.eventually(DoctorPair.holds, on: node) }
        }

        /// Changes a node's file, and tells nobody.
        private func edit(_ expression: String, on node: String = "lb2") async throws {
            try await lab.eventually("sed -i '\(expression)' /etc/keepalived/keepalived.conf", on: node)
        }

        private func fix(_ arguments: String...) async throws -> CommandOutput {
            try await haops(["fix"] + arguments)
        }

        private func isWell() async throws {
            let doctor = try await haops(["doctor"])
            #expect(doctor.status == .code(0), "\(doctor.everything)")
        }

        private func haops(_ words: [String]) async throws -> CommandOutput {
            try await lab.haops(words + ["--ssh-config", lab.sshConfig, "--nodes", "root@lb1,root@lb2"])
        }
    }
}

extension String {
    /// As if it had been printed on one line.
    fileprivate var unwrapped: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}

import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That `who` tells the truth whatever has happened, and that somebody serves.
    @Suite struct OwnershipTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        struct Loss: CustomTestStringConvertible, Sendable {
            var fault: String
            /// What `who` comes to say of each of the two VIPs, and its exit code.
            var verdict: String
            var exit: Int
            /// `lb1`'s keepalived in that answer.
            var daemon: String
            var testDescription: String { "\(fault): \(verdict)" }
        }

        @Test(arguments: [
            Loss(fault: "keepalived-stopped", verdict: "owned by lb2", exit: 0, daemon: "stopped"),
            // The children notice and take their addresses down.
            Loss(fault: "keepalived-killed-parent", verdict: "owned by lb2", exit: 0, daemon: "stopped"),
            // The parent starts another child.
            Loss(fault: "keepalived-killed-child", verdict: "owned by lb1", exit: 0, daemon: "running"),
            // Nobody is left to take the addresses down.
            Loss(fault: "keepalived-killed", verdict: "orphan by lb1+lb2", exit: 5, daemon: "stopped"),
            // It still has them, for all anybody can know.
            Loss(fault: "cut-off", verdict: "unknown by lb2", exit: 4, daemon: "unknown"),
            Loss(fault: "haproxy-stopped", verdict: "owned by lb2", exit: 0, daemon: "running"),
        ])
        func `the owner is lost and who tells the truth`(loss: Loss) async throws {
            let pair = try await ManagedPair.ready(on: lab)
            try await lab.fault(loss.fault, "lb1")
            let answer = try await pair.eventually([loss.verdict, loss.verdict], exit: loss.exit)
            for vip in answer.vips { #expect(vip.node("lb1")?.keepalived == loss.daemon) }
            try await lab.eventually(ManagedPair.answers, on: "client")
            try await lab.heal(loss.fault, "lb1")
            try await pair.isWell()
        }

        /// A daemon that cannot write its dump: what it told the notify script counts next, then the journal.
        @Test func `a script waits for an owner, and learns when there is none`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            for node in ManagedPair.nodes { try await lab.fault("keepalived-stopped", node) }
            let late = try await pair.haops("who", "--until", "owned", "--timeout", "2s")
            #expect(late.status == .code(5), "\(late.everything)")
            #expect(late.errorText.contains("not yet: \(ManagedPair.vip) is unowned"), "\(late.errorText)")
            async let waiting = pair.haops("who", "--until", "owned", "--timeout", "60s")
            try await lab.heal("keepalived-stopped", "lb2")
            let answer = try await waiting
            #expect(answer.status == .code(0), "\(answer.everything)")
            #expect(answer.text.contains("2 addresses: 2 owned"), "\(answer.text)")
            let other = try await pair.haops("who", "--until", "unowned", "--timeout", "1s")
            #expect(other.status == .code(5), "\(other.everything)")
            try await lab.healAll()
            try await pair.isWell()
        }

        @Test func `where the daemon says nothing its notify file and the journal do`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            func learned(_ source: String) async throws {
                let answer = try await pair.who()
                #expect(answer.verdicts == ["owned by lb1", "owned by lb1"] && answer.exit == .code(0))
                let told = try await pair.expect(0, "who", "-v").text
                let line = told.split(separator: "\n").first { $0.contains("holds it on eth1") }
                #expect(line?.contains(source) == true, "\(told)")
            }
            try await learned("kernel and journal")
            // The file is newer than the process, so what the journal says of the process is not enough.
            try await lab.eventually("touch /etc/keepalived/keepalived.conf", on: "lb1")
            try await learned("the daemon")
            try await lab.eventually("mount -t tmpfs -o ro none /tmp", on: "lb1")
            try await learned("its notify file, ")
            try await lab.eventually("rm /run/haops-state.*", on: "lb1")
            try await learned("its journal, ")
            try await lab.eventually("umount /tmp", on: "lb1")
            try await lab.reset()
        }

        /// An exporter, a check: what begins like it gets no signal and is not counted. Its own processes may be
        /// named otherwise.
        @Test func `a process is keepalived by its executable`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            _ = try await lab.console(
                "lb1",
                """
                sed -i 's/^global_defs {/&\\n  process_name vip\\n  vrrp_process_name speaker/' /etc/keepalived/keepalived.conf
                systemctl restart keepalived
                """)
            try await lab.eventually("pgrep -x speaker", on: "lb1")
            let renamed = try await pair.eventually(["owned by lb1", "owned by lb1"], exit: 0)
            for vip in renamed.vips { #expect(vip.node("lb1")?.keepalived == "running") }

            let exporter = "/usr/local/bin/keepalived-exporter"
            _ = try await lab.console(
                "lb1",
                """
                cp /bin/sleep \(exporter)
                systemd-run --unit exporter \(exporter) 600
                systemctl stop keepalived
                """)
            let gone = try await pair.eventually(["owned by lb2", "owned by lb2"], exit: 0)
            for vip in gone.vips { #expect(vip.node("lb1")?.keepalived == "stopped") }
            #expect(try await lab.console("lb1", "systemctl is-active exporter").text == "active\n")
            _ = try await lab.console("lb1", "systemctl stop exporter")
            try await lab.reset()
        }

        @Test func `an address is not another that begins like it`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            // The client has 203.0.113.5, the pair 203.0.113.50 and .51.
            #expect(
                try await lab.console("client", "ip -o address show to 203.0.113.5/32").text.contains("eth1"))
            let nobody = try await pair.haops("who", "203.0.113.5")
            #expect(nobody.status == .code(64), "\(nobody.everything)")
            #expect(
                nobody.errorText.contains("203.0.113.5 is not a virtual IP of `web`"), "\(nobody.everything)")
            #expect(nobody.errorText.contains("did you mean 203.0.113.5"), "\(nobody.everything)")
            let asked = try await pair.who(
                "--nodes", "root@198.51.100.5,198.51.100.11,198.51.100.12", "203.0.113.5", "203.0.113.50")
            #expect(asked.vips.map(\.vip) == ["203.0.113.5", "203.0.113.50"])
            #expect(asked.vips.first?.nodes.filter { $0.holds == true }.count == 1)
            #expect(
                asked.verdicts.first == "orphan by 198.51.100.5", "no keepalived gave the client its address")
            #expect(asked.verdicts.last == "owned by 198.51.100.11")
        }

        @Test func `a broadcast address has no holder`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            #expect(
                try await lab.console("lb1", "ip -o address show dev eth1").text.contains("brd 203.0.113.255")
            )
            let nobody = try await pair.haops("who", "203.0.113.255")
            #expect(nobody.status == .code(64), "\(nobody.everything)")
        }

        @Test(arguments: ["cut-off", "sshd-stopped", "frozen"])
        func `a node that does not answer is unknown and named`(fault: String) async throws {
            let pair = try await ManagedPair.ready(on: lab)
            try await lab.fault(fault, "lb2")
            let output = try await pair.haops("who", "-o", "json", "--connect-timeout", "2")
            let answer = try WhoAnswer(output)
            #expect(answer.verdicts == ["unknown by lb1", "unknown by lb1"] && answer.exit == .code(4))
            for vip in answer.vips {
                #expect(vip.node("lb2")?.reachable == false && vip.node("lb2")?.holds == nil)
            }
            #expect(output.errorText.contains("`lb2`"), "\(output.everything)")
        }

        @Test func `a node that cannot run ip is unknown to every verb that looks`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            try await lab.eventually("mv /usr/bin/ip /root/ip", on: "lb2")
            let answer = try await pair.who()
            #expect(answer.verdicts == ["unknown by lb1", "unknown by lb1"] && answer.exit == .code(4))
            for vip in answer.vips { #expect(vip.node("lb2")?.holds == nil) }
            let status = try await pair.haops("status")
            #expect(status.status == .code(4), "\(status.everything)")
            #expect(
                status.errorText.contains("`lb2`: cannot say what addresses it has"), "\(status.everything)")
            let monitor = try await pair.haops("status", "--nagios")
            #expect(monitor.status == .code(3) && monitor.text.hasPrefix("HAOPS UNKNOWN - 203.0.113.50"))
            let doctor = try await pair.haops("doctor")
            #expect(doctor.status == .code(4), "\(doctor.everything)")
            try await lab.eventually("mv /root/ip /usr/bin/ip", on: "lb2")
            try await pair.isWell()
        }

        @Test func `both transports give the same answer`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            // All columns but `since`, which goes on meanwhile.
            func answer(_ transport: String) async throws -> [[Substring]] {
                let text = try await pair.expect(0, "who", "-o", "tsv", "--transport", transport).text
                let rows = text.split(separator: "\n").map { $0.split(separator: "\t") }
                let since = rows.first?.firstIndex(of: "since")
                return rows.map { row in row.indices.filter { $0 != since }.map { row[$0] } }
            }
            let ours = try await answer("libssh2")
            #expect(ours.contains { $0.starts(with: ["203.0.113.50", "web", "owned", "lb1"]) })
            #expect(try await answer("openssh") == ours)
        }

        @Test(arguments: ["libssh2", "openssh"])
        func `a jump host leads to the nodes`(transport: String) async throws {
            let pair = try await ManagedPair.ready(on: lab)
            // Logins that came from the client, as the node's own sshd has them.
            let logins = "journalctl -u ssh -o cat | grep -c 'Accepted publickey for root from 198.51.100.5 '"
            let before = try await lab.console("lb1", logins).text
            let answer = try await pair.who("-J", "client", "--transport", transport)
            #expect(answer.verdicts == ["owned by lb1", "owned by lb1"] && answer.exit == .code(0))
            #expect(try await lab.console("lb1", logins).text != before)
        }

        @Test func `equal outputs are folded under their nodes`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let equal = try await pair.expect(0, "exec", "--", "echo same")
            #expect(equal.text == "lb[1-2] (2)\nsame\n")
            let different = try await pair.expect(1, "exec", "--", "hostname; [ $(hostname) = lb1 ]")
            #expect(different.text == "lb1\nlb1\nlb2 exit 1\nlb2\n")
        }
    }
}

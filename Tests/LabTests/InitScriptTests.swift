import Facts
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Machines on which the services are started by init scripts: no systemd is to be seen.
    @Suite struct InitScriptTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// Hides systemd from everything on both balancers while `body` runs: haops, `service` and the init
        /// scripts alike look for one directory.
        private func withoutSystemd(_ body: () async throws -> Void) async throws {
            for node in ManagedPair.nodes {
                try await lab.eventually("mv /run/systemd/system /run/systemd/hidden", on: node)
            }
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body())
            } catch { outcome = .failure(error) }
            for node in ManagedPair.nodes {
                let stop =
                    "for s in keepalived haproxy; do service $s stop; done; ! pgrep -x 'keepalived|haproxy'"
                try await lab.eventually(stop, on: node)
                try await lab.eventually("mv /run/systemd/hidden /run/systemd/system", on: node)
            }
            try await lab.reset()
            try outcome.get()
        }

        @Test func `a pair is set up changed restarted moved and rolled back`() async throws {
            try await lab.reset()
            let pair = try ManagedPair(lab: lab).quick()
            try await withoutSystemd {
                try await pair.expect(0, "apply", "--yes")
                try await pair.isWell()
                let again = try await pair.expect(0, "apply", "--yes")
                #expect(again.said.contains("nothing to do"))
                for node in ManagedPair.nodes {
                    let links = try await lab.console(node, "ls /etc/rc2.d; ps -eo args")
                    #expect(links.text.contains("S01keepalived") && links.text.contains("S01haproxy"))
                    #expect(links.text.contains("/usr/sbin/keepalived"))
                }
                let pings = try await Pings.counted(from: "client", to: ManagedPair.vip, on: lab) {
                    try await pair.expect(0, "restart", "all", "--yes")
                    try await pair.isWell()
                    try await pair.expect(0, "switchover", "--to", "lb2", "--yes")
                    try await pair.eventually(["owned by lb2", "owned by lb2"], exit: 0)
                    try await pair.expect(0, "switchover", "--release", "--yes")
                    try await pair.isWell()
                }
                print("by init scripts: \(pings)")
                #expect(pings.longestGap <= 1, "\(pings)")
                // Stopped first, so that no child outlives its parent and takes the addresses down.
                try await lab.eventually("pkill -STOP keepalived; pkill -KILL keepalived", on: "lb1")
                try await pair.eventually(["orphan by lb1+lb2", "orphan by lb1+lb2"], exit: 5)
                try await pair.expect(0, "fix", "--yes")
                try await pair.isWell()
                let before = try await pair.files(of: "lb1")
                let changed = try pair.harmlesslyChanged()
                try await changed.expect(0, "apply", "--yes")
                try await changed.expect(0, "plan", "--detailed-exitcode")
                try await pair.expect(0, "rollback", "--yes")
                #expect(try await pair.files(of: "lb1") == before)
                try await pair.isWell()
            }
        }

        @Test func `a daemon that calls itself otherwise is seen to run`() async throws {
            try await lab.reset()
            let pair = try ManagedPair(lab: lab).quick()
            try await withoutSystemd {
                try await pair.expect(0, "apply", "--yes")
                _ = try await lab.console(
                    "lb1", "sed -i '/^global_defs {/a process_name vrrp_lb' /etc/keepalived/keepalived.conf")
                // Its `restart` starts a second later, whether the old process has ended or not.
                try await lab.eventually("service keepalived stop; ! pgrep -x keepalived", on: "lb1")
                try await lab.eventually("service keepalived start; pgrep -x vrrp_lb", on: "lb1")
                let answer = try await lab.console("lb1", ServicesFact().script)
                let services = try ServicesFact().parse(SectionOutput(answer.text))
                #expect(services["keepalived"]?.isRunning == true && services["haproxy"]?.isRunning == true)
                // Started only when the old one has ended, though that goes by another name.
                let restarted = try await lab.haops(
                    ["restart", "--yes", "--ssh-config", lab.sshConfig, "--nodes", "lb1,lb2"])
                #expect(restarted.status == .code(0), "\(restarted.everything)")
                try await pair.isWell()
                try await lab.eventually("pgrep -x vrrp_lb", on: "lb1")
                try await pair.expect(0, "apply", "--yes")
                try await pair.isWell()
            }
        }

        @Test(.onlyInSweeps) func `a set-up that fails is taken back to the bare machine`() async throws {
            try await lab.reset()
            let pair = try ManagedPair(lab: lab).quick()
            // haproxy's port is taken by something else, so that its gate fails.
            let broken = try pair.changed(("bind: [\"203.0.113.50:80\"", "bind: [\"203.0.113.50:22\""))
            try await withoutSystemd {
                let output = try await broken.haops("apply", "--yes")
                #expect(output.status == .code(1), "\(output.everything)")
                for node in ManagedPair.nodes {
                    let left = try await lab.console(
                        node,
                        "pgrep -x 'keepalived|haproxy'; ls /etc/keepalived/keepalived.conf; ip -o addr show dev eth1"
                    )
                    #expect(!left.text.contains("keepalived.conf") && !left.text.contains("203.0.113.50"))
                    #expect(left.text.split(separator: "\n").allSatisfy { Int($0) == nil }, "\(left.text)")
                }
            }
        }
    }
}

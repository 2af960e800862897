import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That looking leaves no line in a daemon's log, and that the daemon is asked where anything else is in doubt.
    @Suite struct QuietReadsTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// The lines of both journals that answers to questions are.
        private func answers() async throws -> Int {
            var lines = 0
            for node in ManagedPair.nodes {
                let count = try await lab.console(
                    node, "journalctl --sync; journalctl -q -u keepalived | grep -c 'Printing VRRP'")
                lines += Int(count.text.filter { $0 != "\n" }) ?? 0
            }
            return lines
        }

        private func lines(of work: () async throws -> Void) async throws -> Int {
            let before = try await answers()
            try await work()
            return try await answers() - before
        }

        private func source(_ pair: ManagedPair, of node: String) async throws -> String {
            let answer = try await pair.who()
            return answer.vips.first?.node(node)?.witness ?? "-"
        }

        @Test func `looking at a pair that is well leaves no line in its journals`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let lines = try await lines {
                for _ in 1...10 {
                    try await pair.expect(0, "who")
                    let status = try await pair.expect(0, "status").text
                    #expect(
                        status.contains("VI_1 MASTER 150") && status.contains("VI_1 BACKUP 100"), "\(status)")
                }
                try await pair.expect(0, "who", "--nagios")
                try await pair.expect(0, "status", "--nagios")
                try await pair.expect(0, "who", "--nodes", "root@lb1,root@lb2")
                try await pair.expect(0, "import", "--nodes", "root@lb1,root@lb2")
                _ = try await pair.haops("lint", "--nodes", "root@lb1,root@lb2")
            }
            #expect(lines == 0)
            #expect(try await source(pair, of: "lb1") == "kernel and journal")
        }

        /// The journal has what a check has lowered, before and after a reload.
        @Test func `a lowered priority is told without a question`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            func lowered() async throws {
                _ = try await lab.eventually("a lowered priority") {
                    let status = try await pair.haops("status")
                    return status.text.contains("VI_1 BACKUP 40 of 100") ? true : nil
                }
            }
            let lines = try await lines {
                try await lab.fault("haproxy-stopped", "lb2")
                try await lowered()
                try await lab.eventually("systemctl reload keepalived", on: "lb2")
                try await lowered()
                try await lab.heal("haproxy-stopped", "lb2")
                _ = try await lab.eventually("the priority as configured") {
                    try await pair.haops("status").text.contains("VI_1 BACKUP 100\u{20}") ? true : nil
                }
            }
            #expect(lines == 0)
        }

        struct Doubt: CustomTestStringConvertible, Sendable {
            var testDescription: String
            var script: String
            /// Mends what was done.
            var mend = "true"
            var verdict = "owned by lb1"
        }

        @Test(arguments: [
            Doubt(
                testDescription: "a file newer than the process",
                script: "touch /etc/keepalived/keepalived.conf"),
            Doubt(
                testDescription: "a file in its place that is older than the process",
                script: """
                    cd /etc/keepalived && cp -p keepalived.conf old && touch -d @1000000000 old && mv old keepalived.conf
                    """),
            Doubt(
                testDescription: "a journal without its start",
                script: "journalctl -q --rotate --vacuum-size=1"),
            Doubt(
                testDescription: "an address that its journal does not explain",
                script: "ip address add 203.0.113.50/32 dev eth1",
                mend: "ip address del 203.0.113.50/32 dev eth1",
                verdict: "orphan by lb1+lb2"),
        ])
        func `a daemon is asked where something is in doubt`(doubt: Doubt) async throws {
            let pair = try await ManagedPair.ready(on: lab)
            try await lab.eventually(doubt.script, on: "lb2")
            let lines = try await lines {
                let answer = try await pair.who()
                #expect(Set(answer.verdicts).contains(doubt.verdict), "\(answer.verdicts)")
                #expect(answer.vips.first?.node("lb2")?.witness == "the daemon")
            }
            #expect(lines >= 1)
            try await lab.eventually(doubt.mend, on: "lb2")
            try await lab.reset()
        }

        /// Its journal and its kernel would still say BACKUP.
        @Test func `a process that hangs is asked and not believed`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            try await lab.eventually("pkill -STOP -P $(cat /run/keepalived.pid)", on: "lb2")
            let witness = try await source(pair, of: "lb2")
            #expect(witness.hasPrefix("its notify file"), "\(witness)")
            try await lab.eventually("pkill -CONT -P $(cat /run/keepalived.pid)", on: "lb2")
            try await pair.isWell()
        }
    }
}

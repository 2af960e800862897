import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

@testable import HaopsCommands

extension OnTheLab {
    /// Drills on real machines: what they measure, and that the node restores itself whatever becomes of the operator.
    @Suite struct DrillTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// When haops says this, the failure is there.
        private static let broken = "while it fails"

        /// What a drill leaves nothing of.
        private func traces(of node: String) async throws -> String {
            try await lab.console(
                node,
                """
                ip -o addr show scope global | awk '{ print $2, $4 }' | sort
                { ip -4 route; ip -6 route show table main; } | sed 's/ expires .*//' | sort
                systemctl is-active keepalived haproxy
                nft list tables | sort
                iptables-save | grep -v '^[#:]'
                grep -c /bin/false /proc/self/mounts
                ls /var/lib/haops | grep -v journal
                ls /etc/systemd/system/haops-revert.service 2>/dev/null
                systemctl list-units --plain --no-legend 'haops-revert-*'
                for p in $(pgrep keepalived) $(pgrep haproxy); do sed 's/.*) \\([A-Z]\\).*/\\1/' /proc/$p/stat | tr SRD ...; done
                true
                """
            ).text
        }

        private func isAsBefore(_ before: [String], _ moment: String) async throws {
            try await lab.eventually("\(moment): as before", within: .seconds(60)) {
                let now = [try await traces(of: "lb1"), try await traces(of: "lb2")]
                return now == before ? true : nil
            }
        }

        private func allTraces() async throws -> [String] {
            [try await traces(of: "lb1"), try await traces(of: "lb2")]
        }

        // MARK: - What is measured

        @Test(.timeLimit(.minutes(4)))
        func `a stopped keepalived is silent for as long as foretold, and all is as before`() async throws {
            let pair = try await ManagedPair.ready(on: lab, by: .shipped)
            let before = try await allTraces()
            let answer = try DrillDocument(try await pair.expect(0, "drill", "stop", "--yes", "-o", "json"))
            #expect(answer.restored == true && answer.left.isEmpty && answer.findings.isEmpty)
            #expect(answer.instances.map(\.holders) == [["lb2"]])
            let pings = answer.measurements.filter { $0.probe == "icmp" }
            #expect(pings.count == 2)
            for one in pings {
                print("| drill stop | \(one.vip) | \(one.failover.silenceMs) ms | \(one.resolutionMs) ms |")
                #expect(one.failover.lost > 0 && one.failover.silenceMs > one.resolutionMs, "\(one)")
                #expect(one.reversion.silenceMs <= one.resolutionMs * 2, "\(one)")
            }
            #expect(
                answer.cuts.contains { $0.part == "failover" && $0.noticedAtMs > 0 },
                "a held connection is cut")
            #expect(answer.measurements.contains { $0.probe == "http 80" && $0.failover.lost > 0 })
            let failover = answer.phases.filter { $0.part == "failover" }
            #expect(failover.map(\.phase).contains("elected"))
            let elected = try #require(failover.first { $0.phase == "elected" })
            let answering = try #require(failover.first { $0.phase == "answering" })
            #expect(elected.host == "lb2" && elected.atMs <= answering.atMs + 20)
            #expect(failover.contains { $0.phase == "announced" && $0.what == "client sends to lb2" })
            #expect(
                answer.phases.contains { $0.part == "reversion" && $0.phase == "elected" && $0.host == "lb1" }
            )
            #expect(
                answer.neighbours.contains {
                    $0.observer == "client" && $0.node == "lb2" && $0.sinceMs ?? 0 > 0
                })
            let heard = try #require(answer.announcements).filter {
                $0.listener == "client" && $0.part == "failover" && $0.vip == ManagedPair.vip
            }
            // keepalived's own number (vrrp.h, VRRP_GARP_REP).
            #expect(heard.map(\.node) == ["lb2"] && heard.map(\.count) == [5], "\(heard)")
            try await isAsBefore(before, "stop")
            try await pair.isWell()
            let history = try await pair.expect(0, "history")
            #expect(history.text.contains("drill stop on lb1"))
            let journal = try await lab.console("lb1", "grep measured /var/lib/haops/journal | tail -n 1")
            #expect(journal.text.contains("203.0.113.50 from client (icmp)"), "\(journal.text)")
        }

        @Test(.timeLimit(.minutes(2)))
        func `a killed keepalived leaves its addresses, and clients notice nothing`() async throws {
            let pair = try await ManagedPair.ready(on: lab, by: .shipped)
            let before = try await allTraces()
            let answer = try DrillDocument(try await pair.expect(0, "drill", "kill", "--yes", "-o", "json"))
            #expect(answer.instances.map(\.holders) == [["lb1", "lb2"]])
            #expect(answer.measurements.allSatisfy { $0.probe != "icmp" || $0.failover.silenceMs < 300 })
            try await isAsBefore(before, "kill")
            try await pair.isWell()
        }

        /// By the same names as ready's rows, and who has the addresses then.
        private static let cases = [
            ("crash", ["lb2"]), ("freeze", ["lb1", "lb2"]), ("adverts-in", ["lb1"]),
            ("adverts-out", ["lb1", "lb2"]), ("adverts-both", ["lb1", "lb2"]), ("check-fails", ["lb2"]),
            ("haproxy", ["lb2"]), ("haproxy-hang", ["lb1"]), ("interface", ["lb2"]),
            ("reboot", ["lb2"]), ("advert-interface", ["lb2"]), ("failback", ["lb2"]),
        ]

        /// Each case on a pair with short intervals.
        @Test(.timeLimit(.minutes(3)), arguments: Sweep.part(of: cases, every: 6))
        func `each case is made, measured and ended`(name: String, holders: [String]) async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await allTraces()
            let output = try await pair.haops("drill", name, "--yes", "-o", "json")
            let answer = try DrillDocument(output)
            #expect(output.status == .code(0), "\(output.everything)")
            #expect(answer.restored == true && answer.outcome == "done", "\(output.everything)")
            #expect(answer.instances.map(\.holders) == [holders], "\(output.everything)")
            print("| drill \(name) | \(answer.outageMs) ms | \(answer.predictedMs.map { "\($0)" } ?? "-") |")
            try await isAsBefore(before, name)
            try await pair.isWell()
        }

        @Test(.timeLimit(.minutes(2)))
        func `a longer silence than allowed, and servers that are gone, end with 5`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await allTraces()
            let late = try await pair.expect(5, "drill", "crash", "--yes", "--max-outage", "100ms")
            #expect(late.text.contains("--max-outage allows 0.100 s"), "\(late.everything)")
            let refused = try await pair.expect(3, "drill", "backend", "--yes")
            #expect(refused.text.contains("--accept-outage insists"), "\(refused.everything)")
            let insisted = try DrillDocument(
                try await pair.expect(0, "drill", "backend", "--yes", "--accept-outage", "-o", "json"))
            #expect(insisted.measurements.contains { $0.probe == "http 80" && $0.failover.lost > 0 })
            try await isAsBefore(before, "backend")
            try await pair.isWell()
        }

        @Test(.timeLimit(.minutes(3)))
        func `a series has the median and the worst of each figure`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await allTraces()
            let output = try await pair.expect(0, "drill", "stop", "--yes", "--repeat", "3", "-o", "tsv")
            let rows = output.text.split(separator: "\n").dropFirst().map { $0.split(separator: "\t") }
            let icmp = rows.filter { $0[3] == "icmp" }
            #expect(icmp.count == 2, "\(output.everything)")
            for row in icmp {
                #expect(row[4] == "3")
                let (median, worst) = (try #require(Int(row[5])), try #require(Int(row[6])))
                #expect(median > 0 && worst >= median, "\(output.everything)")
            }
            try await isAsBefore(before, "repeat")
            try await pair.isWell()
        }

        @Test(.timeLimit(.minutes(2)))
        func `the way back is measured alone, and what captures packets ends with the drill`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await allTraces()
            let answer = try DrillDocument(
                try await pair.expect(0, "drill", "failback", "--yes", "-o", "json"))
            let back = try #require(answer.instances.first)
            #expect(back.holders == ["lb2"] && answer.predictedMs == 0)
            let (at, foretold) = (try #require(back.backAtMs), try #require(back.backForetoldMs))
            print("| drill failback | \(at) ms | \(foretold.shortest) to \(foretold.longest) ms |")
            for node in ["lb1", "lb2", "client"] {
                try await lab.eventually("! pgrep -x tcpdump && ! pgrep -x ip", on: node)
            }
            try await isAsBefore(before, "failback")
            try await pair.isWell()
        }

        // MARK: - What it refuses

        @Test(.timeLimit(.minutes(2)))
        func `nothing is broken where a peer is ill, a name is not typed, or the owner would be alone`()
            async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            let unasked = try await pair.expect(3, "drill", "stop")
            #expect(unasked.said.contains("there is no terminal to ask on"), "\(unasked.everything)")
            try await pair.expect(0, "drill", "stop", "--dry-run")
            try await lab.fault("haproxy-stopped", "lb2")
            let ill = try await pair.expect(3, "drill", "stop", "--yes")
            #expect(ill.text.contains("haproxy does not run"), "\(ill.everything)")
            try await lab.heal("haproxy-stopped", "lb2")
            try await lab.fault("keepalived-stopped", "lb2")
            let alone = try await pair.expect(3, "drill", "stop", "--yes")
            #expect(alone.text.contains("nobody would own VI_1"), "\(alone.everything)")
            try await lab.heal("keepalived-stopped", "lb2")
            try await pair.isWell()
            #expect(try await lab.console("lb1", "grep -c broken: /var/lib/haops/journal; true").text != "")
        }

        // MARK: - What becomes of the node

        @Test(
            .timeLimit(.minutes(4)),
            arguments: Sweep.part(
                of: ["stop", "adverts-out", "check-fails", "freeze", "crash", "interface"], every: 3))
        func `when haops is killed the node ends the failure, and nobody else cancels it`(name: String)
            async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await allTraces()
            let killed = try await pair.run(
                "drill", [name, "--yes"], until: Self.broken, then: "kill -KILL $pid")
            #expect(killed.status == .code(137), "\(killed.everything)")
            if name == "stop" {
                let status = try await pair.haops("status")
                #expect(status.text.contains("ends by itself in"), "\(status.everything)")
                for verb in ["apply", "restart"] {
                    let refused = try await pair.expect(3, verb, "--yes")
                    #expect(refused.text.contains("a drill is not over there"), "\(refused.everything)")
                }
                let again = try await pair.expect(3, "drill", "stop", "--yes")
                #expect(again.text.contains("ends by itself in"), "\(again.everything)")
            }
            try await isAsBefore(before, "killed in \(name)")
            try await pair.isWell(within: .seconds(40))
            let journal = try await lab.console("lb1", "tail -n 1 /var/lib/haops/journal")
            #expect(journal.text.contains("ended (timer)"), "\(journal.text)")
            try await pair.expect(0, "plan", "--detailed-exitcode")
        }

        @Test(.timeLimit(.minutes(4)), arguments: Sweep.part(of: ["stop", "adverts-both"], every: 2))
        func `when the node is rebooted its boot ends the failure`(name: String) async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await allTraces()
            let output = try await pair.run(
                "drill", [name, "--yes"], until: Self.broken,
                then: "'\(LabFixture.project)/lab/lab' --name '\(lab.name)' reboot lb1")
            #expect(output.status != .code(0), "\(output.everything)")
            try await isAsBefore(before, "rebooted in \(name)")
            try await pair.isWell(within: .seconds(60))
            let journal = try await lab.console("lb1", "grep -c 'ended (boot)' /var/lib/haops/journal")
            #expect(journal.text.first != "0", "\(output.everything)")
        }

        @Test(.timeLimit(.minutes(4)))
        func `when the cable is cut the node ends the failure, and haops does not claim success`()
            async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await allTraces()
            let output = try await pair.run(
                "drill", ["haproxy-hang", "--yes", "--connect-timeout", "2", "--command-timeout", "10"],
                until: Self.broken,
                then: "'\(LabFixture.project)/lab/lab' --name '\(lab.name)' fault cut-off lb1")
            #expect(output.status != .code(0), "\(output.everything)")
            try await lab.eventually(
                "! grep -q '^State:.T' /proc/$(pgrep -o haproxy)/status", on: "lb1", within: .seconds(60))
            try await lab.heal("cut-off", "lb1")
            try await isAsBefore(before, "cut off")
            try await pair.isWell(within: .seconds(40))
        }

        @Test(.timeLimit(.minutes(2)))
        func `Control-C ends the failure at once`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await allTraces()
            let output = try await pair.run(
                "drill", ["freeze", "--yes"], until: Self.broken, then: "kill -INT $pid")
            #expect(output.status == .code(130), "\(output.everything)")
            try await isAsBefore(before, "Control-C")
            try await pair.isWell()
        }
    }
}

extension DrillDocument {
    /// What `haops drill -o json` says.
    init(_ output: CommandOutput) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(DrillDocument.self, from: Data(output.stdout))
    }
}

import Checks
import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That `who` believes in an address only when somebody else than its holder is answered by it.
    @Suite struct AnswerTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private static let scenarios =
            (DoctorScenario.answerCauses + DoctorScenario.answeringWell + DoctorScenario.checkCauses
            + DoctorScenario.unusualButWell).filter { $0.verdict != nil && $0.isPossible }

        @Test func `the priority of a daemon that cannot write it is unknown`() async throws {
            let scenario = try #require(DoctorScenario.warnings.first { $0.cause == .diskFull })
            try await DoctorPair().start(on: lab)
            for (place, script) in scenario.stands { try await lab.eventually(script, on: place) }
            try await scenario.act(lab)
            // The file is newer than what the daemon has read, so that it has to be asked.
            try await lab.eventually("touch /etc/keepalived/keepalived.conf", on: "lb1")
            let answer = try await who(["--nodes", "root@lb1,root@lb2"])
            let status = try await lab.haops(
                ["status", "-o", "json", "--ssh-config", lab.sshConfig, "--nodes", "root@lb1,root@lb2"])
            try await scenario.mend(lab)
            #expect(answer.verdicts == ["owned by lb1"])
            #expect(answer.vips.first?.node("lb1")?.claims == "MASTER")
            #expect(answer.vips.first?.node("lb1")?.priority == nil)
            #expect(answer.vips.first?.node("lb2")?.priority == 100)
            let text = String(decoding: status.stdout, as: UTF8.self).filter { $0 != " " && $0 != "\n" }
            #expect(text.contains("\"role\":\"MASTER\",\"priority\":null,\"base_priority\":null"), "\(text)")
        }

        @Test func `an address that is in a file alone is nobody's`() async throws {
            try await DoctorPair().start(on: lab)
            try await lab.eventually(DoctorPair.holds, on: "lb1")
            try await lab.eventually(
                "sed -i 's|203.0.113.50/24 dev eth1|&\\n203.0.113.51/24 dev eth1|' /etc/keepalived/keepalived.conf",
                on: "lb2")
            try await lab.eventually("grep -q 203.0.113.51 /etc/keepalived/keepalived.conf", on: "lb2")
            let answer = try await who(["--nodes", "root@lb1,root@lb2"])
            #expect(answer.vips.map(\.vip) == ["203.0.113.50"])
            // Without a daemon, the file is all that there is.
            try await lab.eventually("systemctl stop keepalived", on: "lb2")
            let later = try await who(["--nodes", "root@lb1,root@lb2"])
            #expect(later.vips.map(\.vip) == ["203.0.113.50", "203.0.113.51"])
        }

        @Test(arguments: Sweep.part(of: scenarios, every: 3))
        func `who says whether an owned address answers`(scenario: DoctorScenario) async throws {
            _ = try await scenario.make(on: lab)
            var machines = ["--nodes", "root@lb1,root@lb2"]
            if scenario.hasObserver {
                machines = [
                    "--inventory", try lab.scratch("answer.yaml", DoctorScenario.inventory(["lb1", "lb2"])),
                ]
            }
            // keepalived may not have noticed yet, nor haproxy's checks have found their servers.
            var last: WhoAnswer?
            let wanted = scenario.verdict ?? ""
            do {
                try await lab.eventually("who: \(wanted)", within: .seconds(20)) {
                    let answer = try await who(machines)
                    last = answer
                    return answer.vips.first?.verdict == wanted ? true : nil
                }
            } catch let failure as LabFixture.Failure {
                Issue.record(
                    "\(failure)\nlast answer: \(last?.verdicts ?? []) \(last?.vips.first?.reason ?? "")")
            }
            #expect(last?.exit == .code(wanted == "owned" ? 0 : 5))
            let monitor = try await lab.haops(["who", "--nagios", "-F", lab.sshConfig] + machines)
            // A machine that asked may now have the stranger in its neighbour table: "stale-arp", a warning.
            let states: [Remote.ExitStatus] =
                switch wanted {
                case "owned": [.code(0)]
                case "contested": [.code(1), .code(2)]
                default: [.code(2)]
                }
            #expect(states.contains(monitor.status), "\(monitor.text)")
            // Without asking nobody confirms it.
            let blind = try await who(machines + ["--no-probe"])
            #expect(blind.vips.first?.owners == last?.vips.first?.owners)
            #expect(blind.vips.first?.answers != true && blind.vips.first?.probes.isEmpty == true)
            try await scenario.mend(lab)
        }

        @Test func `a standby that is cut off accuses nobody`() async throws {
            var pair = DoctorPair()
            pair.both { $0.haproxy = DoctorPair.proxy() }
            try await pair.start(on: lab)
            try await lab.eventually(HandMadePair.answers, on: "client")
            try await lab.fault("partitioned:service", "lb2")
            let answer = try await lab.eventually("who: not probed", within: .seconds(20)) {
                let answer = try await who(["--nodes", "root@lb1,root@lb2"])
                return answer.vips.first?.answers == nil ? answer : nil
            }
            #expect(answer.verdicts == ["owned by lb1"], "\(answer.vips.first?.reason ?? "")")
            #expect(answer.exit == .code(0))
        }

        /// haproxy logs no connection that began with HTTP/2 and asked for nothing.
        @Test func `asking leaves no line in haproxy's log and sets nothing`() async throws {
            var pair = DoctorPair()
            pair.both {
                $0.haproxy = DoctorPair.proxy().replacing(
                    "defaults\n", with: "defaults\n    log /dev/log local0\n    option httplog\n")
            }
            try await pair.start(on: lab)
            try await lab.eventually(HandMadePair.answers, on: "client")
            func traces() async throws -> String {
                try await lab.console(
                    "lb1",
                    """
                    journalctl --sync
                    journalctl -q -b --no-pager -t haproxy | grep -vE 'is UP|is DOWN' | tail -n 5
                    ip -o address
                    sysctl -a 2>/dev/null | grep -E '^net.ipv4.(conf|neigh)'
                    """
                ).text
            }
            let before = try await traces()
            let answer = try await who(["--nodes", "root@lb1,root@lb2"])
            #expect(answer.vips.first?.answers == true && answer.exit == .code(0))
            #expect(answer.vips.first?.probes.contains { $0.ports.map(\.answer) == ["answers"] } == true)
            #expect(try await traces() == before)
        }

        private func who(_ machines: [String]) async throws -> WhoAnswer {
            try WhoAnswer(try await lab.haops(["who", "-o", "json", "-F", lab.sshConfig] + machines))
        }
    }
}

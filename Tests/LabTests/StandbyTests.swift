import Checks
import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// What an operator sees of a cluster whose owner serves while something else is broken.
    @Suite struct StandbyTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        // MARK: - docs/States.md

        /// A row of the table: what is broken, the exit codes, and what doctor calls it.
        struct State: Sendable, CustomTestStringConvertible {
            var name: String
            var who: Int
            var status: Int
            var backends: Int
            var doctor: Int
            var id: String
            var severity: String
            var testDescription: String { name }
        }

        static let states: [State] = {
            let text =
                (try? String(contentsOfFile: LabFixture.project + "/docs/States.md", encoding: .utf8)) ?? ""
            return text.split(separator: "\n").compactMap { line in
                let cells = line.split(separator: "|").map { $0.trimmed }
                guard cells.count == 7, let who = Int(cells[1]), let status = Int(cells[2]),
                    let backends = Int(cells[3]), let doctor = Int(cells[4])
                else { return nil }
                return State(
                    name: cells[0], who: who, status: status, backends: backends, doctor: doctor,
                    id: cells[5].filter { $0 != "`" }, severity: cells[6])
            }
        }()

        private static let proxies: @Sendable (inout DoctorPair) -> Void = { pair in
            pair.both { $0.haproxy = DoctorPair.proxy() }
        }

        /// How each state is made.
        private static let making: [String: DoctorScenario] = [
            "all is well": DoctorScenario(variant: "", write: proxies),
            "keepalived is stopped on the standby": DoctorScenario(
                variant: "", write: proxies, act: { try await $0.fault("keepalived-stopped", "lb2") }),
            "an interface is down on the standby, and tracked": scenario(.faultInterface),
            "an interface is down on the standby, and not tracked": scenario(.backendPath),
            "a check without weight fails on the standby": scenario(.faultCheck),
            "haproxy is stopped on the standby": DoctorScenario(
                variant: "", write: proxies, act: { try await $0.fault("haproxy-stopped", "lb2") }),
            "`notify` has stopped haproxy on the standby": DoctorScenario.unusualButWell.first {
                $0.variant == "haproxy on the MASTER only"
            } ?? DoctorScenario(variant: ""),
            "haproxy is stopped on the owner, which keeps the address": DoctorScenario(
                variant: "", write: proxies, act: { try await $0.fault("haproxy-stopped", "lb1") }),
            "no server of a backend is up": DoctorScenario(
                variant: "",
                write: {
                    $0.both { $0.haproxy = DoctorPair.proxy(servers: "203.0.113.21:81 203.0.113.22:81") }
                },
                seen: ["lb1", "lb2"].map { ($0, "journalctl -u haproxy | grep -q 'no server available'") }),
            "one of two servers of a backend is down": scenario(.backendLastServer),
            "balancers disagree on one of three servers": scenario(.backendSeenDifferently),
            "one of three servers of a backend is down": scenario(.backendServerDown),
            "keepalived's process died and was started anew": scenario(.keepalivedChildDied),
            "a file system is full on the standby": DoctorScenario(
                variant: "", act: { try await $0.fault("disk-full", "lb2") },
                mend: { try await $0.heal("disk-full", "lb2") }),
            "a node does not answer": scenario(.nodeUnreachable),
            "two nodes own the address": DoctorScenario(
                variant: "", act: { try await $0.fault("vrrp-input-dropped", "lb2") },
                seen: DoctorScenario.split),
            "no node owns the address": DoctorScenario(
                variant: "",
                act: { lab in
                    for node in ["lb2", "lb1"] { try await lab.fault("keepalived-stopped", node) }
                }),
            "a killed keepalived left the address behind": DoctorScenario(
                variant: "", act: { try await $0.fault("keepalived-killed", "lb1") },
                seen: DoctorScenario.split),
        ]

        private static func scenario(_ cause: DoctorID) -> DoctorScenario {
            (DoctorScenario.standbyCauses + DoctorScenario.standbyWarnings).first { $0.cause == cause }
                ?? DoctorScenario(variant: "")
        }

        @Test func `every state of the table is made`() {
            #expect(Set(Self.states.map(\.name)) == Set(Self.making.keys))
        }

        @Test(arguments: Sweep.part(of: states, every: 4))
        func `who, status, backends and doctor end as docs States md says`(state: State) async throws {
            let scenario = try #require(Self.making[state.name])
            _ = try await scenario.make(on: lab)
            let doctor = try await lab.haops(["doctor", "-o", "json"] + machines)
            let who = try await lab.haops(["who"] + machines)
            let status = try await lab.haops(["status"] + machines)
            let backends = try await lab.haops(["backends", "-o", "json"] + machines)
            try await scenario.mend(lab)
            #expect(doctor.status == .code(state.doctor), "\(doctor.text)")
            #expect(who.status == .code(state.who), "\(who.everything)")
            #expect(status.status == .code(state.status), "\(status.everything)")
            #expect(backends.status == .code(state.backends), "\(backends.everything)")
            let findings = try FindingsAnswer(doctor).findings
            let worst = findings.filter { $0.id == state.id }.map(\.severity)
            #expect(state.id == "-" ? findings.isEmpty : worst.first == state.severity, "\(doctor.text)")
            // Warnings and errors of status are doctor's: nothing is said in one and kept from the other.
            let isLoud = status.text.contains("problem:") || status.text.contains("warning:")
            if state.severity == "-" { #expect(!isLoud, "\(status.text)") }
        }

        @Test func `who says which standby cannot take over, and since when the owner is MASTER`()
            async throws
        {
            try await DoctorPair().start(on: lab)
            try await lab.eventually(DoctorPair.holds, on: "lb1")
            let well = try await lab.haops(["who", "-o", "json"] + machines)
            let document = well.text.filter { !$0.isWhitespace }
            #expect(document.contains("\"able\":true"), "\(well.text)")
            #expect(document.contains("\"owned_for\":"), "\(well.text)")
            try await lab.fault("keepalived-stopped", "lb2")
            let alone = try await lab.haops(["who"] + machines)
            #expect(
                alone.text.contains("standby: lb2 cannot take over 203.0.113.50: keepalived does not run"),
                "\(alone.text)")
            let monitor = try await lab.haops(["who", "--nagios"] + machines)
            #expect(monitor.status == .code(1), "\(monitor.text)")
        }

        @Test func `who of an address that is none of theirs is refused, with the one that was meant`()
            async throws
        {
            try await DoctorPair().start(on: lab)
            try await lab.eventually(DoctorPair.holds, on: "lb1")
            let refused = try await lab.haops(["who", "203.0.113.55"] + machines)
            #expect(refused.status == .code(64), "\(refused.everything)")
            #expect(refused.errorText.contains("did you mean 203.0.113.50?"), "\(refused.everything)")
            // One that a node has is looked at, whoever lists it.
            try await lab.eventually("ip address add 203.0.113.55/32 dev eth1", on: "lb2")
            let stray = try await lab.haops(["who", "203.0.113.55"] + machines)
            #expect(stray.status == .code(5), "\(stray.everything)")
        }

        /// The file system below /tmp is frozen: whoever changes something there waits in the kernel.
        @Test func `a hanging tmp costs the daemon's own word and no more`() async throws {
            try await DoctorPair().start(on: lab)
            try await lab.eventually(DoctorPair.holds, on: "lb1")
            let frozen = try await lab.console("lb2", DoctorScenario.hang)
            try #require(frozen.status == .code(0), "\(frozen.everything)")
            // The file is newer than the process, so the daemon is to be asked.
            try await lab.eventually("touch /etc/keepalived/keepalived.conf", on: "lb2")
            let began = ContinuousClock.now
            let who = try await lab.haops(["who", "-o", "json"] + machines)
            let took = ContinuousClock.now - began
            let examined = ContinuousClock.now
            let doctor = try await lab.haops(["doctor"] + machines)
            let tookDoctor = ContinuousClock.now - examined
            _ = try await lab.console("lb2", DoctorScenario.release)
            let answer = try WhoAnswer(who)
            #expect(answer.vips.first?.owners == ["lb1"], "\(who.everything)")
            #expect(answer.vips.first?.node("lb2")?.reachable == true)
            // Without an end to the wait, the node would be given up after thirty.
            #expect(took < .seconds(15))
            #expect(tookDoctor < .seconds(30), "\(doctor.everything)")
        }

        /// Whatever asks systemd hangs, as it does when D-Bus does not answer.
        @Test func `a hanging systemctl costs the answers that need it`() async throws {
            try await DoctorPair().start(on: lab)
            try await lab.eventually(DoctorPair.holds, on: "lb1")
            let hanging = "/usr/local/bin/systemctl"
            try await lab.eventually("mkfifo /run/never", on: "lb2")
            try await lab.put("#!/bin/sh\nexec cat /run/never\n", at: hanging, on: "lb2", mode: "755")
            let who = try await lab.haops(["who", "-o", "json"] + machines)
            let status = try await lab.haops(["status"] + machines)
            let doctor = try await lab.haops(["doctor"] + machines)
            // A reset calls it too.
            _ = try await lab.console("lb2", "rm \(hanging) /run/never")
            let answer = try WhoAnswer(who)
            #expect(answer.verdicts == ["owned by lb1"], "\(who.everything)")
            #expect(answer.vips.first?.node("lb2")?.claims == "BACKUP")
            #expect(status.status == .code(4), "\(status.everything)")
            #expect(status.text.contains("cannot say which services run"), "\(status.everything)")
            #expect(status.text.contains("VI_1 BACKUP 100"), "\(status.everything)")
            #expect(doctor.status == .code(0), "\(doctor.everything)")
        }

        /// The role of a standby and the time of the last transition are in the journal already.
        @Test func `the columns of who cost one login and no line in keepalived's log`() async throws {
            try await DoctorPair().start(on: lab)
            try await lab.eventually(DoctorPair.holds, on: "lb1")
            // Whatever the start has still to say is said.
            _ = try await lab.haops(["who"] + machines)
            var cursors: [String: String] = [:]
            for node in ["lb1", "lb2"] {
                let said = try await lab.console(
                    node, "journalctl --sync; journalctl -q -n 0 --show-cursor | sed 's/^-- cursor: //'")
                cursors[node] = said.text.filter { $0 != "\n" }
            }
            let who = try await lab.haops(["who"] + machines)
            #expect(who.text.contains("SINCE") && who.text.contains("STANDBY"), "\(who.text)")
            for (node, cursor) in cursors {
                let said = try await lab.console(
                    node, "journalctl --sync; journalctl -q --no-pager --after-cursor='\(cursor)'")
                let lines = said.text.split(separator: "\n")
                #expect(lines.count { $0.contains("Accepted publickey") } == 1, "\(said.text)")
                let logins = ["sshd", "systemd-logind", "systemd[", "(sd-pam)"]
                let others = lines.filter { line in !logins.contains { line.contains($0) } }
                #expect(others.isEmpty, "\(others.joined(separator: "\n"))")
            }
        }

        // MARK: - Steps

        private var machines: [String] { ["--nodes", "root@lb1,root@lb2", "--ssh-config", lab.sshConfig] }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        let words = split(separator: " ")
        return words.joined(separator: " ")
    }
}

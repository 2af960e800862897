import Addresses
import Facts
import Keepalived
import Remote
import Testing

@testable import Checks

/// Which check is the fault, without any machine.
@Suite struct CheckCausesTests {
    /// One made-up node with one instance and one check.
    struct Machine {
        var name: String
        var isMaster = false
        var role: LiveState.Role?
        var base = 100
        var priority: Int?
        var weight = -60
        var isFailing: Bool?
        /// The script's text.
        var text = "#!/bin/sh\npidof haproxy\n"
        var trial: String?
        /// Lines of the journal, with their seconds.
        var journal: [(Double, String)] = []
        var now = 1000
        var haproxy = true
        var settings = ""
        var preamble = ""
        var processes: [DaemonProcess] = []
        var listeners: [HAProxyState.Listener] = []
        var tools = ToolsFact.known
        var runs = true

        private var configuration: String {
            """
            \(preamble)
            vrrp_script chk {
            script /etc/keepalived/chk.sh
            interval 2
            weight \(weight)
            }
            vrrp_instance VI_1 {
            interface eth0
            virtual_router_id 51
            priority \(base)
            virtual_ipaddress {
            203.0.113.50/24
            }
            track_script {
            chk
            }
            \(settings)
            }
            """
        }

        private var facts: HostFacts {
            var facts = HostFacts(host: HostID(name))
            var held = [
                Interface.Held(cidr: .written(name == "lb1" ? "198.51.100.11/24" : "198.51.100.12/24"))
            ]
            if isMaster { held.append(Interface.Held(cidr: .written("203.0.113.50/24"))) }
            facts.set(InterfacesFact.self, to: [Interface(name: "eth0", addresses: held)])
            facts.set(
                ConfigurationFilesFact.self,
                to: ConfigurationEvidence(files: [
                    ConfigurationEvidence.usualMainFile: FileState(
                        kind: .regular, contents: Array(configuration.utf8)),
                    "/root/old.conf": FileState(kind: .regular, contents: Array(configuration.utf8)),
                ]))
            var daemon = KeepalivedDaemon(version: .assumed)
            if runs {
                daemon.pid = 7
                daemon.roleSource = .daemon
                daemon.state = LiveState(instances: [
                    LiveState.Instance(
                        name: "VI_1", role: role ?? (isMaster ? .master : .backup), interface: "eth0",
                        routerID: 51, basePriority: base, effectivePriority: priority ?? base,
                        addresses: ["203.0.113.50/24"], version: 2, advertInterval: 100)
                ])
                daemon.checks = CheckStates(
                    scripts: [.init(name: "chk", isFailing: isFailing)],
                    processes: [.init(name: "px", running: 0)])
            }
            facts.set(KeepalivedFact.self, to: daemon)
            facts.set(
                NamedPathsFact.self,
                to: [
                    "/etc/keepalived/chk.sh": NamedPath(
                        file: .init(path: "/etc/keepalived/chk.sh", mode: 0o755), text: text)
                ])
            var scripts = "script=chk\nuid=0\nexecutable=1\n"
            scripts += "path=755 0 0 regular file|/etc/keepalived/chk.sh\n"
            if let trial { scripts += "out=\(trial)\nstatus=\(trial.isEmpty ? 1 : 127)\n" }
            if let states = try? ScriptsFact([]).parse(SectionOutput(scripts)) {
                facts.set(ScriptsFact.self, to: states)
            }
            facts.set(
                CheckHistoryFact.self,
                to: CheckHistory(
                    now: now,
                    entries: journal.compactMap { at, message in
                        JournalEvent(message: message).map {
                            JournalEntry(at: at, event: $0, message: message)
                        }
                    }))
            facts.set(
                ServicesFact.self,
                to: [
                    "haproxy": ServiceState(
                        isRunning: haproxy, detail: haproxy ? "active (running)" : "inactive (dead)"),
                    "keepalived": ServiceState(
                        isRunning: runs, detail: runs ? "active (running)" : "inactive (dead)"),
                ])
            facts.set(
                FilesFact.self,
                to: [
                    ConfigurationEvidence.haproxyFile: FileState(
                        kind: .regular, contents: Array("frontend f\n bind :80\n".utf8))
                ])
            facts.set(ProcessesFact.self, to: processes)
            facts.set(ToolsFact.self, to: Set(tools))
            facts.set(
                HAProxyFact.self, to: HAProxyState(version: "2.6", isRunning: haproxy, listening: listeners))
            return facts
        }

        var node: DoctorNode {
            DoctorNode(id: HostID(name), before: .success(facts), after: .success(facts))
        }
    }

    private func findings(_ machines: [Machine]) -> [Finding] {
        RootCauses.findings(
            in: ClusterObservation(
                cluster: "web", vips: [], nodes: machines.map(\.node), observersBefore: [],
                observersAfter: [],
                seconds: 4))
    }

    private func words(_ machines: [Machine]) -> [String] {
        findings(machines).map { "\($0.severity.rawValue) \($0.id) \($0.nodes.joined(separator: ","))" }
    }

    private let owner = Machine(name: "lb1", isMaster: true, base: 150, isFailing: false)
    private let backup = Machine(name: "lb2", isFailing: false)

    private func pair(_ change: (inout Machine, inout Machine) -> Void) -> [Machine] {
        var (one, two) = (owner, backup)
        change(&one, &two)
        return [one, two]
    }

    @Test func `a pair whose checks succeed has no findings`() { #expect(words([owner, backup]) == []) }

    @Test func `a check that fails on all nodes while haproxy runs is wrong`() {
        func broken(haproxy: Bool) -> [Machine] {
            pair { one, two in
                (one.isFailing, two.isFailing) = (true, true)
                (one.priority, two.priority) = (90, 40)
                one.haproxy = haproxy
            }
        }
        #expect(words(broken(haproxy: true)) == ["warning check-fails-everywhere lb1,lb2"])
        #expect(words(broken(haproxy: false)) == ["error check-fails-everywhere lb1,lb2"])
    }

    @Test func `a check that fails where haproxy is down is right`() {
        let machines = pair { one, two in
            (one.isFailing, two.isFailing) = (true, true)
            (one.haproxy, two.haproxy) = (false, false)
        }
        #expect(words(machines) == ["error haproxy-down-vip-stays lb1", "error haproxy-dead lb2"])
    }

    @Test func `a check that fails on one node is a warning there`() {
        let machines = pair { _, two in
            (two.isFailing, two.priority) = (true, 40)
            two.trial = ""
        }
        #expect(words(machines) == ["warning check-fails lb2"])
        let finding = findings(machines)[0]
        #expect(finding.message.contains("although haproxy runs there"))
        #expect(finding.effect == "VI_1 has priority 40 of 100 there")
    }

    @Test func `what a daemon did not say of its check is no finding`() {
        #expect(words(pair { one, two in (one.isFailing, two.isFailing) = (nil, nil) }) == [])
    }

    @Test func `notify that stops what a check counts is named`() {
        func contradiction(_ settings: String) -> [Machine] {
            pair { one, two in
                (one.base, one.priority, one.weight, two.weight) = (101, 99, -2, -2)
                (one.isFailing, two.isFailing, two.priority) = (true, true, 98)
                (one.haproxy, two.haproxy) = (false, false)
                (one.settings, two.settings) = (settings, settings)
            }
        }
        let stops = "notify_backup \"/usr/bin/systemctl stop haproxy\""
        #expect(words(contradiction(stops)) == ["error notify-stops-haproxy lb1,lb2"])
        #expect(words(contradiction("notify_backup /opt/mail")).first == "error haproxy-down-vip-stays lb1")
    }

    @Test func `haproxy on the MASTER only is well`() {
        func masterOnly(_ settings: String) -> [Machine] {
            pair { one, two in
                (one.text, two.text) = ("#!/bin/sh\ntrue\n", "#!/bin/sh\ntrue\n")
                (one.settings, two.settings) = (settings, settings)
                two.haproxy = false
            }
        }
        let stops = "notify_backup \"/usr/bin/systemctl stop haproxy\"\n"
        #expect(words(masterOnly(stops + "notify_master \"/usr/bin/systemctl start haproxy\"")) == [])
        // Nothing would start it.
        #expect(words(masterOnly(stops)) == ["error haproxy-dead lb2"])
    }

    private func flaps(every period: Double, now: Int, how: String) -> [Machine] {
        pair { one, _ in
            one.now = now
            one.journal = [(0, "Starting Keepalived v2.2.7 (01/16,2022)")]
            for round in 0..<5 {
                let at = 10 + period * Double(round)
                one.journal.append((at, "VRRP_Script(chk) \(how)"))
                one.journal.append((at + 2, "VRRP_Script(chk) succeeded"))
            }
        }
    }

    @Test func `a check that flaps is an error while it goes on`() {
        let now = flaps(every: 8, now: 60, how: "timed_out")
        #expect(words(now) == ["error check-flaps lb1"])
        #expect(findings(now)[0].message.contains("5 times, every 8 s, because it took longer than 2 s"))
        let past = flaps(every: 8, now: 2000, how: "failed (exited with status 1)")
        #expect(words(past) == ["warning check-flaps lb1"])
        #expect(findings(past)[0].message.contains("33 min ago"))
    }

    @Test func `a check that fails after each promotion says so`() {
        var machines = flaps(every: 8, now: 60, how: "failed (exited with status 1)")
        machines[0].journal += (0..<5).map { (9 + 8 * Double($0), "(VI_1) Entering MASTER STATE") }
        machines[0].journal.sort { $0.0 < $1.0 }
        let finding = findings(machines)[0]
        #expect(finding.message.contains("each time after lb1 became MASTER"))
        #expect(finding.effect.contains("became MASTER 5 times"))
    }

    @Test func `a check that does not end is late`() {
        let machines = pair { one, two in
            for machine in [0, 1] {
                let journal: [(Double, String)] = [
                    (0, "Starting Keepalived v2.2.7"), (3, "VRRP_Script(chk) timed_out"),
                ]
                if machine == 0 { one.journal = journal } else { two.journal = journal }
            }
            (one.isFailing, two.isFailing) = (true, true)
            (one.role, two.role, one.isMaster) = (.fault, .fault, false)
            (one.weight, two.weight) = (0, 0)
        }
        #expect(words(machines) == ["error check-times-out lb1,lb2"])
    }

    @Test func `a program that is missing is named, by its shell or by its text`() {
        var machines = pair { _, two in
            (two.isFailing, two.priority) = (true, 40)
            two.trial = "/etc/keepalived/chk.sh: 2: killall5x: not found"
        }
        #expect(words(machines) == ["error check-tool-missing lb2"])
        #expect(findings(machines)[0].message.contains("there is no `killall5x`"))
        machines[1].trial = ""
        machines[1].text = "#!/bin/sh\ncurl -s http://127.0.0.1/ >/dev/null 2>&1\n"
        machines[1].tools.removeAll { $0 == "curl" }
        #expect(findings(machines)[0].message.contains("there is no `curl`"))
    }

    @Test func `a check that stops keepalived is guilty where haproxy is down too`() {
        let text = "#!/bin/sh\npidof haproxy || systemctl stop keepalived\n"
        func stopped(haproxy: Bool, runs: Bool) -> [Machine] {
            pair { one, two in
                (one.text, two.text) = (text, text)
                (two.haproxy, two.runs) = (haproxy, runs)
            }
        }
        #expect(words(stopped(haproxy: false, runs: false)).first == "error check-stops-service lb2")
        #expect(!words(stopped(haproxy: false, runs: false)).contains { $0.contains("keepalived-dead") })
        // Somebody stopped it by hand.
        #expect(words(stopped(haproxy: true, runs: false)).first == "error keepalived-dead lb2")
        #expect(
            words(stopped(haproxy: true, runs: true)) == [
                "info check-stops-service lb1", "info check-stops-service lb2",
            ])
    }

    @Test func `a check that changes services is not tried`() {
        var machine = backup
        machine.isFailing = true
        #expect(machine.node.scriptQuestions.map(\.isTried) == [true])
        #expect(machine.node.scriptQuestions.map(\.seconds) == [2])
        machine.text = "#!/bin/sh\nsystemctl restart haproxy\n"
        #expect(machine.node.scriptQuestions.map(\.isTried) == [false])
    }

    @Test func `track_process that is blind is named by the journal or by its count`() {
        let settings = "track_process {\npx\n}"
        let preamble = "vrrp_track_process px {\nprocess haproxy\nweight -60\n}"
        var machines = pair { one, _ in (one.settings, one.preamble) = (settings, preamble) }
        // Nobody knows how many run.
        #expect(words(machines) == [])
        machines[0].processes = [DaemonProcess(daemon: .haproxy, pid: 300)]
        #expect(words(machines) == ["error process-check-blind lb1"])
        machines[0].processes = []
        machines[0].journal = [
            (0, "Failed to set/clear process event listen - errno 111 - Connection refused")
        ]
        #expect(words(machines) == ["error process-check-blind lb1"])
    }

    @Test func `a second haproxy on one port is named with where it comes from`() {
        func listening(_ second: DaemonProcess) -> [Machine] {
            pair { one, _ in
                one.processes = [
                    DaemonProcess(
                        daemon: .haproxy, pid: 30, cgroup: "/system.slice/haproxy.service",
                        arguments: ["haproxy", "-f", "/etc/haproxy/haproxy.cfg"], mainPID: 30),
                    DaemonProcess(daemon: .haproxy, pid: 31, parent: 30), second,
                ]
                one.listeners = [31, second.pid].map { pid in
                    var listener = HAProxyState.Listener(address: .v4(0), port: 80, process: "haproxy")
                    listener.pids = [pid]
                    return listener
                }
            }
        }
        let byHand = DaemonProcess(
            daemon: .haproxy, pid: 40, cgroup: "/system.slice/ssh.service",
            arguments: ["haproxy", "-f", "/root/old.cfg"], mainPID: 7)
        #expect(words(listening(byHand)) == ["error second-haproxy lb1"])
        #expect(findings(listening(byHand))[0].fix.hasPrefix("kill 40 on lb1"))
        // The master's second worker, and one in a network of its own.
        #expect(words(listening(DaemonProcess(daemon: .haproxy, pid: 32, parent: 30))) == [])
        var elsewhere = byHand
        elsewhere.isInOtherNetwork = true
        #expect(words(listening(elsewhere)) == [])
    }

    @Test func `a second keepalived for the same address is named, one elsewhere is not`() {
        func running(_ second: DaemonProcess) -> [Machine] {
            pair { _, two in
                two.processes = [
                    DaemonProcess(
                        daemon: .keepalived, pid: 7, cgroup: "/system.slice/keepalived.service", mainPID: 7),
                    second,
                ]
            }
        }
        var second = DaemonProcess(
            daemon: .keepalived, pid: 40, arguments: ["keepalived", "-f", "/root/old.conf"])
        #expect(words(running(second)) == ["error cause-second-keepalived lb2"])
        #expect(
            findings(running(second))[0].fix == "kill 40; then systemctl restart keepalived.service on lb2")
        second.isInOtherNetwork = true
        #expect(words(running(second)) == [])
        second.isInOtherNetwork = false
        second.arguments = ["keepalived", "-f", "/nobody/read.conf"]
        #expect(words(running(second)) == [])
    }
}

extension CIDR {
    fileprivate static func written(_ text: String) -> CIDR {
        guard let cidr = CIDR(text) else { preconditionFailure("\(text) is no address") }
        return cidr
    }
}

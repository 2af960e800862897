import Facts
import FoundationEssentials
import HaopsTestSupport
import Keepalived
import Remote
import Testing

extension OnTheLab {
    /// What a running keepalived says of itself: by every dump it offers, wherever it puts them, and with no trace left.
    @Suite struct DumpTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// Debian's build has a JSON dump. One that has none answers a single question otherwise, so it is played.
        enum Build: String, CaseIterable, Sendable { case withJSON, withoutJSON }

        private func use(_ build: Build) async throws {
            let refuses = """
                #!/bin/sh
                [ "$1" != --signum=JSON ] || { echo 'Unknown sigfunc JSON' >&2; exit 1; }
                exec /usr/sbin/keepalived "$@"

                """
            for node in Self.nodes {
                switch build {
                case .withJSON: try await lab.eventually("rm -f /usr/local/bin/keepalived", on: node)
                case .withoutJSON:
                    try await lab.put(refuses, at: "/usr/local/bin/keepalived", on: node, mode: "755")
                }
            }
        }

        private static let nodes = ["lb1", "lb2"]
        private static let dumps =
            "find /tmp /run /var/tmp -name 'keepalived*.json*' -o -name 'keepalived*.data*' -o -name 'keepalived.stats*'"

        private func haops(_ verb: String, _ arguments: String...) async throws -> CommandOutput {
            try await lab.haops([verb, "-F", lab.sshConfig, "--nodes", "lb1,lb2"] + arguments)
        }

        private func verdicts() async throws -> [String] {
            try WhoAnswer(try await haops("who", "-o", "json")).verdicts
        }

        /// What haops' own question on a node brings.
        private func daemon(on node: String) async throws -> KeepalivedDaemon {
            let output = try await lab.console(node, KeepalivedFact().script)
            return try KeepalivedFact().parse(SectionOutput(output.text))
        }

        @Test func `every dump of a daemon says the same`() async throws {
            try await SeveralInstances.start(on: lab)
            for node in Self.nodes {
                var told: [LiveState] = []
                for build in Build.allCases {
                    try await use(build)
                    let daemon = try await daemon(on: node)
                    #expect(daemon.roleSource == .daemon)
                    var state = try #require(daemon.state)
                    for index in state.instances.indices {
                        // Whom a backup hears and how long it waits stand in the text alone, and adverts go on between
                        // two questions.
                        state.instances[index].masterAddress = nil
                        state.instances[index].downTimerAdverts = nil
                        #expect(state.instances[index].counters != nil)
                        state.instances[index].counters?.advertsSent = 0
                        state.instances[index].counters?.advertsReceived = 0
                    }
                    told.append(state)
                }
                #expect(told[0] == told[1])
                let roles = told[0].instances.map {
                    "\($0.name) \($0.role.rawValue) \($0.effectivePriority ?? 0)"
                }
                #expect(roles.joined(separator: ", ") == SeveralInstances.roles[node])
                #expect(told[0].instances.compactMap(\.basePriority).min() == 100)
                #expect(
                    told[0].instances.first?.addresses == [
                        "203.0.113.50/24", "203.0.113.51", "203.0.113.52/24", "2001:db8:203::52/64",
                    ])
            }
        }

        @Test func `several instances are reported and no secret is`() async throws {
            try await SeveralInstances.start(on: lab)
            for build in Build.allCases { try await tellsSeveralInstancesAndNoSecret(build) }
        }

        private func tellsSeveralInstancesAndNoSecret(_ build: Build) async throws {
            try await use(build)
            let answer = try WhoAnswer(try await haops("who", "-o", "json"))
            #expect(answer.exit == .code(0))
            #expect(
                Dictionary(uniqueKeysWithValues: zip(answer.vips.map(\.vip), answer.verdicts))
                    == SeveralInstances.vips.mapValues { "owned by \($0)" })
            let witnesses = try await haops("who", "-v")
            let running = witnesses.text.split(separator: "\n").filter { $0.contains(" running ") }
            #expect(running.count == 16)
            let sources = ["the daemon", "kernel and journal"]
            #expect(
                running.allSatisfy { line in sources.contains { line.hasSuffix($0) } }, "\(witnesses.text)")
            let status = try await haops("status")
            for (node, roles) in SeveralInstances.roles {
                // One is lowered by its check, and that is said.
                let shown = roles.replacing("VI_PASS BACKUP 90", with: "VI_PASS BACKUP 90 of 150")
                #expect(status.text.contains(shown), "\(node): \(status.everything)")
            }
            let doctor = try await haops("doctor", "-o", "json")
            #expect(doctor.text.contains("VI_FAULT is in FAULT on lb1"), "\(doctor.everything)")
            // Nothing that the daemons say differs from what is written: the instance in FAULT is the only error.
            #expect(doctor.status == .code(5))
            #expect(doctor.text.ranges(of: "\"severity\": \"error\"").count == 1, "\(doctor.everything)")

            var said = status.said + doctor.said + witnesses.said
            for verb in ["who", "status"] { said += try await haops(verb, "-o", "json").said }
            #expect(!said.contains(SeveralInstances.password))
            for node in Self.nodes { #expect(try await lab.console(node, Self.dumps).text == "") }
        }

        @Test(arguments: Build.allCases)
        func `a split-brain is seen with its cause`(build: Build) async throws {
            let pair = DoctorPair()
            try await pair.start(on: lab)
            try await use(build)
            try await lab.eventually(DoctorPair.holds, on: "lb1")
            try await lab.eventually("one owner") {
                try await verdicts() == ["owned by lb1"] ? true : nil
            }
            try await lab.fault("vrrp-input-dropped", "lb2")
            try await lab.eventually(DoctorPair.holds, on: "lb2")
            #expect(try await verdicts() == ["split-brain by lb1+lb2"])
            let doctor = try await haops("doctor")
            #expect(doctor.text.contains("error cause-firewall-input"), "\(doctor.everything)")
            // The counters of both builds tell that the adverts are sent, and do not arrive.
            let traffic = doctor.text.split(separator: "\n").filter { $0.contains("keepalived sent") }
            #expect(traffic.contains { $0.contains("lb2: ") && $0.contains("accepted 0") }, "\(doctor.text)")
            #expect(!traffic.contains { $0.contains("sent 0 ") }, "\(doctor.text)")
            #expect(!doctor.text.contains("lb1's firewall"), "\(doctor.text)")
        }

        @Test(arguments: ["PrivateTmp=yes", "Environment=TMPDIR=/var/dumps"])
        func `dumps are found wherever the unit puts them`(setting: String) async throws {
            let pair = DoctorPair()
            try await pair.start(on: lab)
            for node in Self.nodes {
                try await lab.put(
                    "[Service]\n\(setting)\n", at: "/etc/systemd/system/keepalived.service.d/place.conf",
                    on: node)
                let restart =
                    "install -d /var/dumps && systemctl daemon-reload && systemctl restart keepalived"
                try await lab.eventually(restart, on: node)
            }
            for build in Build.allCases {
                try await use(build)
                try await lab.eventually("one owner") {
                    try await verdicts() == ["owned by lb1"] ? true : nil
                }
                for node in Self.nodes {
                    let daemon = try await daemon(on: node)
                    #expect(daemon.roleSource == .daemon)
                    #expect(daemon.state?.instances.first?.counters != nil)
                    #expect(try await lab.console(node, "ls /var/dumps; \(Self.dumps)").text == "")
                }
            }
        }

        /// The signals end a process that does not wait for them: a keepalived before 1.2.20, or one that has just been
        /// started. A process of that name which waits for none plays it.
        @Test func `asking ends no process that does not answer`() async throws {
            try await lab.reset()
            let start = """
                install -D /usr/bin/sleep /opt/keepalived && systemd-run --quiet --unit=young /opt/keepalived 600
                """
            try await lab.eventually(start, on: "lb1")
            let daemon = try await daemon(on: "lb1")
            #expect(daemon.pid != nil && daemon.state == nil && daemon.roleSource == .none)
            _ = try await haops("who", DoctorPair.vip)
            #expect(try await lab.console("lb1", "systemctl is-active young").text == "active\n")
        }

        @Test func `an exporter of its numbers is not keepalived`() async throws {
            try await lab.reset()
            for name in ["keepalived-exporter", "keepalived_exporter"] {
                let start = """
                    install -D /usr/bin/sleep /opt/\(name) && systemd-run --quiet --unit=\(name) /opt/\(name) 600
                    """
                try await lab.eventually(start, on: "lb1")
            }
            #expect(try await daemon(on: "lb1").isRunning == false)
            let answer = try WhoAnswer(try await haops("who", "-o", "json", DoctorPair.vip))
            #expect(answer.vips.first?.node("lb1")?.keepalived == "stopped")
            for name in ["keepalived-exporter", "keepalived_exporter"] {
                #expect(try await lab.console("lb1", "systemctl is-active \(name)").text == "active\n")
            }
        }
    }
}

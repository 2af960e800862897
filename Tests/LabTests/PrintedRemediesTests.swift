import Checks
import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That the commands which doctor prints heal what it has found, when an operator types them as they are.
    @Suite struct PrintedRemediesTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private struct Command: Hashable {
            var node: String
            var text: String
        }

        private static let proxies: @Sendable (inout DoctorPair) -> Void = { pair in
            pair.both { $0.haproxy = DoctorPair.proxy() }
        }

        /// Causes whose remedy is a command.
        private static let commanded = [
            "cause-firewall-input: policy drop, no tcpdump", "cause-firewall-input: nftables",
            "cause-firewall-input: raw table", "cause-firewall-input: mangle table",
            "cause-firewall-input: nftables, prerouting", "cause-firewall-input: nftables, ingress",
            "cause-firewall-output: mangle table", "cause-firewall-output: nftables beside another table",
            "cause-firewall-output: filter table, by its policy", "cause-conntrack-unicast",
            "leftover-vip", "static-vip: by hand", "written-not-loaded", "check-disabled: not executable",
            "check-disabled: insecure", "check-disabled: its user may not execute it",
            "haproxy-cannot-bind", "haproxy-mute: its worker is stopped",
            "vip-proxy-arp: the standby answers",
            "cause-daemon-stalled: the owner's process is stopped",
            "cause-daemon-stalled: the BACKUP's process is stopped",
            "cause-daemon-stalled: a frozen control group",
            "second-haproxy: by hand, with last year's file",
            "cause-second-keepalived: an old one by hand, for the same address",
            "haproxy-not-loaded: written, not read", "nopreempt-stuck",
            "vip-duplicate-detected: IPv6, tentative", "stale-arp",
            "cause-firewall-input: a condition that only its counter proves",
            "leftover-vip: another router's keepalived in a network namespace",
        ].compactMap(DoctorScenario.titled).filter(\.isPossible)

        /// What `make test` makes of them; `make test-doctor` makes all, and HAOPS_DOCTOR_ONLY chooses.
        private static let sample: Set = [
            "cause-firewall-input: policy drop, no tcpdump", "cause-firewall-output: mangle table",
            "static-vip: by hand", "written-not-loaded", "keepalived-dead: stopped",
            "haproxy-dead: on the standby", "haproxy-down-vip-stays: on the owner",
        ]

        static let remedied: [DoctorScenario] =
            (commanded + [
                DoctorScenario(
                    cause: .keepalivedDead, variant: "stopped",
                    act: { try await $0.fault("keepalived-stopped", "lb2") }),
                DoctorScenario(
                    cause: .haproxyDead, variant: "on the standby", write: proxies,
                    act: { try await $0.fault("haproxy-stopped", "lb2") }),
                DoctorScenario(
                    cause: .haproxyDownVIPStays, variant: "on the owner", write: proxies,
                    act: { try await $0.fault("haproxy-stopped", "lb1") }),
                DoctorScenario(
                    cause: .firewallInput, variant: "a rule that drops VRRP",
                    act: { try await $0.fault("vrrp-input-dropped", "lb2") }, seen: DoctorScenario.split),
                DoctorScenario(
                    cause: .firewallOutput, variant: "a rule that drops VRRP",
                    act: { try await $0.fault("vrrp-output-dropped", "lb1") }, seen: DoctorScenario.split),
            ]).filter { $0.isChosen(among: sample) }

        @Test(arguments: remedied)
        func `typed as it is printed, the remedy heals`(scenario: DoctorScenario) async throws {
            _ = try await scenario.make(on: lab)
            let (findings, before) = try await doctor(scenario)
            let found = try #require(
                findings.first { $0.id == scenario.cause?.rawValue }, "\(before.text)")
            let commands = Self.commands(in: found.fix, on: found.nodes.first ?? "")
            #expect(!commands.isEmpty, "no command in: \(found.fix)")
            for command in commands {
                let done =
                    command.text == "haops fix"
                    ? try await lab.haops(["fix", "--yes"] + machines(of: scenario), limit: .seconds(180))
                    : try await lab.console(command.node, command.text)
                #expect(
                    done.status == .code(0),
                    "\(command.text) on \(command.node): \(done.text)\(done.errorText)")
            }
            // The nodes find each other again within a master-down time.
            try await lab.eventually("doctor: healed", within: .seconds(60)) {
                let (rest, output) = try await doctor(scenario)
                return output.status == .code(0) && !rest.contains { $0.id == found.id } ? true : nil
            }
            // What a reset of the lab leaves.
            if [.vipProxyARP, .vipDuplicateDetected, .leftoverVIP].contains(scenario.cause) {
                try await scenario.mend(lab)
            }
        }

        private func machines(of scenario: DoctorScenario) throws -> [String] {
            guard scenario.hasObserver else {
                return ["--ssh-config", lab.sshConfig, "--nodes", "root@lb1,root@lb2"]
            }
            let inventory = try lab.scratch("remedies.yaml", DoctorScenario.inventory(["lb1", "lb2"]))
            return ["--ssh-config", lab.sshConfig, "--inventory", inventory]
        }

        private func doctor(
            _ scenario: DoctorScenario
        ) async throws -> (findings: [FindingsAnswer.Finding], output: CommandOutput) {
            let output = try await lab.haops(["doctor", "-o", "json"] + machines(of: scenario))
            return (try FindingsAnswer(output).findings, output)
        }

        /// `systemctl start keepalived on lb2, and systemctl enable keepalived`: what stands before "on" is typed there. What
        /// stands in parentheses is a remark.
        private static func commands(in fix: String, on usual: String) -> [Command] {
            let programs: Set = [
                "systemctl", "iptables", "ip6tables", "nft", "ip", "sysctl", "firewall-cmd", "chown", "chmod",
                "kill", "haops",
            ]
            var node = usual
            var commands: [Command] = []
            for clause in clauses(of: fix) {
                var words = clause.split(separator: " ").map { String($0.last == "," ? $0.dropLast() : $0) }
                if words.first == "then" { words.removeFirst() }
                guard let program = words.first, programs.contains(program) else { continue }
                if program == "haops" { words = Array(words.prefix(2)) }
                if let on = words.firstIndex(of: "on"), on + 1 < words.count {
                    node = words[on + 1]
                    words = Array(words[..<on])
                }
                commands.append(Command(node: node, text: words.joined(separator: " ")))
            }
            return commands
        }

        private static func clauses(of fix: String) -> [Substring] {
            var text = ""
            var depth = 0
            for character in fix {
                if character == "(" { depth += 1 }
                if depth == 0 { text.append(character) }
                if character == ")" { depth = max(0, depth - 1) }
            }
            for word in [", and ", ", then ", ", or "] { text = text.replacing(word, with: "; ") }
            return text.split(separator: ";")
        }
    }
}

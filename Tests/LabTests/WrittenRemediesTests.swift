import Checks
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That a remedy which says what to write heals, with the reload or the restart that it names and no more.
    @Suite struct WrittenRemediesTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// A scenario, and the same pair as the remedy has it written.
        struct Correction: Sendable, CustomTestStringConvertible {
            var title: String
            var write: @Sendable (inout DoctorPair) -> Void = { _ in }

            var testDescription: String { title }
            var scenario: DoctorScenario? { DoctorScenario.titled(title) }
        }

        private static let password: @Sendable (inout DoctorPair) -> Void = { pair in
            pair.speakVersion2()
            pair.both { $0.instance.password = "right" }
        }

        static let corrections = [
            Correction(title: "cause-vrid-differs"),
            Correction(title: "cause-auth", write: password),
            Correction(title: "cause-auth: on one node only", write: password),
            Correction(title: "cause-advert-interval") { $0.speakVersion2() },
            Correction(title: "cause-vrrp-version") { $0.both { $0.instance.interval = "1" } },
            Correction(title: "cause-vip-set"),
            Correction(title: "cause-transport-mixed") { $0.useUnicast() },
            Correction(title: "cause-unicast-peers: wrong peer") { pair in
                pair.useUnicast()
                pair.lb1.instance.unicast?.peers += ["198.51.100.99"]
            },
            Correction(title: "cause-same-priority"),
            Correction(title: "cause-both-owner") { pair in
                pair.both { $0.instance.state = "MASTER" }
            },
            Correction(title: "vip-blocked-strict") { $0.speakVersion2() },
            Correction(title: "vip-quiet-interface: on lo, arp_ignore") { pair in
                pair.both { $0.haproxy = DoctorPair.proxy() }
            },
            Correction(title: "cause-listen-address: two groups"),
            Correction(title: "cause-source-absent: copied from the other node") { $0.useUnicast() },
            Correction(title: "cause-other-interface: multicast on two networks"),
            Correction(title: "check-never-moves") { $0.addCheck("#!/bin/sh\nexit 0\n", weight: -60) },
        ].filter { $0.scenario?.isChosen(among: ["cause-vip-set"]) == true }

        @Test(arguments: corrections)
        func `what the remedy says to write heals once it is loaded as the remedy says`(
            correction: Correction
        ) async throws {
            let scenario = try #require(correction.scenario)
            let broken = try await scenario.make(on: lab)
            let (findings, before) = try await doctor()
            let found = try #require(findings.first { $0.id == scenario.cause?.rawValue }, "\(before.text)")
            let verb = ["restart", "reload"].first { found.fix.contains($0) }
            var healed = DoctorPair()
            correction.write(&healed)
            for (name, node) in healed.nodes where node.keepalived != broken.nodes[name]?.keepalived {
                try await healed.writeKeepalived(on: name, of: lab)
                let command = "systemctl \(try #require(verb, "\(found.fix)")) keepalived"
                try await lab.eventually(command, on: name)
            }
            try await lab.eventually("doctor: healed by: \(found.fix)", within: .seconds(60)) {
                let (rest, output) = try await doctor()
                return output.status == .code(0) && !rest.contains { $0.id == found.id } ? true : nil
            }
        }

        private func doctor() async throws -> (findings: [FindingsAnswer.Finding], output: CommandOutput) {
            let output = try await lab.haops(
                ["doctor", "-o", "json", "--ssh-config", lab.sshConfig, "--nodes", "root@lb1,root@lb2"])
            return (try FindingsAnswer(output).findings, output)
        }
    }
}

import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// What doctor says of daemons whose adverts were late.
    @Suite struct AdvertTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        @Test func `an owner that was held up is a warning, keepalived-starved`() async throws {
            let pair = DoctorPair()
            try await pair.start(on: lab)
            try await lab.eventually(DoctorPair.holds, on: "lb1")
            let child = "$(pgrep -P $(systemctl show -p MainPID --value keepalived))"
            try await lab.eventually("kill -STOP \(child)", on: "lb1")
            // As long as a timer of the daemon is to be late.
            try await lab.eventually("sleep 5; kill -CONT \(child)", on: "lb1")
            try await lab.eventually(
                "journalctl -u keepalived | grep -q 'A thread timer expired'", on: "lb1")
            try await lab.eventually(DoctorPair.holdsNot, on: "lb2")
            let output = try await lab.haops(
                ["doctor", "-o", "json", "--ssh-config", lab.sshConfig, "--nodes", "root@lb1,root@lb2"])
            let findings = try FindingsAnswer(output).findings
            let found = findings.filter { $0.id == "keepalived-starved" }
            #expect(found.map(\.severity) == ["warning"], "\(output.text)")
            #expect(found.first?.nodes == ["lb1"])
            #expect(findings.allSatisfy { $0.severity != "error" }, "\(output.text)")
            #expect(output.status == .code(0))
        }
    }
}

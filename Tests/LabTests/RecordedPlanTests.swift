import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// `plan --out FILE` and `apply FILE`: what was reviewed is what is done.
    @Suite struct RecordedPlanTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// Everything that a plan is based on moves, one after the other, and each is named.
        @Test func `a recorded plan is refused with what has moved, and done when nothing has`() async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await pair.files(of: "lb1")
            let changed = try pair.harmlesslyChanged()
            let file = lab.state + "/tests/plan.json"
            let made = try await changed.expect(0, "plan", "--out", file)
            #expect(made.said.contains("haops apply \(file)"), "\(made.everything)")
            let mode = try await lab.run(["stat", "--format", "%a", file])
            #expect(mode.text == "600\n")
            let recorded = try String(contentsOfFile: file, encoding: .utf8)
            #expect(!recorded.contains("option httpchk"), "no file's contents")

            /// Refused with these words; nothing is changed.
            func refused(_ words: String...) async throws {
                let output = try await lab.haops(["apply", file, "--yes", "-F", lab.sshConfig])
                #expect(output.status == .code(3), "\(output.everything)")
                for word in words { #expect(output.errorText.contains(word), "\(output.everything)") }
                #expect(output.errorText.contains("hint: look at a new one: haops plan --out FILE"))
                #expect(try await pair.files(of: "lb1") == before)
            }

            _ = try await lab.console(
                "lb2",
                "cp -p /etc/haproxy/haproxy.cfg /root/kept; echo '# by hand' >>/etc/haproxy/haproxy.cfg")
            try await refused("`lb2`: /etc/haproxy/haproxy.cfg there: has changed")
            _ = try await lab.console("lb2", "cp -p /root/kept /etc/haproxy/haproxy.cfg; rm /root/kept")

            _ = try await lab.console("lb1", "systemctl disable haproxy")
            try await refused("`lb1`: haproxy there: runs, starts at boot → runs, does not start at boot")
            _ = try await lab.console("lb1", "systemctl enable haproxy")

            let inventory = try String(contentsOfFile: changed.inventory, encoding: .utf8)
            _ = try changed.changed(("fall: 3", "fall: 4"), to: "changed")
            try await refused("what /etc/keepalived/keepalived.conf is to be: has changed")
            _ = try lab.scratch("changed.yaml", inventory)

            try await changed.expect(0, "switchover", "--to", "lb2", "--yes")
            try await changed.eventually(["owned by lb2", "owned by lb2"], exit: 0)
            try await refused("`VI_1`: `lb1` owned it, and `lb2` does now")
            try await changed.expect(0, "switchover", "--release", "--yes")
            try await changed.isWell()

            let done = try await lab.haops(["apply", file, "--yes", "-F", lab.sshConfig])
            #expect(done.status == .code(0), "\(done.everything)")
            #expect(try await pair.files(of: "lb1") != before)
            try await changed.expect(0, "plan", "--detailed-exitcode")
            // What it was based on is gone: it has been done.
            let again = try await lab.haops(["apply", file, "--yes", "-F", lab.sshConfig])
            #expect(again.status == .code(3), "\(again.everything)")
        }

        @Test func `what is no plan is called so, and a plan is not recorded without every node`()
            async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            let wrong = try await lab.haops(["apply", pair.inventory, "--yes", "-F", lab.sshConfig])
            #expect(
                wrong.status == .code(64) && wrong.errorText.contains("is no plan of haops"),
                "\(wrong.everything)")
            let file = lab.state + "/tests/unfinished.json"
            try await lab.fault("sshd-stopped", "lb2")
            let silent = try await pair.haops("plan", "--out", file, "--connect-timeout", "2")
            #expect(silent.status == .code(4), "\(silent.everything)")
            #expect(silent.errorText.contains("is not recorded"), "\(silent.everything)")
            #expect(!FileManager.default.fileExists(atPath: file))
            try await lab.heal("sshd-stopped", "lb2")
        }
    }
}

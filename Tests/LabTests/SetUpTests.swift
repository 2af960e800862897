import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// From bare machines to a pair that answers, on to the next set and back again.
    @Suite struct SetUpTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        @Test func `bare machines become a pair that answers`() async throws {
            try await lab.reset()
            let path = lab.state + "/tests/set-up.yaml"
            _ = try lab.scratch("set-up.yaml", "")
            try FileManager.default.removeItem(atPath: path)
            let written = try await lab.haops(["init", "198.51.100.11", "198.51.100.12", "--out", path])
            #expect(written.status == .code(0), "\(written.everything)")
            // What the operator has to fill in: where the service's addresses live.
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let filled = text.replacing(
                "- 203.0.113.50/24 ", with: "- { vip: 203.0.113.50/24, interface: eth1 } ")
            #expect(filled != text)
            _ = try lab.scratch("set-up.yaml", filled)

            let checked = try await lab.haops(["check", "-i", path])
            #expect(checked.status == .code(0), "\(checked.everything)")
            let pair = ManagedPair(lab: lab, inventory: path)
            let bare = try await pair.traces(of: "lb1")
            try await pair.expect(2, "plan", "--detailed-exitcode")
            try await pair.expect(3, "apply")
            #expect(try await pair.traces(of: "lb1") == bare, "looking and not agreeing change nothing")

            try await pair.expect(0, "apply", "--yes")
            let who = try await pair.who()
            #expect(who.verdicts == ["owned by lb1"] && who.exit == .code(0))
            let answer = try await lab.console("client", "curl -sS --max-time 2 http://203.0.113.50/")
            #expect(answer.text.hasPrefix("web"), "\(answer.everything)")
            try await pair.expect(0, "plan", "--detailed-exitcode")
        }

        @Test func `what is missing is installed by the nodes' own package manager`() async throws {
            try await lab.reset()
            let release = try await lab.console("lb1", "dpkg-query -W -f='${Version}' haproxy").text
            for node in ManagedPair.nodes {
                try await lab.eventually(
                    "apt-get -qq -y purge keepalived haproxy >/dev/null 2>&1; ! command -v keepalived haproxy",
                    on: node)
            }
            // One of the two in a version of the operator's choice.
            let pair = try ManagedPair(lab: lab).quick().changed(
                ("packages: [keepalived, haproxy]", "packages: [keepalived, haproxy=\(release)]"))
            let planned = try await pair.expect(2, "plan", "--detailed-exitcode")
            #expect(planned.text.contains("install keepalived, haproxy=\(release)"), "\(planned.text)")
            try await pair.expect(0, "apply", "--yes")
            try await pair.isWell()
            for node in ManagedPair.nodes {
                try await lab.eventually("! test -e /usr/sbin/policy-rc.d", on: node)
            }
            try await pair.expect(0, "plan", "--detailed-exitcode")
            try await lab.reset()
        }

        @Test func `a second apply changes nothing and says so`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = [try await pair.traces(of: "lb1"), try await pair.traces(of: "lb2")]
            let output = try await pair.expect(0, "apply", "--yes")
            #expect(output.text.contains("nothing to do"))
            #expect([try await pair.traces(of: "lb1"), try await pair.traces(of: "lb2")] == before)
            for node in ManagedPair.nodes {
                let left = try await lab.console(node, "ls -A /var/lib/haops /etc/haproxy /etc/keepalived")
                #expect(!["armed", "staged", "unfinished", "haops-new"].contains { left.text.contains($0) })
            }
        }

        @Test func `rollback returns the whole cluster to the previous set`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = [try await pair.files(of: "lb1"), try await pair.files(of: "lb2")]
            let changed = try pair.harmlesslyChanged()
            try await changed.expect(0, "apply", "--yes")
            for (node, old) in zip(ManagedPair.nodes, before) {
                #expect(try await pair.files(of: node) != old)
            }
            try await changed.expect(0, "rollback", "--yes")
            #expect([try await pair.files(of: "lb1"), try await pair.files(of: "lb2")] == before)
            try await pair.isWell()
            try await pair.expect(0, "plan", "--detailed-exitcode")
        }

        @Test func `rolling the first apply back leaves bare machines`() async throws {
            try await lab.reset()
            let pair = try ManagedPair(lab: lab).quick()
            let bare = [try await pair.files(of: "lb1"), try await pair.files(of: "lb2")]
            try await pair.expect(0, "apply", "--yes")
            try await pair.isWell()
            try await pair.expect(0, "rollback", "--yes")
            #expect([try await pair.files(of: "lb1"), try await pair.files(of: "lb2")] == bare)
            for node in ManagedPair.nodes {
                try await lab.eventually(
                    "! systemctl is-active --quiet keepalived && ! systemctl is-enabled --quiet keepalived",
                    on: node)
            }
            #expect(try await pair.who().verdicts == ["unowned", "unowned"])
        }

        @Test func `backends answer in turn and one that is down is left out`() async throws {
            _ = try await ManagedPair.ready(on: lab)
            // Six requests, one line for who answered how often.
            let ask = """
                for i in 1 2 3 4 5 6; do curl -sS --max-time 1 http://\(ManagedPair.vip)/ || echo failed; done \
                | sort | uniq -c | tr -s ' \\n' ' '
                """
            #expect(try await lab.console("client", ask).text == " 3 web1 3 web2 ")
            try await lab.fault("backend-down", "web1")
            try await lab.eventually("[ \"$(\(ask))\" = ' 6 web2 ' ]", on: "client")
            try await lab.heal("backend-down", "web1")
            try await lab.eventually("[ \"$(\(ask))\" = ' 3 web1 3 web2 ' ]", on: "client")
        }
    }
}

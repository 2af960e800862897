import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Pairs that somebody set up by hand, taken over as they are.
    @Suite struct AdoptionTests {
        private static let nodes = ["lb1", "lb2"]

        @Test(arguments: Sweep.part(of: AdoptedPair.all, every: 2))
        func `the first plan of a pair that is adopted is empty`(_ pair: AdoptedPair) async throws {
            let lab = try LabFixture.get()
            try await start(pair, on: lab)
            let secrets = try lab.scratch("secrets.sh", "")
            try FileManager.default.removeItem(atPath: secrets)
            let imported = try await lab.haops([
                "import", "--nodes", "198.51.100.11,198.51.100.12", "-F", lab.sshConfig, "--minimal",
                "--secrets-file", secrets,
            ])
            #expect(imported.status == .code(0), "\(imported.errorText)")
            #expect(!imported.errorText.contains("apply would add"), "\(imported.errorText)")
            let inventory = try lab.scratch("adopted.yaml", imported.text)
            let variables = (try? String(contentsOfFile: secrets, encoding: .utf8)) ?? ""
            let planned = try await lab.run([
                "sh", "-c",
                "\(variables)\n\(LabFixture.haops) plan -i \(inventory) -F \(lab.sshConfig) --detailed-exitcode",
            ])
            #expect(planned.status == .code(0), "\(planned.text)\(planned.errorText)\n\(imported.text)")
            #expect(planned.text.contains("nothing to do"), "\(planned.text)")
            #expect(!planned.text.contains("in the way"), "\(planned.text)")
        }

        @Test func `what import announces is what the first plan does`() async throws {
            let lab = try LabFixture.get()
            let pair = try #require(AdoptedPair.all.first { $0.name == "conditions and a definition" })
            try await start(pair, on: lab)
            let imported = try await lab.haops([
                "import", "--nodes", "198.51.100.11,198.51.100.12", "-F", lab.sshConfig,
            ])
            #expect(imported.status == .code(0), "\(imported.errorText)")
            let inventory = try lab.scratch("announced.yaml", imported.text)
            let planned = try await lab.haops(["plan", "-i", inventory, "-F", lab.sshConfig, "-o", "json"])
            #expect(
                planned.status == .code(0) && planned.text.contains("\"obstacles\": []"), "\(planned.text)")
            for path in [
                "/etc/keepalived/haops-notify.sh", "vrrp_track_file", "/etc/keepalived/keepalived.conf",
            ] {
                #expect(planned.text.contains(path) && imported.errorText.contains(path), "\(path)")
            }
            #expect(imported.errorText.contains("will start at boot"), "\(imported.errorText)")
        }

        private func start(_ pair: AdoptedPair, on lab: LabFixture) async throws {
            try await lab.reset()
            for (node, text) in zip(Self.nodes, [pair.first, pair.second]) {
                for (path, other) in pair.others {
                    try await lab.put(other, at: path, on: node, mode: other.hasPrefix("#!") ? "755" : "644")
                }
                try await lab.put(text, at: "/etc/keepalived/keepalived.conf", on: node)
                if let haproxy = pair.haproxy {
                    try await lab.put(haproxy, at: "/etc/haproxy/haproxy.cfg", on: node)
                    try await lab.eventually("systemctl start haproxy", on: node)
                }
                try await lab.eventually("systemctl start keepalived", on: node)
                try await lab.eventually("pgrep -x keepalived", on: node)
            }
        }
    }
}

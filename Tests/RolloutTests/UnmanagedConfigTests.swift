import Facts
import Inventory
import Remote
import Rendering
import Testing

@testable import Rollout

/// Whether a daemon runs with what a restart would make it read.
@Suite struct StandingFileTests {
    /// A node on which keepalived has read its files at 100 s.
    private func node(_ files: [String: (text: String, modified: Int)]) -> HostFacts {
        var facts = HostFacts(host: HostID("lb2"))
        facts.set(SystemFact.self, to: SystemInfo(hostname: "lb2.example.net", now: 300))
        facts.set(ServicesFact.self, to: ["keepalived": ServiceState(isRunning: true, detail: "active")])
        facts.set(LoadTimesFact.self, to: LoadTimes(["keepalived": 100]))
        facts.set(
            ConfigurationFilesFact.self,
            to: ConfigurationEvidence(
                files: files.mapValues {
                    FileState(kind: .regular, modified: $0.modified, contents: Array($0.text.utf8))
                }))
        return facts
    }

    @Test func `where haops writes keepalived reads`() {
        #expect(NodePaths.keepalivedConfig == ConfigurationEvidence.usualMainFile)
    }

    @Test func `what it includes on this node counts as well`() {
        let main = "/etc/keepalived/keepalived.conf"
        let more = "/etc/keepalived/more.conf"
        func isLoaded(_ text: String, more modified: Int) -> Bool {
            UnmanagedConfig(.keepalived, on: node([main: (text, 50), more: ("", modified)])).isLoaded
        }
        #expect(isLoaded("include more.conf\n", more: 50))
        #expect(!isLoaded("include more.conf\n", more: 200))
        #expect(!isLoaded("@lb2 include more.conf\n", more: 200))
        #expect(isLoaded("@lb1 include more.conf\n", more: 200), "another node's")
    }
}

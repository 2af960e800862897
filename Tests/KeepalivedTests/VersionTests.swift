import Testing

@testable import Keepalived

@Suite struct VersionTests {
    @Test func `keepalived -v is read`() throws {
        let output = try fixtureText("version-2.2.7.txt")
        #expect(KeepalivedVersion(versionOutput: output) == KeepalivedVersion(2, 2, 7))
        #expect(KeepalivedVersion(versionOutput: "sh: keepalived: not found\n") == nil)
        #expect(KeepalivedVersion("1:1.2.19-1ubuntu0.2") == nil)
        #expect(KeepalivedVersion("v1.2.19-1ubuntu0.2")?.description == "1.2.19")
        #expect(KeepalivedVersion(2, 0, 10) > KeepalivedVersion(2, 0, 9))
    }

    private func judge(_ output: String, _ status: Int, _ version: String = "2.2.7") -> ConfigTestResult
        .Verdict?
    {
        KeepalivedVersion(version).map {
            ConfigTestResult(output: output, status: status, version: $0).verdict
        }
    }

    @Test func `a config test is judged by its messages`() {
        #expect(judge("", 0) == .clean)
        #expect(judge("(Line 3) (VI_1) unknown state 'SLAVE', defaulting to BACKUP\n", 5) == .runsWithErrors)
        #expect(judge("(VI_1) the virtual router id must be set\n", 5) == .fatal)
        #expect(
            judge("SECURITY VIOLATION - scripts are being executed but script_security not enabled.\n", 6)
                == .scriptSecurityOnly)
        // rc 6 hides what is fatal.
        #expect(
            judge(
                "SECURITY VIOLATION - scripts are being executed but script_security not enabled.\nNon-existent interface specified in configuration\n",
                6) == .fatal)
        #expect(
            judge(
                "(Line 2) *** Configuration line starting `priority` is missing a parameter after keyword `priority` at word position 2\n",
                2) == .fatal)
        #expect(judge("", 3, "2.2.4") == .fatal)
        #expect(judge("", 3, "2.2.5") == .runsWithErrors)
    }

    @Test func `no test is no verdict`() {
        let cases: [(String, Int, String)] = [
            ("Terminated\n", 143, "2.2.7"), ("", 143, "2.2.8"), ("", 0, "2.0.3"), ("", 127, "2.2.7"),
        ]
        for (output, status, version) in cases {
            guard case .unavailable = judge(output, status, version) else {
                Issue.record("\(output) \(status) \(version) gave a verdict")
                continue
            }
        }
    }

    @Test func `a file that was passed over is not a file without faults`() {
        let said =
            "Configuration file '/etc/keepalived/keepalived.conf' is not a regular non-executable file - skipping\n"
        #expect(judge(said, 0) == .notRead)
    }

    @Test func `a message that is repeated with and without its place counts once`() {
        let result = ConfigTestResult(
            output:
                "Unknown keyword 'x'\n(Line 7) Unknown keyword 'x'\n(Line 7) Unknown keyword 'x'\n(/etc/keepalived/b.conf: Line 9) Unknown keyword 'x'\n",
            status: 5, version: .assumed)
        #expect(result.messages.map(\.line) == [7, 9])
        #expect(result.messages[1].file == "/etc/keepalived/b.conf")
    }
}

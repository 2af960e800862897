import Keepalived
import Testing

@testable import Rollout

/// What the daemons' own tests say, as `validate.sh` prints it, and what is made of it.
@Suite struct JudgementTests {
    private func faults(
        _ said: String..., status: Int, version: String = "2.2.7", haproxy: (Int, String)? = nil,
        keepalivedRunsWithIt: Bool = false
    ) -> [String] {
        var text = "keepalived-version 0\n|Keepalived v\(version) (01/16,2022)\n|\nkeepalived \(status)\n"
        text += said.map { "|\($0)\n" }.joined()
        if let haproxy { text += "haproxy \(haproxy.0)\n|\(haproxy.1)\n" }
        return ConfigTestReport(text).faults(
            strippingDirectory: "/var/lib/haops/staged/1/check", keepalivedRunsWithIt: keepalivedRunsWithIt)
    }

    @Test func `silence and status zero pass`() {
        #expect(faults(status: 0, haproxy: (0, "Configuration file is valid")).isEmpty)
    }

    @Test func `a check that the node lacks is refused`() {
        #expect(
            faults("Disabling track script own since not found/accessible", status: 5) == [
                "keepalived 2.2.7 does not accept its configuration: "
                    + "Disabling track script own since not found/accessible"
            ])
    }

    @Test func `a message is refused whatever the status`() {
        #expect(faults("(Line 3) Unknown keyword 'priorty'", status: 0).count == 1)
    }

    @Test func `mistakes that keepalived runs with already keep nobody from a restart`() {
        let mistake = "(Line 3) Unknown keyword 'priorty'"
        #expect(faults(mistake, status: 1, keepalivedRunsWithIt: true).isEmpty)
        #expect(
            faults("Configuration file open failed", status: 2, keepalivedRunsWithIt: true).count == 1,
            "it would not start again")
    }

    @Test func `the warning that script security is off passes`() {
        #expect(
            faults(
                "SECURITY VIOLATION - scripts are being executed but script_security not enabled.", status: 5
            ).isEmpty)
    }

    @Test func `a configuration that was not read is not one that passed`() {
        let said =
            "Configuration file '/var/lib/haops/staged/1/check/etc/keepalived/keepalived.conf' is not a regular "
            + "non-executable file - skipping"
        #expect(
            faults(said, status: 0) == [
                "keepalived 2.2.7 did not read its configuration: Configuration file "
                    + "'/etc/keepalived/keepalived.conf' is not a regular non-executable file - skipping"
            ])
    }

    @Test func `only releases that cannot test are excused`() {
        #expect(faults("keepalived: invalid option -- 't'", status: 1, version: "1.3.5").isEmpty)
        #expect(faults("Terminated", status: 143, version: "2.2.7").isEmpty)
        #expect(faults("Terminated", status: 143, version: "2.2.8").count == 1)
        #expect(faults("Killed", status: 137).count == 1)
    }

    @Test func `of haproxy only the alerts are shown`() {
        let said = "[NOTICE]   (7) : path to executable is /usr/sbin/haproxy"
        let alert = "[ALERT]    (7) : config : parsing [/etc/haproxy/haproxy.cfg:3] : unknown keyword 'bnd'"
        #expect(
            faults(status: 0, haproxy: (1, "\(said)\n|\(alert)"))
                == ["haproxy does not accept its configuration: \(alert)"])
    }

    @Test func `what a daemon quotes of a line with a password is hidden`() {
        let said =
            "haproxy 1\n|[ALERT] parsing [/etc/haproxy/haproxy.cfg:4] : 'user ops insecure-password s3cr3t extra'\n"
        let faults = ConfigTestReport(said).faults(strippingDirectory: "/staged/check")
        #expect(faults.count == 1 && !faults[0].contains("s3cr3t"), "\(faults)")
    }
}

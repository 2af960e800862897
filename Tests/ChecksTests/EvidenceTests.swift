import HAProxy
import Keepalived
import Testing

@testable import Checks

/// What a finding was seen by, and how it is said.
@Suite struct EvidenceTests {
    @Test func `a line of a file is said with its place, on a node or alone`() {
        let place = ConfigurationLocation(file: "/etc/keepalived/keepalived.conf", line: 3, column: 5)
        let onNode = Evidence(at: place, on: "lb1", "priority 150")
        #expect(onNode.description == "lb1: /etc/keepalived/keepalived.conf:3: priority 150")
        #expect(onNode.place == "lb1: /etc/keepalived/keepalived.conf:3")
        let alone = Evidence(at: place, "priority 150")
        #expect(alone.description == "/etc/keepalived/keepalived.conf:3: priority 150" && alone.place == nil)
        let bind = HAProxyConfiguration(path: "h.cfg", bytes: Array("frontend f\n bind :80\n".utf8)).binds[0]
        #expect(Evidence(at: bind.location, "bind :80").description == "h.cfg:2: bind :80")
    }

    @Test func `a journal is named, and other sources by their node`() {
        #expect(
            Evidence(.journal, on: "lb1", "Entering FAULT STATE").description
                == "lb1's journal: Entering FAULT STATE")
        #expect(Evidence(.kernel, on: "lb1", "has it on eth0").description == "lb1: has it on eth0")
        #expect(Evidence(.counter, "4 adverts").description == "4 adverts")
    }

    @Test func `a file that looks like a place in a text is none`() {
        let said = Evidence(.daemon, on: "lb1", "/etc/keepalived/keepalived.conf:3: priority 150")
        #expect(said.place == nil)
    }

    @Test func `each cause has an identifier of its own`() {
        let causes = RootCauses.identifiers
        #expect(Set(causes).count == causes.count)
        for id in DoctorID.allCases { #expect(id.makesNodesFight == id.rawValue.hasPrefix("cause-")) }
    }
}

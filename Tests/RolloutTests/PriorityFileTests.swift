import Facts
import Testing

@testable import Rollout

/// A priority that a switchover writes into somebody's own file, and the way back.
@Suite struct PriorityFileTests {
    private func file(_ text: String, including other: String = "") throws -> PriorityFile {
        func state(_ text: String) -> FileState {
            FileState(
                kind: .regular, mode: 0o640, owner: "root:root", modified: 0, contents: Array(text.utf8))
        }
        return try #require(
            PriorityFile(
                ConfigurationEvidence(files: [
                    "/etc/keepalived/keepalived.conf": state(text),
                    "/etc/keepalived/other.conf": state(other),
                ]), configID: "lb2"))
    }

    private func text(_ file: PriorityFile) -> String { String(decoding: file.contents, as: UTF8.self) }

    private static let pair = """
        vrrp_instance VI_1 {
        \tpriority  100   # the spare
        \tvirtual_router_id 51
        \tvirtual_ipaddress { 203.0.113.50 }\r
        }
        vrrp_instance VI_2 { interface eth0
          virtual_router_id 52
          priority 150
        }
        """

    @Test func `it is raised with a word above it and put back byte for byte`() throws {
        var raised = try file(Self.pair)
        #expect(raised.priorities.mapValues(\.value) == ["VI_1": 100, "VI_2": 150])
        raised.set("VI_1", to: 151, reason: "disk of lb1\nis dying")
        let lines = text(raised).split(separator: "\n")
        #expect(lines[1].hasPrefix("\t# haops: switchover of VI_1 by 51: priority was 100; "))
        #expect(!lines[1].contains("\u{1B}") && lines[2] == "\tpriority  151   # the spare")

        var known = try file(text(raised))
        #expect(known.priorities["VI_1"]?.original == 100 && known.priorities["VI_1"]?.value == 151)
        #expect(known.priorities["VI_2"]?.original == nil)
        known.set("VI_2", to: 90, reason: "")
        known.set("VI_1", to: 160, reason: "")
        #expect(try file(text(known)).priorities.mapValues(\.natural) == ["VI_1": 100, "VI_2": 150])
        known.set("VI_1", to: 100, reason: "")
        known.set("VI_2", to: 150, reason: "")
        #expect(text(known) == Self.pair)
    }

    @Test func `what is no number in this file is left alone`() throws {
        #expect(
            try file("$P=100\nvrrp_instance A {\n priority $P\n virtual_router_id 1\n}\n").priorities.isEmpty)
        #expect(try file("vrrp_instance A {\n virtual_router_id 1\n}\n").priorities.isEmpty, "the default")
        let included = try file(
            "include other.conf\n", including: "vrrp_instance A {\n priority 7\n virtual_router_id 1\n}\n")
        #expect(included.priorities.isEmpty)
        let oneLine = "vrrp_instance A { priority 7 } vrrp_instance B { priority 7 }\n"
        #expect(try file(oneLine).priorities.isEmpty, "which of the two?")
        #expect(
            try file("@lb1 x\nvrrp_instance A {\n@lb2  priority 9\n virtual_router_id 1\n}\n")
                .priorities["A"]?.value == 9)
    }
}

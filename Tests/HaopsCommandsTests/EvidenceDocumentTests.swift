import Checks
import Testing

@testable import HaopsCommands

/// Evidence in documents for machines: as sentences, and with where each comes from.
@Suite struct EvidenceDocumentTests {
    @Test func `evidence is said as before, and its source and place apart`() {
        let finding = Finding(
            .samePriority, severity: .error, nodes: ["lb1"], message: "m", effect: "e", fix: "f",
            evidence: [
                Evidence(.file("/etc/keepalived/keepalived.conf", line: 3), on: "lb1", "priority 150"),
                Evidence(.journal, on: "lb1", "said"),
            ])
        let json = FindingsReport(command: "doctor", findings: [finding], allClear: "")
            .report(style: Style(isColored: false, width: nil)).document.json
        #expect(json.contains(#""lb1: /etc/keepalived/keepalived.conf:3: priority 150","#))
        #expect(json.contains(#""lb1's journal: said""#))
        #expect(json.contains(#""source": "file""#) && json.contains(#""source": "journal""#))
        #expect(json.contains(#""line": 3"#) && json.contains(#""id": "cause-same-priority""#))
    }
}

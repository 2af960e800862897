import Checks
import Testing

@testable import HaopsCommands

/// What code review tools are told of findings.
struct SARIFTests {
    private func sarif(_ finding: Finding) -> String {
        OutputEncoder(names: .verbatim).encode(SARIF([finding])).jsonOnOneLine
    }

    @Test func `SARIF carries the place`() {
        let text = sarif(
            Finding(
                id: "state-invalid", severity: .warning, file: "k.conf", line: 2, column: 11,
                message: "no such state", effect: "it is BACKUP", fix: "write `state BACKUP`"))
        #expect(text.contains(#""ruleId":"state-invalid""#), "\(text)")
        #expect(text.contains(#""startColumn":11,"startLine":2"#), "\(text)")
        #expect(text.contains(#""level":"warning""#), "\(text)")
    }

    @Test func `a finding without a place has none, and a path is a URI`() {
        let lone = sarif(
            Finding(id: "peer-clock", severity: .info, message: "clocks differ", effect: "e", fix: "f"))
        #expect(lone.contains(#""locations":[]"#) && lone.contains(#""level":"note""#), "\(lone)")
        let odd = sarif(
            Finding(
                id: "x", severity: .error, file: "/etc/a b%.conf", message: "m", effect: "e", fix: "f"))
        #expect(odd.contains("file:///etc/a%20b%25.conf") && !odd.contains("startColumn"), "\(odd)")
    }
}

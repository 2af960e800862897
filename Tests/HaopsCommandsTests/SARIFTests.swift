import Checks
import Inventory
import Remote
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
    private func json(_ sarif: SARIF) -> String {
        OutputEncoder(names: .verbatim).encode(sarif).jsonOnOneLine
    }

    @Test func `a run that fails says why, at each place`() {
        let place = SourceLocation(file: "fleet/haops.yaml", line: 7, column: 23)
        let text = json(
            SARIF(
                failure: InventoryError(diagnostics: [
                    Diagnostic(.error, at: place, "`a..b` is not an address", remedy: "write one"),
                    Diagnostic(.warning, at: place, "nobody watches"),
                ])))
        #expect(text.contains(#""executionSuccessful":false"#) && text.contains(#""results":[]"#), "\(text)")
        #expect(text.contains(#""uri":"fleet/haops.yaml""#) && text.contains(#""startLine":7"#), "\(text)")
        #expect(text.contains("`a..b` is not an address. hint: write one"), "\(text)")
        #expect(!text.contains("nobody watches"), "\(text)")
        let failure = json(SARIF(failure: Failure(.usage, "cannot read `a.conf`")))
        #expect(failure.contains(#""message":{"text":"cannot read `a.conf`"}"#), "\(failure)")
    }

    @Test func `a node that did not answer makes the run incomplete, and no findings do not`() {
        let silent = json(SARIF([], silent: [HostID("lb2")]))
        #expect(silent.contains(#""executionSuccessful":false"#) && silent.contains("lb2 did not answer"))
        #expect(json(SARIF([])).contains(#""executionSuccessful":true,"toolExecutionNotifications":[]"#))
    }
}

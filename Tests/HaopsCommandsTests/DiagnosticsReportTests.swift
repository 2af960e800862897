import Inventory
import Synchronization
import Testing

@testable import HaopsCommands

/// Warnings of an inventory: those that are alike are shown once.
@Suite struct DiagnosticsReportTests {
    private func printed(_ diagnostics: [Diagnostic], verbose: Bool = false, quiet: Bool = false)
        -> [Substring]
    {
        let said = Mutex("")
        let style = Style(isColored: false)
        let console = Console(
            out: style, err: style, isQuiet: quiet, isVerbose: verbose, isInteractive: false
        ) { text, _ in said.withLock { $0 += text } }
        console.report(diagnostics, from: nil)
        return said.withLock { $0 }.split(separator: "\n")
    }

    private func diagnostic(
        _ number: Int, _ message: String, _ severity: Diagnostic.Severity = .warning
    ) -> Diagnostic {
        Diagnostic(
            severity, at: SourceLocation(file: "haops.yaml", line: 20 * number, column: 9), message,
            remedy: "write another")
    }

    @Test func `fifty warnings that are alike are one, with their number and the first places`() {
        let lines = printed((1...50).map { diagnostic($0, "the password of `c\($0)` is weak") })
        #expect(
            lines == [
                "haops.yaml:20:9: warning: the password of `c1` is weak", "hint: write another",
                "warning: 49 more like it, for other names: haops.yaml:40:9, haops.yaml:60:9, haops.yaml:80:9, … (-v shows all)",
            ], "\(lines)")
        let same = printed((1...50).map { diagnostic($0, "the password is weak") })
        #expect(same.last?.contains("49 more of the same: ") == true)
    }

    @Test func `a few, and what differs in more than a name, stand by themselves`() {
        #expect(printed((1...3).map { diagnostic($0, "`c\($0)` is weak") }).count == 6)
        #expect(printed((1...50).map { diagnostic($0, "it lasts \($0) s") }).count == 100)
    }

    @Test func `errors are all shown, and so is everything in detail`() {
        #expect(printed((1...50).map { diagnostic($0, "`c\($0)` is not a name", .error) }).count == 100)
        #expect(printed((1...50).map { diagnostic($0, "`c\($0)` is weak") }, verbose: true).count == 100)
        #expect(printed((1...50).map { diagnostic($0, "`c\($0)` is weak") }, quiet: true).isEmpty)
    }
}

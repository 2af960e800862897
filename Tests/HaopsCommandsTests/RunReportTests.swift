import Remote
import Rollout
import Testing

@testable import HaopsCommands

/// How a run over several clusters ends.
struct RunReportTests {
    private let lb1 = HostID("lb1")

    private func report(_ outcomes: RolloutOutcome..., changed: Int? = nil) -> RunReport {
        RunReport(
            command: "apply",
            reports: outcomes.enumerated().map { index, outcome in
                (
                    "c\(index)",
                    RolloutReport(
                        outcome: outcome, fates: [lb1: index == changed ? .changed : .untouched])
                )
            })
    }

    @Test func `that nothing was changed is said only where it holds for all clusters`() {
        let away = RemoteError.unreachable(host: lb1, cause: "no route", hint: nil)
        #expect(report(.done, .refused(["locked"])).exit == .refused)
        #expect(report(.done, .refused(["locked"]), changed: 0).exit == .failed)
        #expect(report(.done, .unreachable([away]), changed: 0).exit == .failed)
        #expect(report(.done, .unknown(["lost"]), changed: 0).exit == .outcomeUnknown)
    }

    @Test func `a cluster whose turn did not come is named`() {
        let report = report(.failed(["`lb1`: does not start"]), .notBegun)
        #expect(report.exit == .failed)
        let text = report.report(style: Style(isColored: false)).text
        #expect(text.contains("cluster c1: not begun"), "\(text)")
    }
}

import Inventory
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

    @Test func `a run over one cluster ends with the code of its outcome`() {
        let away = RemoteError.unreachable(host: lb1, cause: "no route", hint: nil)
        let codes: [(RolloutOutcome, Int32)] = [
            (.nothingToDo, 0), (.done, 0), (.failed(["x"]), 1), (.refused(["x"]), 3),
            (.unreachable([away]), 4), (.unknown(["x"]), 6), (.interrupted, 130),
        ]
        for (outcome, code) in codes { #expect(report(outcome).exit.rawValue == code, "\(outcome)") }
    }

    @Test func `nodes that did not answer for one reason are named in one line`() {
        let reports = (1...40).map { number -> (cluster: String, report: RolloutReport) in
            let errors = (1...2).map {
                RemoteError.unreachable(host: HostID("c\(number)-lb\($0)"), cause: "no route", hint: nil)
            }
            return ("c\(number)", RolloutReport(outcome: .unreachable(errors)))
        }
        let clusters = reports.map { name, _ in
            Cluster(
                name: name,
                nodes: (1...2).map {
                    let id = HostID("\(name)-lb\($0)")
                    return Node(id: id, target: SSHTarget(id: id, host: id.name))
                })
        }
        let text = RunReport(command: "apply", reports: reports, clusters: clusters)
            .report(style: Style(isColored: false)).text
        #expect(text.contains("80 nodes unreachable: "), "\(text)")
        #expect(text.count(of: "no route") == 1 && !text.contains("similarly"), "\(text)")
    }

    @Test func `a cluster whose turn did not come is named`() {
        let report = report(.failed(["`lb1`: does not start"]), .notBegun)
        #expect(report.exit == .failed)
        let text = report.report(style: Style(isColored: false)).text
        #expect(text.contains("cluster c1: not begun"), "\(text)")
    }

    @Test func `clusters that ended alike are told together, and at the end by name who is not done`() {
        let names = (1...50).map { ($0 < 10 ? "c0" : "c") + "\($0)" }
        let reports = names.enumerated().map { index, name -> (cluster: String, report: RolloutReport) in
            let hosts = [HostID("\(name)-lb1"), HostID("\(name)-lb2")]
            let fates = Dictionary(uniqueKeysWithValues: hosts.map { ($0, NodeFate.changed) })
            return switch index {
            case ..<20:
                (name, RolloutReport(outcome: .done, fates: fates, notes: ["`VI_1`: owned by `\(name)-lb1`"]))
            case 20:
                (
                    name,
                    RolloutReport(
                        outcome: .failed(["`\(name)-lb1`: does not start"]), fates: [hosts[0]: .restored])
                )
            default: (name, RolloutReport(outcome: .notBegun))
            }
        }
        let clusters = names.map { name in
            Cluster(
                name: name,
                nodes: ["\(name)-lb1", "\(name)-lb2"].map {
                    Node(id: HostID($0), target: SSHTarget(id: HostID($0), host: $0))
                })
        }
        let report = RunReport(command: "apply", reports: reports, clusters: clusters, stop: .failures)
        let text = report.report(style: Style(isColored: false, width: 80)).text
        #expect(
            text == """
                20 clusters (c[01-20]): done
                  c[01-20]-lb1, c[01-20]-lb2: changed, verified
                  of c01, and similarly for the others:
                  note: `VI_1`: owned by `c01-lb1`
                cluster c21: failed
                  `c21-lb1`: does not start
                  c21-lb1: put back as it was
                29 clusters (c[22-50]): not begun

                done: c[01-20] (20)
                not done: c21 (1)
                not begun: c[22-50] (29), because of what failed; --max-failures allows more
                the same command again takes up what is not done

                """, "\(text)")
        #expect(report.exit == .failed)
        let detailed = RunReport(
            command: "apply", reports: reports, clusters: clusters, stop: .failures, isDetailed: true)
        #expect(detailed.report(style: Style(isColored: false)).text.contains("cluster c50: not begun\n"))
    }

    @Test func `an end of one cluster alone has no sum`() {
        let text = report(.failed(["no"])).report(style: Style(isColored: false)).text
        #expect(!text.contains("the same command again"), "\(text)")
    }
}

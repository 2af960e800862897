import Addresses
import FoundationEssentials
import Inventory
import Keepalived
import Pictures
import Remote
import Testing

@testable import Checks
@testable import HaopsCommands
@testable import Survey

/// Pages with pictures. With HAOPS_PICTURES they are written into that folder: `make test-pictures` measures them there.
struct PicturePagesTests {
    static func keep(_ text: String, as name: String) throws {
        guard let folder = Environment["HAOPS_PICTURES"] else { return }
        try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    }

    private static func span(_ shortest: Int, _ longest: Int) -> OutagePrediction {
        OutagePrediction(shortest: .milliseconds(shortest), longest: .milliseconds(longest))
    }

    private static func row(
        _ failure: FailureCase, _ owners: [String], _ silence: OutagePrediction?,
        _ verdict: ReadinessRow.Verdict = .fine, subject: String? = nil, service: ReadinessRow.Service = .yes
    ) -> ReadinessRow {
        var row = ReadinessRow(failure, of: ["lb1"], subject: subject)
        row.owners = owners
        row.verdict = verdict
        row.silence = silence
        row.service = service
        row.afterwards = .goesBack(to: "lb1", after: span(3414, 3414))
        return row
    }

    /// Every kind of row: short, long, none, endless, two answers, not provable; long words.
    private static func readiness(accepted: [FailureCase] = []) -> ReadyReport {
        let rows = [
            row(.stop, ["lb2"], span(609, 609)), row(.kill, ["lb2"], OutagePrediction.none, .leftover),
            row(.crash, ["lb2"], span(2609, 3609)),
            row(.advertsBoth, ["lb1", "lb2"], nil, .twoOwners),
            row(
                .checkFails, ["lb2"], span(4600, 7600),
                subject: "check_that_has_the_longest_name_of_all_those_that_anybody_gave"),
            row(.haproxy, ["lb1"], nil, .notProvable, service: .unknown(["what it tests is not known"])),
            row(.backend, ["lb1"], nil, .noMove, service: .no(["nothing sees it"])),
            row(.interface, ["lb2"], span(609, 609), subject: "eth1", service: .differently(["a bind"])),
        ]
        let instances = [
            ClusterReadiness.InstanceReadiness(
                name: "VI_1", addresses: [IPAddress("203.0.113.50")].compactMap(\.self), owner: "lb1",
                rows: rows, notes: ["lb3 did not answer: foretold as if it were down"]),
            ClusterReadiness.InstanceReadiness(
                name: "VI_2", addresses: [IPAddress("2001:db8:203::52")].compactMap(\.self), owner: "lb1",
                rows: [row(.stop, ["lb2"], span(60, 60))]),
        ]
        let finding = Finding(
            id: "ready-two-owners", severity: .error, nodes: ["lb1"],
            message: "adverts-both lb1: both would own VI_1", effect: "clients reach two machines",
            fix: "let the adverts travel where the clients are")
        let nodes = ["lb1", "lb2"].map {
            Node(id: HostID($0), target: SSHTarget(id: HostID($0), host: $0))
        }
        return ReadyReport(
            fleet: Fleet(source: "", clusters: [Cluster(name: "web", nodes: nodes)]),
            outcome: ReadinessSurvey.Outcome(
                clusters: [ClusterReadiness(cluster: "web", instances: instances, findings: [finding])],
                silent: []),
            accepted: accepted, showsAll: true)
    }

    @Test func `rows of ready that end badly come first, and a word says so`() throws {
        let report = Self.readiness(accepted: [.kill])
        let tables = report.spanTables
        #expect(tables.count == 2)
        let marks = tables[0].rows.map { $0.mark?.word }
        #expect(
            marks == [
                "ends badly", "ends badly", "accepted", "not provable", "serves otherwise", nil, nil, nil,
            ])
        #expect(tables[0].rows[0].cells[0] == "adverts-both lb1" && tables[0].rows[0].span == .none)
        #expect(tables[0].rows[1].span == .endless)
        #expect(tables[0].rows.last?.span == .between(4600, 7600))
        let html = report.page.html
        for text in [
            "VI_1 (203.0.113.50): lb1 owns it now", "ends badly", "which ends at 8 s", "2.6 to 3.6 s",
            "What to do", "fix: let the adverts travel where the clients are", "lb3 did not answer",
        ] {
            #expect(html.contains(text), "\(text)")
        }
        try Self.keep(html, as: "ready.html")
        let image = SpanTable.svg(tables, title: "haops ready")
        #expect(image.contains("ends badly: adverts-both lb1") && image.contains("8 s"))
        try Self.keep(image, as: "ready.svg")
    }

    @Test func `only what the terminal shows is drawn`() {
        var report = Self.readiness()
        report.showsAll = false
        #expect(report.spanTables.map(\.rows.count) == [3])
        report.accepted = [.kill, .advertsBoth, .backend]
        #expect(report.spanTables.isEmpty)
    }
}

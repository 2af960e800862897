import Addresses
import FoundationEssentials
import Inventory
import Keepalived
import Pictures
import Remote
import Testing

@testable import Checks
@testable import HaopsCommands
@testable import Rollout
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

    // MARK: - A drill

    private static let begins = 1_796_095_743_000_000
    private static let ends = begins + 3_000_000

    private static func measurement(
        _ address: IPAddress, _ probe: ProbeKind, interval: Int, took: Int, lost: ClosedRange<Int>
    ) -> DrillResult.Measurement {
        let answers = (-100...600).map { ($0, begins + $0 * interval) }.filter {
            !lost.contains($0.1 - begins)
        }.map { ProbeAnswer(number: $0.0, sent: $0.1, received: $0.1 + took + abs($0.0) % 7 * took / 3) }
        return DrillResult.Measurement(
            address: address, instance: "VI_1", observer: HostID("client"), probe: probe,
            interval: interval, resolution: interval * 2,
            failover: Outage(answers, interval: interval, within: begins..<ends),
            reversion: Outage(answers, interval: interval, within: ends..<(ends + 3_000_000)),
            duplicates: 0, clockBound: 1000,
            questions: ProbeQuestion.all(
                answers, interval: interval, within: (begins - 1_000_000)..<(ends + 3_000_000)))
    }

    private static func drill() throws -> DrillReport {
        let four = try #require(IPAddress("203.0.113.50"))
        let six = try #require(IPAddress("2001:db8:203::50"))
        let (lb1, lb2, client) = (HostID("lb1"), HostID("lb2-with-a-long-name"), HostID("client"))
        let nodes = [lb1, lb2].map { Node(id: $0, target: SSHTarget(id: $0, host: $0.name)) }
        var plan = DrillPlan(
            cluster: Cluster(name: "web", nodes: nodes), failure: .stop, nodes: [lb1])
        plan.instances = [.init(name: "VI_1", addresses: [four, six], owner: lb1)]
        let foretold = row(.stop, [lb2.name], span(409, 609))
        var result = DrillResult(failure: .stop, nodes: [lb1])
        (result.begins, result.ends) = (begins, ends)
        result.measurements = [
            measurement(four, .icmp, interval: 10_000, took: 60, lost: 5_000...610_000),
            measurement(six, .icmp, interval: 10_000, took: 90, lost: 5_000...610_000),
            measurement(four, .http(port: 80), interval: 50_000, took: 8000, lost: 5_000...700_000),
        ]
        result.comparisons = [.init(instance: "VI_1", row: foretold, holders: [lb2.name])]
        func phase(_ name: DrillPhase.Name, _ at: Int, _ host: HostID, _ what: String) -> DrillPhase {
            DrillPhase(name: name, at: at, host: host, what: what)
        }
        result.phases = [
            .init(
                instance: "VI_1",
                failover: [
                    phase(.noticed, 5_000, lb1, "keepalived stops on lb1"),
                    phase(.elected, 600_000, lb2, "lb2 becomes MASTER"),
                    phase(.announced, 602_000, client, "client sends to lb2"),
                    phase(.answering, 615_000, client, "203.0.113.50 answers again (icmp)"),
                    phase(.serving, 700_000, client, "203.0.113.50 answers again (http 80)"),
                ], reversion: [phase(.elected, 2_500_000, lb1, "lb1 becomes MASTER")])
        ]
        result.holdings = [
            .init(instance: "VI_1", node: lb1, from: nil, to: begins + 6_000),
            .init(instance: "VI_1", node: lb2, from: begins + 600_000, to: ends + 2_500_000),
            .init(instance: "VI_1", node: lb1, from: ends + 2_500_000, to: nil),
        ]
        let macs = try ["02:00:00:00:01:0b", "02:00:00:00:01:0c"].map { try #require(MACAddress($0)) }
        result.neighbours = [four, six].flatMap { address in
            [
                NeighbourChange(observer: client, address: address, mac: macs[0], node: lb1, time: nil),
                NeighbourChange(
                    observer: client, address: address, mac: macs[1], node: lb2, time: begins + 602_000),
                NeighbourChange(
                    observer: client, address: address, mac: macs[0], node: lb1, time: ends + 2_502_000),
            ]
        }
        result.announcements = (
            [
                Announcements(
                    listener: client, address: four, mac: macs[1], node: lb2, count: 5,
                    first: begins + 601_000, last: begins + 601_900)
            ], []
        )
        var run = RolloutReport(outcome: .done)
        run.drill = result
        return DrillReport(cluster: "web", plan: plan, run: run)
    }

    @Test func `a drill is drawn with who had the addresses, what was foretold, and every question`() throws {
        let report = try Self.drill()
        let picture = try #require(report.picture)
        #expect(
            picture.lanes.map(\.name) == [
                "lb1", "lb2-with-a-long-name", "foretold", "measured", "phases", "client",
                "203.0.113.50 icmp", "2001:db8:203::50 icmp", "203.0.113.50 http 80",
            ])
        #expect(picture.lanes[2].bands.map(\.kind) == [.expected, .possible])
        #expect(picture.lanes[4].bands.map(\.label).prefix(3) == ["noticed", "elected", "announced"])
        #expect(picture.lanes[6].bands.map(\.label) == ["lb1", "lb2-with-a-long-name", "lb1"])
        #expect(picture.lanes[6].caption == "client: 61 of 600 lost")
        #expect(picture.lanes[6].strip?.samples.count { $0.took == nil } == 61)
        try Self.keep(
            PicturePage(title: "haops drill", remarks: DrillReport.pictureRemarks, pictures: [picture]).html,
            as: "drill.html")
        try Self.keep(picture.svg(), as: "drill.svg")
        let lines = picture.text(width: 80, signs: .ascii)
        #expect(lines.contains { $0.hasPrefix("  client: 61 of 600 lost ") && $0.contains("xxx") })
        #expect(lines.contains { $0.contains("foretold") && $0.contains("0.4 to 0.6 s") })
        #expect(
            lines.prefix { !$0.hasPrefix("  1  ") }.allSatisfy { $0.count <= 80 && $0.utf8.count == $0.count }
        )
        let text = report.report(style: Style(isColored: false, width: nil)).text
        #expect(
            text.contains("failover time: 0.610 s (0.610 s by lost packets); reversion time: <20 ms"),
            "\(text)")
        #expect(report.document.failoverTimeMs == 610 && report.document.reversionTimeMs == 0)
        #expect(
            text.contains(
                "client heard 5 gratuitous ARPs from lb2-with-a-long-name for 203.0.113.50, the first 601 ms after the failure"
            ), "\(text)")
    }
}

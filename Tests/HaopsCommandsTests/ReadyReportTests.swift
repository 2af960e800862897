import Addresses
import ArgumentParser
import Inventory
import Keepalived
import Remote
import Testing

@testable import Checks
@testable import HaopsCommands
@testable import Survey

/// What `ready` prints, and how it ends.
struct ReadyReportTests {
    private func row(
        _ failure: FailureCase, _ owners: [String], _ verdict: ReadinessRow.Verdict, on node: String = "lb1"
    ) -> ReadinessRow {
        var row = ReadinessRow(failure, of: [node])
        row.owners = owners
        row.verdict = verdict
        row.service = .yes
        row.silence =
            verdict.isBad
            ? nil : OutagePrediction(shortest: .milliseconds(2609), longest: .milliseconds(3609))
        row.takeover = row.silence
        row.afterwards = .goesBack(
            to: node, after: OutagePrediction(shortest: .milliseconds(3414), longest: .milliseconds(3414)))
        return row
    }

    private func report(
        _ clusters: [ClusterReadiness], nodes: [[String]]? = nil, accepted: [FailureCase] = [],
        verbose: Bool = false, silent: [HostID] = []
    ) -> Report {
        let named = clusters.enumerated().map { index, cluster in
            Cluster(
                name: cluster.cluster,
                nodes: (nodes?[index] ?? ["lb1", "lb2"]).map {
                    Node(id: HostID($0), target: SSHTarget(id: HostID($0), host: $0))
                })
        }
        return ReadyReport(
            fleet: Fleet(source: "", clusters: named),
            outcome: ReadinessSurvey.Outcome(clusters: clusters, silent: silent), accepted: accepted,
            showsAll: verbose || clusters.count == 1
        ).report(style: Style(isColored: false, width: nil))
    }

    private func cluster(
        _ name: String, _ rows: [ReadinessRow], finding: Finding? = nil, owner: String? = "lb1"
    ) -> ClusterReadiness {
        ClusterReadiness(
            cluster: name,
            instances: [
                .init(
                    name: "VI_1", addresses: [IPAddress("203.0.113.50")].compactMap(\.self), owner: owner,
                    rows: rows)
            ], findings: finding.map { [$0] } ?? [])
    }

    private func finding(_ node: String) -> Finding {
        Finding(
            id: "ready-two-owners", severity: .error, nodes: [node],
            message: "\(node) and another would both own it",
            effect: "e", fix: "f")
    }

    @Test func `the table says when, then, silence, serves and afterwards`() {
        let shown = report([
            cluster("web", [row(.crash, ["lb2"], .fine), row(.advertsOut, ["lb1", "lb2"], .twoOwners)])
        ])
        let lines = shown.text.split(separator: "\n").map(String.init)
        #expect(lines[0] == "VI_1 (203.0.113.50): lb1 owns it now")
        #expect(lines[1].split(separator: " ") == ["WHEN", "THEN", "SILENCE", "SERVES", "AFTERWARDS"])
        #expect(lines[2].contains("crash lb1") && lines[2].contains("2.6 to 3.6 s"))
        #expect(lines[2].hasSuffix("yes     back to lb1 after 3.4 s"))
        #expect(lines[3].contains("both lb1 and lb2") && lines[3].contains("two answer"))
        #expect(
            shown.tsv.columns == [
                "cluster", "instance", "when", "then", "silence", "serves", "afterwards", "verdict",
            ])
        let json = shown.document.json
        #expect(json.contains(#""case": "adverts-out""#) && json.contains(#""verdict": "two-owners""#))
        #expect(json.contains(#""takeover_ms": {"#) && json.contains(#""longest": 3609"#))
        #expect(json.contains(#""silence_ms": null"#) && json.contains(#""afterwards": "goes-back""#))
    }

    @Test func `of several clusters only what ends badly is shown, and once where they are alike`() {
        let bad = [row(.crash, ["lb2"], .fine), row(.advertsOut, ["lb1", "lb2"], .twoOwners)]
        func renamed(_ rows: [ReadinessRow], _ from: String) -> [ReadinessRow] {
            rows.map { row in
                var row = row
                row.nodes = row.nodes.map { $0.replacing("lb", with: from) }
                row.owners = row.owners.map { $0.replacing("lb", with: from) }
                row.afterwards = .goesBack(to: "\(from)1", after: .none)
                return row
            }
        }
        let fleet = [
            cluster("a", renamed(bad, "a"), finding: finding("a1"), owner: "a1"),
            cluster("b", renamed(bad, "b"), finding: finding("b1"), owner: "b1"),
            cluster("c", [row(.crash, ["lb2"], .fine)]),
        ]
        let nodes = [["a1", "a2"], ["b1", "b2"], ["lb1", "lb2"]]
        let shown = report(fleet, nodes: nodes)
        #expect(!shown.text.contains("crash"))
        #expect(shown.text.contains("a, b  (shown for a)") || shown.text.contains("a,b  (shown for a)"))
        #expect(shown.text.split(separator: "\n").count { $0.contains("adverts-out") } == 1)
        #expect(shown.text.split(separator: "\n").count { $0.hasPrefix("error ready-two-owners") } == 1)
        #expect(shown.text.contains("the same in b"))
        // The document has every cluster and every row.
        #expect(shown.tsv.rows.count == 5)
        let all = report(fleet, nodes: nodes, verbose: true).text
        #expect(all.contains("crash lb1") && all.contains("crash a1"))
    }

    @Test func `what is accepted is shown and is no finding`() {
        let shown = report(
            [cluster("web", [row(.crash, ["lb2"], .fine), row(.kill, ["lb2"], .leftover)])], accepted: [.kill]
        )
        #expect(shown.text.contains("kill lb1"))
        #expect(
            shown.text.hasSuffix(
                "ready: 1 instance, 1 failure worked out, each ends with one owner; 1 accepted\n"))
        #expect(shown.document.json.contains(#""accepted": true"#))
    }

    @Test func `the exit code follows the findings, then the silence`() {
        func exit(_ cluster: ClusterReadiness, silent: [HostID] = []) -> HaopsExit {
            Ready.exit(ReadinessSurvey.Outcome(clusters: [cluster], silent: silent))
        }
        let fine = cluster("web", [row(.crash, ["lb2"], .fine)])
        #expect(exit(fine) == .done)
        #expect(exit(fine, silent: ["lb2"]) == .unreachable)
        #expect(exit(cluster("web", [], owner: nil)) == .unreachable)
        #expect(exit(cluster("web", [], finding: finding("lb1")), silent: ["lb2"]) == .badState)
    }

    @Test func `a failure that nobody knows is a usage error`() throws {
        #expect(
            try Ready.parse(["--accept", "adverts-out", "--accept", "kill"]).accept == [.advertsOut, .kill])
        #expect(throws: (any Error).self) { try Ready.parse(["--accept", "everything"]) }
    }
}

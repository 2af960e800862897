import Inventory
import Remote
import Rendering
import Rollout
import Testing

@testable import HaopsCommands

/// A fleet's plan is short: what is alike is shown once, and nothing that differs is hidden by it.
@Suite struct FoldedPlanTests {
    /// Fifty pairs in which one word of haproxy's configuration changes; made once, as that takes a while.
    private static let changed = Result { try Self.weighted(50).plans(from: try MadeUpFleet(50)) }

    private func text(
        _ plans: [ClusterPlan], detailed: Bool = false, width: Int? = 80, waves: Waves = Waves()
    ) -> String {
        PlanReport(plans: plans, isDetailed: detailed, waves: waves)
            .report(command: "plan", style: Style(isColored: false, width: width)).text
    }

    private func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The weight of a server, as in an everyday change.
    private static func weighted(_ count: Int, _ change: @escaping (Int, String) -> String = { $1 }) throws
        -> MadeUpFleet
    {
        try MadeUpFleet(count) { number, text in
            change(
                number, text.replacing("mode: http, servers", with: "mode: http, balance: leastconn, servers")
            )
        }
    }

    @Test(arguments: [50, 200])
    func `many equal clusters set up for the first time print fewer than 120 lines`(count: Int) throws {
        let text = text(try MadeUpFleet(count).plans())
        #expect(lines(text).count < 60, "\(text)")
        let last = count == 50 ? "c[01-50]" : "c[001-200]"
        #expect(text.hasPrefix("\(count) clusters (\(last)): apply\n"), "\(text)")
        #expect(text.contains("new files: /etc/"), "\(text)")
        #expect(text.contains("\(count) clusters, \(2 * count) nodes: "), "\(text)")
    }

    @Test func `fifty clusters with one change show one diff, and say what the others have of their own`()
        throws
    {
        let plans = try Self.changed.get()
        let text = text(plans)
        #expect(lines(text).count < 60, "\(text)")
        #expect(text.count { $0 == "@" } == 4, "\(text)")
        #expect(text.contains("+    balance leastconn") && text.contains("-    balance roundrobin"))
        #expect(text.contains("nodes c[01-50]-lb1, c[01-50]-lb2\n"), "\(text)")
        #expect(text.contains("shown is c01; the others have the same"), "\(text)")
        #expect(text.contains("no outage is expected"), "\(text)")
        #expect(text.contains("100 reloads"), "\(text)")
    }

    @Test func `a file that is written anew from top to bottom is counted, where there are several clusters`()
        throws
    {
        var plans = try MadeUpFleet(2).plans()
        for index in plans.indices {
            for node in plans[index].nodes.indices {
                plans[index].nodes[node].files = plans[index].nodes[node].files.map { file in
                    var file = file
                    guard file.role == .haproxyConfig else { return file }
                    let old = (1...40).map { "old \($0)\n" }.joined()
                    file.kind = .update
                    file.diff = UnifiedDiff(
                        old: Array(old.utf8), new: file.contents,
                        mask: SecretMask(secrets: []))
                    return file
                }
            }
        }
        let many = text(plans)
        #expect(many.contains("lines for 40 (-v") && !many.contains("-old 1\n"), "\(many)")
        #expect(text([plans[0]]).contains("-old 1\n"))
        #expect(text(plans, detailed: true).contains("-old 1\n"))
    }

    @Test func `a terminal of eighty columns is not overrun by anything but diffs`() throws {
        let text = text(try Self.changed.get())
        for line in lines(text) where !line.hasPrefix("    ") { #expect(line.count <= 80, "\(line)") }
    }

    @Test func `what differs is shown by itself`() throws {
        // One has another option, one another priority: neither is the clusters' own word.
        let after = try Self.weighted(12) { number, text in
            switch number {
            case 7: text.replacing("leastconn", with: "source")
            case 9: text.replacing("priority: 150", with: "priority: 140")
            default: text
            }
        }
        let text = text(try after.plans(from: try MadeUpFleet(12)))
        #expect(text.contains("10 clusters (c[01-06,08,10-12]): apply\n"), "\(text)")
        #expect(text.contains("cluster c07: apply\n") && text.contains("+    balance source"), "\(text)")
        #expect(text.contains("cluster c09: apply\n") && text.contains("+    priority 140"), "\(text)")
        #expect(lines(text).count < 120, "\(text)")
    }

    @Test func `another word in one place only is no cluster's own`() throws {
        // The address of c03's second node where all others have that of their first one.
        let after = try Self.weighted(4) { number, text in
            text.replacing("bind: [\"", with: "bind: [\"10.1.\(number).\(number == 3 ? 12 : 11):81\", \"")
        }
        let text = text(try after.plans(from: try MadeUpFleet(4)))
        #expect(
            text.contains("3 clusters (c[1-2,4]): apply\n") && text.contains("cluster c3: apply\n"), "\(text)"
        )
        #expect(text.contains("each with its own names, node\n    addresses, "), "\(text)")
    }

    @Test func `an obstacle of one cluster is named in the block of all`() throws {
        var plans = try Self.changed.get()
        plans[4].nodes[0].obstacles = ["/etc/haproxy is a file"]
        for index in plans.indices { plans[index].nodes[0].notes = ["follows no files"] }
        let text = text(plans)
        #expect(
            text.contains("\n  c05: in the way: `\(plans[4].nodes[0].node.id)`: /etc/haproxy is a file\n"),
            "\(text)")
        #expect(text.count(of: "follows no files") == 1, "\(text)")
        #expect(
            text.contains(
                "something is in the way of 1 cluster (c05), so that no cluster is begun\n  (--max-failures 0)\n"
            ), "\(text)")
        #expect(lines(text).count < 70, "\(text)")
    }

    @Test func `clusters that need nothing are one line`() throws {
        let before = try MadeUpFleet(12)
        let after = try MadeUpFleet(12) {
            $0 == 8 ? $1.replacing("priority: 150", with: "priority: 140") : $1
        }
        let some = text(try after.plans(from: before))
        #expect(
            some.hasPrefix(
                "11 clusters (c[01-07,09-12]): apply\n  nothing to do: every node is as it should be\n\ncluster c08: apply\n"
            ),
            "\(some)")
        #expect(some.contains("\n1 of 12 clusters: "), "\(some)")
        let none = text(try before.plans(from: before))
        #expect(
            none
                == "12 clusters (c[01-12]): apply\n  nothing to do: every node is as it should be\n\n12 clusters, 24 nodes: nothing to do\n",
            "\(none)")
    }

    @Test func `what is told in detail is told of every cluster`() throws {
        let text = text(try MadeUpFleet(12).plans(), detailed: true)
        #expect(text.contains("cluster c01: apply\n") && text.contains("cluster c12: apply\n"))
        #expect(text.contains("+    virtual_router_id 12"))
        #expect(lines(text).count > 800)
    }

    @Test func `the document for programs has every node, and a summary`() throws {
        let report = PlanReport(plans: try MadeUpFleet(5).plans(), isDetailed: false, waves: Waves(atOnce: 5))
            .report(command: "plan", style: Style(isColored: false))
        guard case .object(let members) = report.document,
            case .array(let nodes)? = members.first(where: { $0.key == "nodes" })?.value,
            case .object(let summary)? = members.first(where: { $0.key == "summary" })?.value
        else {
            Issue.record("\(report.document.json)")
            return
        }
        #expect(nodes.count == 10)
        let keys = summary.map(\.key)
        for key in ["clusters", "nodes", "changes", "restarts", "longest_outage_ms", "expected_duration_ms"] {
            #expect(keys.contains(key))
        }
    }

    @Test func `the time that a run takes depends on how many clusters are changed at once`() throws {
        let plans = try Self.changed.get()
        #expect(text(plans).contains("one cluster after the other"))
        let quick = text(plans, waves: Waves(atOnce: 10, canary: "c03"))
        #expect(quick.contains("c03 first, then up to 10 clusters at once"), "\(quick)")
        func milliseconds(_ waves: Waves) -> Int {
            PlanSummary(plans, waves: waves).document.expectedDurationMs ?? 0
        }
        #expect(milliseconds(Waves()) / 1000 == milliseconds(Waves(atOnce: 10)) / 100)
    }

    @Test func `the longest outage is named with its instance and cluster`() throws {
        var plans = try Self.weighted(3).plans(from: try MadeUpFleet(3))
        for (index, milliseconds) in [300, 3600, 600].enumerated() {
            let nodes = plans[index].cluster.nodes.map(\.id)
            plans[index].moves = [
                PredictedMove(
                    instance: "VI_1", from: nodes[0], to: nodes[1], means: .stop,
                    outageMilliseconds: milliseconds)
            ]
        }
        let told = text(plans)
        #expect(told.contains("longest predicted outage: 3.6 s (VI_1 in c2)"), "\(told)")
        plans[2].moves[0].outageMilliseconds = nil
        #expect(text(plans).contains("longest predicted outage: as long as the work takes (VI_1 in c3)"))
    }
}

extension String {
    /// How often a word stands in it.
    func count(of word: String) -> Int {
        split(separator: word, omittingEmptySubsequences: false).count - 1
    }
}

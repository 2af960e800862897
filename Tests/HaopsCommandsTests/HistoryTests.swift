import Events
import Facts
import Inventory
import Remote
import Rollout
import Testing

@testable import HaopsCommands

/// `haops history`: its tables, and what it says of journals that tell less than all.
struct HistoryTests {
    private static let web = "20261129T054000Z-k3x9f2"

    private func journals(
        unread: [RemoteError] = [], unreadable: [RunJournal.UnreadableLine] = [],
        isCut: Bool = false
    ) throws -> HistorySurvey.Journals {
        func entry(_ time: String, _ event: String) throws -> RunJournal.Entry {
            RunJournal.Entry(
                time: try #require(UTCTime("2026-11-29T\(time)Z")), run: RunID(Self.web), who: "root@vm",
                what: "apply", event: event, from: "203.0.113.9")
        }
        let changed = RunJournal(
            entries: [
                try entry("05:40:01", "staged"), try entry("05:40:10", "preparing"),
                try entry("05:40:22", "confirmed"), try entry("05:40:23", "finished: changed; run done"),
            ], unreadable: unreadable, isCut: isCut)
        let failed = RunJournal(entries: [
            try entry("05:40:02", "staged"),
            try entry("05:40:23", "finished: untouched; run done: auth_pass geheim12 \u{1b}[2J"),
        ])
        return HistorySurvey.Journals(
            sources: [
                RunHistory.Source(node: "lb1", cluster: "web", journal: changed),
                RunHistory.Source(node: "lb2", cluster: "web", journal: failed),
            ], unread: unread)
    }

    private func list(_ journals: HistorySurvey.Journals, last: Int = 20, width: Int? = 80) -> Report {
        HistoryReport(runs: RunHistory(journals.sources).runs, last: last, journals: journals)
            .report(style: Style(isColored: false, width: width))
    }

    @Test func `a run is a line, with who and which nodes below`() throws {
        #expect(
            list(try journals()).text == """
                TIME (UTC)           RUN     OUTCOME  WHAT
                2026-11-29 05:40:00  k3x9f2  done     apply
                    by root@vm from 203.0.113.9; web: lb1 changed in 12 s, lb2 untouched

                """)
        #expect(
            list(try journals()).tsv.tsv.split(separator: "\n").map { $0.replacing("\t", with: "|") } == [
                "time|run|who|from|what|outcome|cluster|node|fate|seconds",
                "2026-11-29T05:40:00Z|k3x9f2|root@vm|203.0.113.9|apply|done|web|lb1|changed|12",
                "2026-11-29T05:40:00Z|k3x9f2|root@vm|203.0.113.9|apply|done|web|lb2|untouched|",
            ])
    }

    @Test func `what could not be read is said, in every form`() throws {
        let report = list(
            try journals(
                unread: [.unreachable(host: "lb3", cause: "no answer")],
                unreadable: [.init(number: 7, reason: .fields(2))],
                isCut: true))
        #expect(report.text.contains("incomplete: the journals of lb3 could not be read"))
        #expect(report.text.replacing("\n    ", with: " ").contains("line 7 has 2 fields, not 5"))
        #expect(report.text.contains("note: the journals of lb1 have their newest"))
        let json = report.document.jsonOnOneLine
        #expect(json.contains(#""complete":false,"unreachable":["lb3"]"#))
        #expect(json.contains(#""unreadable_lines":["line 7 has 2 fields, not 5"],"older_lines_gone":true"#))
        #expect(report.text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func `older runs are counted, and no run is said`() throws {
        var journals = try journals()
        let other = RunJournal.Entry(
            time: UTCTime(millisecondsSince1970: 0), run: "20250101T000000Z-old", who: "root@vm",
            what: "restart keepalived", event: "finished: changed")
        journals.sources[0].journal.entries.insert(other, at: 0)
        #expect(list(journals, last: 1).text.contains("and 1 older: --last 0 shows all"))
        #expect(list(journals, last: 0).text.contains("restart keepalived"))
        #expect(list(HistorySurvey.Journals()).text == "no run of haops is in these journals\n")
    }

    @Test func `one run is told step by step, without secrets and without what steers a terminal`() throws {
        let journals = try journals()
        let run = try RunHistory(journals.sources).run(named: "k3")
        let report = RunStepsReport(run: run, journals: journals).report(
            style: Style(isColored: false, width: 80))
        #expect(
            report.text.hasPrefix(
                """
                run k3x9f2: apply by root@vm from 203.0.113.9
                  began 2026-11-29 05:40:00 UTC, took 22 s: done
                """), "\(report.text)")
        #expect(report.text.contains("2026-11-29 05:40:22  lb1   verified; automatic rollback cancelled"))
        #expect(report.text.contains("in locks, journals and saved sets: \(Self.web)"))
        for text in [report.text, report.document.json, report.tsv.tsv] {
            #expect(!text.contains("geheim12") && !text.contains("\u{1b}"), "\(text)")
        }
        #expect(report.text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(report.text)")
        #expect(report.tsv.rows.count == 6)
    }

    @Test func `a node that does not answer makes it incomplete`() async throws {
        let run = try await Program.haops("history", "-F", "none", "--nodes", Program.nobody)
        #expect(run.exit == 4 && run.out.contains("incomplete:") && run.err.contains("cannot connect"))
        let one = try await Program.haops("history", "-F", "none", "--nodes", Program.nobody, "k3")
        #expect(one.exit == 4 && one.err.contains("could not be read"), "\(one.err)")
    }
}

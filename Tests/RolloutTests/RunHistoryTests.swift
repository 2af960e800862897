import Events
import Facts
import Remote
import Testing

@testable import Rollout

/// Journals of several nodes, merged into runs.
struct RunHistoryTests {
    /// A journal of lines `TIME RUN WHO|WHAT|EVENT`, all on one day.
    private func source(
        _ node: HostID, in cluster: String = "web", lockedBy: RunID? = nil, _ lines: String...
    ) throws -> RunHistory.Source {
        let entries = try lines.map { line in
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            let fields = words[2].split(separator: "|").map(String.init)
            return RunJournal.Entry(
                time: try #require(UTCTime("2026-11-29T\(words[0])Z")), run: RunID(words[1]), who: fields[0],
                what: fields[1], event: fields[2], from: fields.count > 3 ? fields[3] : nil)
        }
        return RunHistory.Source(
            node: node, cluster: cluster, journal: RunJournal(entries: entries), lockedBy: lockedBy)
    }

    private static let web = "20261129T054000Z-k3x9f2"
    private static let db = "20261129T054100Z-k3x9f2"

    /// An apply of two clusters.
    private func apply() throws -> RunHistory {
        RunHistory([
            try source(
                "lb1", "05:40:01 \(Self.web) root@vm|apply|staged|203.0.113.9",
                "05:40:10 \(Self.web) root@vm|apply|preparing|203.0.113.9",
                "05:40:22 \(Self.web) root@vm|apply|verified|203.0.113.9",
                "05:40:23 \(Self.web) root@vm|apply|confirmed|203.0.113.9",
                "05:40:23 \(Self.web) root@vm|apply|finished: changed; run done|203.0.113.9"),
            try source(
                "lb2", "05:40:01 \(Self.web) root@vm|apply|staged|203.0.113.9",
                "05:40:23 \(Self.web) root@vm|apply|finished: nothing to do; run done|203.0.113.9"),
            try source(
                "db1", in: "db", "05:41:00 \(Self.db) root@vm|apply|staged|203.0.113.10",
                "05:41:02 \(Self.db) root@vm|apply|preparing|203.0.113.10",
                "05:41:04 \(Self.db) root@vm|apply|restored (haops)|203.0.113.10",
                "05:41:05 \(Self.db) root@vm|apply|finished: restored; run failed: two owners|203.0.113.10"),
        ])
    }

    @Test func `one run of several clusters is one, with what it made of each node`() throws {
        let history = try apply()
        let run = try #require(history.runs.first)
        #expect(history.runs.count == 1 && run.id == "k3x9f2" && run.who == "root@vm")
        #expect(run.began.iso8601InSeconds == "2026-11-29T05:40:00Z")
        #expect(run.clusters == ["db", "web"] && run.purposes == ["apply"])
        #expect(run.addresses == ["203.0.113.10", "203.0.113.9"])
        #expect(run.parts.map(\.node) == ["db1", "lb1", "lb2"])
        #expect(run.parts.map(\.fate) == ["restored", "changed", "nothing to do"])
        #expect(run.parts.map(\.duration) == [.seconds(2), .seconds(12), nil])
        #expect(run.outcome == .failed && run.reasons == ["two owners"])
        #expect(run.duration == .seconds(22))
    }

    @Test func `runs are told apart by who made them, and the newest is first`() throws {
        let history = RunHistory([
            try source(
                "lb1", "05:00:00 20261129T050000Z-aaa a@x|apply|finished: changed",
                "06:00:00 20261129T060000Z-aaa b@x|apply|finished: changed",
                "04:00:00 20261129T040000Z-bbb a@x|restart keepalived|finished: changed")
        ])
        #expect(history.runs.map(\.who) == ["b@x", "a@x", "a@x"])
        #expect(history.runs.map(\.id) == ["aaa", "aaa", "bbb"])
    }

    @Test(arguments: [
        (["staged", "finished: changed"], PastRun.Outcome.done, "changed"),
        (["staged", "finished: alreadyRight"], .done, "nothing to do"),
        (["staged", "finished: untouched; run refused: no"], .refused, "untouched"),
        (["staged", "finished: untouched; run interrupted"], .interrupted, "untouched"),
        (["staged", "changing", "finished: unproven(\"x\")"], .failed, "unproven"),
        (["staged", "changing", "finished: unknown; run unknown: lost"], .unknown, "unknown"),
        (["staged", "changing"], .unfinished, "unfinished"),
        (["staged", "changing", "restoring (timer)", "restored (timer)"], .wentBack, "went back by itself"),
        (["broke the lock of 20261129T054000Z-k3x9f2"], .done, "done"),
        (["handover of VI_1: 51", "finished: taken back"], .failed, "taken back"),
        (["handover of VI_1: 51", "finished: done"], .done, "done"),
        // A fix makes its change first, and ends once more.
        (["changing", "finished: changed; run done", "mended", "finished: failed"], .failed, "failed"),
    ])
    func `how a run ended is read from what it left`(events: [String], outcome: PastRun.Outcome, fate: String)
    {
        let entries = events.enumerated().map { index, event in
            RunJournal.Entry(
                time: UTCTime(millisecondsSince1970: index * 1000), run: "R", who: "a@x", what: "apply",
                event: event)
        }
        let history = RunHistory([
            RunHistory.Source(node: "lb1", cluster: "web", journal: RunJournal(entries: entries))
        ])
        #expect(history.runs.first?.outcome == outcome)
        #expect(history.runs.first?.parts.first?.fate == fate)
    }

    @Test func `a run that holds a lock is under way`() throws {
        let run = try RunHistory([
            try source("lb1", lockedBy: RunID(Self.web), "05:40:01 \(Self.web) root@vm|apply|staged")
        ]).run(named: "k3")
        #expect(run.outcome == .underWay && run.parts.first?.fate == "under way")
    }

    @Test func `a run is found by any of its names, or by the beginning of one`() throws {
        let history = try apply()
        let words = [
            "k3x9f2", "k", Self.web, Self.db, "20261129T0540",
            // As its events have it: the time at which haops was called.
            "20261129T053955Z-k3x9f2",
        ]
        for word in words {
            #expect(try history.run(named: word).id == "k3x9f2", "\(word)")
        }
    }

    @Test func `a word that names no run, or several, is told with the nearest`() throws {
        let history = RunHistory([
            try source(
                "lb1", "05:00:00 20261129T050000Z-k3aaaa a@x|apply|finished: changed",
                "06:00:00 20261129T060000Z-k3bbbb a@x|apply|finished: changed")
        ])
        #expect(
            throws: RunHistory.LookupError.ambiguous(["20261129T060000Z-k3bbbb", "20261129T050000Z-k3aaaa"])
        ) { try history.run(named: "k3") }
        #expect(throws: RunHistory.LookupError.unknown(nearest: ["k3aaaa"])) {
            try history.run(named: "k3aaba")
        }
        for word in ["", "nothing like it", "20271129T050000Z-zzzzzz"] {
            #expect(throws: RunHistory.LookupError.unknown(nearest: [])) { try history.run(named: word) }
        }
    }

    @Test func `clocks that go backwards and names of no form are no mistake`() throws {
        let history = RunHistory([
            try source("lb1", "05:00:10 odd a@x|apply|preparing", "05:00:00 odd a@x|apply|changed")
        ])
        let run = try history.run(named: "odd")
        #expect(run.parts.first?.duration == .zero && run.duration == .seconds(10))
        #expect(run.began.iso8601InSeconds == "2026-11-29T05:00:10Z")
        #expect(RunHistory([]).runs.isEmpty)
    }

    @Test func `every event that the scripts write has words`() {
        func words(_ event: String) -> String {
            RunJournal.Entry(
                time: UTCTime(millisecondsSince1970: 0), run: "R", who: "a@x", what: "apply", event: event
            ).words
        }
        #expect(words("confirmed") == "verified; automatic rollback cancelled")
        #expect(
            words("finished: restored; run failed: two owners")
                == "end of the run here: restored, because: two owners")
        #expect(words("handover of VI_1: 51") == "override of VI_1: its priority here is changed by +51")
        #expect(words("handover of VI_1: 0") == "override of VI_1 ends")
        #expect(words("handover of VI_1") == "handover of VI_1")
        #expect(words("something of a later version") == "something of a later version")
    }
}

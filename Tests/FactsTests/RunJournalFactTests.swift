import Events
import HaopsTestSupport
import Remote
import Testing

@testable import Facts

/// The journal that haops keeps on a node, of today and of earlier versions, and what is left of one after a power cut.
struct RunJournalFactTests {
    private func parse(_ text: String, status: Int = 0) throws(FactError) -> RunJournal {
        try RunJournalFact().parse(SectionOutput(text, status: status))
    }

    @Test func `lines of today and of earlier versions are read`() throws {
        let journal = try parse(
            """
            journal=3
            2026-11-29T05:40:00Z\t20261129T054000Z-k3x9f2\tops@desk\tapply\tstaged
            2026-11-29T05:41:00Z\t20261129T054000Z-k3x9f2\tops@desk\tapply\tpreparing\t203.0.113.9
            2026-11-29T05:42:00Z\t20261129T054000Z-k3x9f2\tops@desk\tapply\tchanged\t\tmore of later versions
            """)
        #expect(journal.entries.map(\.event) == ["staged", "preparing", "changed"])
        #expect(journal.entries.map(\.from) == [nil, "203.0.113.9", nil])
        #expect(journal.entries.allSatisfy { $0.run.ownPart == "k3x9f2" && $0.who == "ops@desk" })
        #expect(journal.entries.first?.time.iso8601InSeconds == "2026-11-29T05:40:00Z")
        #expect(journal.unreadable.isEmpty && !journal.isCut)
    }

    @Test func `every line that is none is told by its number`() throws {
        let journal = try parse(
            """
            journal=6
            2026-11-29T05:40:00Z\tR\tops@desk\tapply\tstaged
            2026-11-29T05:41:00Z\tR\tops@d
            yesterday\tR\tops@desk\tapply\tchanged
            2026-11-29T05:42:00Z\t\tops@desk\tapply\tchanged
            \u{0}\u{0}\u{0}
            2026-11-29T05:43:00Z\tR\tops@desk\tapply\tchanged
            """)
        #expect(journal.entries.count == 2)
        #expect(
            journal.unreadable.map(\.description) == [
                "line 2 has 3 fields, not 5", "line 3 does not begin with a time",
                "line 4 does not name a run",
                "line 5 has 1 field, not 5",
            ])
    }

    @Test func `no journal is an answer, a closed one is none`() throws {
        #expect(try parse("journal=none\n") == RunJournal())
        for (text, status) in [
            ("journal=closed\n", 0), ("journal=7\n", 1), ("journal=x\n", 0), ("", 0), ("7\n", 0),
        ] {
            #expect(throws: FactError.self, "\(text)") { try parse(text, status: status) }
        }
    }

    @Test func `a journal that was trimmed says so, and its lines keep their numbers`() throws {
        let line = "2026-11-29T05:40:00Z\tR\tops@desk\tapply\tstaged\n"
        #expect(try !parse("journal=999\n" + line).isCut)
        #expect(try parse("journal=1000\n" + line).isCut)
        let long = try parse("journal=\(RunJournalFact.mostLines + 10)\n" + line + "x\n")
        #expect(long.isCut && long.unreadable.first?.number == 12)
    }

    @Test(arguments: [
        ("finished: changed; run done", RunEnd(fate: "changed", outcome: "done")),
        (
            "finished: untouched; run refused: line 7: what; run that",
            RunEnd(fate: "untouched", outcome: "refused", why: "line 7: what; run that")
        ),
        ("finished: changed", RunEnd(fate: "changed")),
        ("finished: alreadyRight", RunEnd(fate: "nothing to do")),
        ("finished: broken(\"it (the daemon) left\")", RunEnd(fate: "broken", why: "it (the daemon) left")),
        ("finished: taken back", RunEnd(fate: "taken back")), ("finished: ", RunEnd(fate: "")),
    ])
    func `the end of a run is read`(event: String, end: RunEnd) {
        #expect(RunEnd(event: event) == end)
    }

    @Test func `the end of a run is read as it was written`() {
        for end in [
            RunEnd(fate: "restored", outcome: "failed", why: "`lb1`: haproxy does not restart"),
            RunEnd(fate: "nothing to do", outcome: "done"), RunEnd(fate: "done"),
        ] {
            #expect(RunEnd(event: end.event) == end)
        }
        #expect(RunEnd(event: "changed") == nil)
    }

    @Test func `the question is answered by what is on the machine`() async throws {
        let scratch = try Scratch()
        try scratch.write("2026-11-29T05:40:00Z\tR\tops@desk\tapply\tstaged\n", to: scratch.path("journal"))
        #expect(try await answer(in: scratch.directory).hasPrefix("journal=1\n2026-11-29T05:40:00Z\tR"))
        #expect(try await answer(in: scratch.path("none")) == "journal=none\n")
    }

    private func answer(in directory: String) async throws -> String {
        let script = RunJournalFact().script.replacing("/var/lib/haops", with: directory)
        let target = SSHTarget(id: "lb1", host: "lb1")
        return try await LocalTransport().ask(target, Command(script, operation: "test")).get().text
    }
}

import Events
import HaopsTestSupport
import Remote
import Testing

@testable import Facts

/// The logs of a node, as they are asked for and answered.
struct LogsFactTests {
    private let fact = LogsFact(since: UTCTime(millisecondsSince1970: 1_796_072_000_000))

    @Test func `parts keep their sources and bytes`() throws {
        let logs = try fact.parse(
            SectionOutput(
                """
                now=1796073000 zone=+0130
                haops-source file 1796072999 /var/log/messages
                Nov 30 21:02:54 lb1 a: b

                haops-source earlier
                1796071000.5 lb1 Keepalived_vrrp[8]: (VI_1) Entering MASTER STATE
                haops-source journal 1796072292
                1796072574.9 lb1 Keepalived_vrrp[8]: (VI_1) Entering BACKUP STATE
                """))
        #expect(logs.zone == 5400 && logs.now.millisecondsSince1970 == 1_796_073_000_000)
        #expect(logs.parts.map(\.source) == [.file("/var/log/messages"), .earlier, .journal])
        #expect(
            logs.parts.map { String(decoding: $0.bytes, as: UTF8.self).count(where: \.isNewline) } == [
                1, 1, 1,
            ])
        #expect(logs.journalBegins?.millisecondsSince1970 == 1_796_072_292_000 && !logs.isCut)
    }

    @Test(arguments: [
        "", "now=x zone=+0000", "now=1", "now=1 zone=x", "now=9223372036854775807 zone=+0000",
        "haops-source journal 1",
    ])
    func `an answer that does not begin as it should is none`(text: String) {
        #expect(throws: FactError.self) { try fact.parse(SectionOutput(text)) }
    }

    @Test func `times of the question are numbers in its script`() {
        #expect(fact.script.contains("since=1796072000 until=\n"))
        #expect(LogsFact.followScript(since: fact.since).contains("--since=@1796072000"))
    }
}

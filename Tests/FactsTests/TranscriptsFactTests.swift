import Testing

@testable import Facts

struct TranscriptsFactTests {
    @Test func `an output that imitates a head is an output`() throws {
        let text = "transcript 25 ip address\ntranscript 3 uname -a\nabc\ntranscript 2 uptime\nhi\n"
        let found = try TranscriptsFact().parse(SectionOutput(text))
        #expect(found.map(\.command) == ["ip address", "uptime"])
        #expect(String(decoding: found[0].bytes, as: UTF8.self) == "transcript 3 uname -a\nabc")
    }

    @Test(arguments: [
        "transcript 99999 x\nshort\n", "transcript -1 x\n\n", "nonsense\n",
        "transcript 9223372036854775807 x\n\n",
    ])
    func `a head that does not fit is an error and no crash`(_ text: String) {
        #expect(throws: FactError.self) { try TranscriptsFact().parse(SectionOutput(text)) }
    }
}

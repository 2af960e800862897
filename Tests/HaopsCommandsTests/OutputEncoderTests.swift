import Remote
import Testing

@testable import HaopsCommands

struct OutputEncoderTests {
    private struct Inner: Encodable {
        var from: String
        var outageMs: Int?
    }

    private struct Sample: Encodable {
        var zebra: String
        var checkedAt: String?
        var flag: Bool?
        var count: Int
        var moves: [Inner]
        var one: Inner?
        var names: [String]?
        var steps: IfPresent<[String]>
    }

    private let sample = Sample(
        zebra: "z", checkedAt: nil, flag: nil, count: 2,
        moves: [Inner(from: "lb1", outageMs: 3), Inner(from: "lb2", outageMs: nil)], one: nil, names: nil,
        steps: IfPresent(nil))

    @Test func `members stand in the type's order, and what is not known is null`() {
        #expect(
            OutputEncoder().encode(sample).jsonOnOneLine
                == #"{"zebra":"z","checked_at":null,"flag":null,"count":2,"moves":[{"from":"lb1","outage_ms":3},"#
                + #"{"from":"lb2","outage_ms":null}],"one":null,"names":null}"#)
    }

    @Test func `a member that may be missing is there when it has a value, even an empty one`() {
        var sample = sample
        sample.steps = IfPresent([])
        #expect(OutputEncoder().encode(sample).jsonOnOneLine.hasSuffix(#""names":null,"steps":[]}"#))
    }

    @Test func `a format of others keeps the names of its members`() {
        #expect(
            OutputEncoder(names: .verbatim).encode(Inner(from: "a", outageMs: 1)).jsonOnOneLine
                == #"{"from":"a","outageMs":1}"#)
    }

    private struct Both: Encodable {
        private enum Keys: CodingKey { case head }
        func encode(to encoder: any Encoder) throws {
            var head = encoder.container(keyedBy: Keys.self)
            try head.encode(1, forKey: .head)
            try Inner(from: "a", outageMs: nil).encode(to: encoder)
        }
    }

    @Test func `a document's own members stand behind its head`() {
        #expect(
            OutputEncoder().encode(Both()).jsonOnOneLine == #"{"head":1,"from":"a","outage_ms":null}"#)
    }

    @Test func `texts, numbers and lists may stand alone, empty or not`() {
        #expect(OutputEncoder().encode("a").jsonOnOneLine == #""a""#)
        #expect(OutputEncoder().encode([1, 2]).jsonOnOneLine == "[1,2]")
        #expect(OutputEncoder().encode([[String]]()).jsonOnOneLine == "[]")
        #expect(OutputEncoder().encode(UInt8(7)).jsonOnOneLine == "7")
    }

    @Test func `every form of an answer is made of one value`() {
        let document = ExecDocument([("lb1", .failure(.unreachable(host: "lb1", cause: "refused")))])
        let report = Report(command: "exec", document, text: "")
        let json = report.document.jsonOnOneLine
        #expect(json.hasPrefix(#"{"schema_version":1,"command":"exec","checked_at":""#), "\(json)")
        #expect(
            json.hasSuffix(
                #""nodes":[{"node":"lb1","reachable":false,"error":"`lb1`: cannot connect: refused"}]}"#),
            "\(json)")
        #expect(report.tsv.tsv == "node\texit\toutput\nlb1\tunknown\t`lb1`: cannot connect: refused\n")
    }
}

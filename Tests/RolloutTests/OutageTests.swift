import Addresses
import Checks
import Keepalived
import Remote
import Testing

@testable import Rollout

struct OutageTests {
    private static let interval = 10_000

    /// Questions every 10 ms from time 0, of which some have no answer; each answer takes 1 ms.
    private func answers(_ count: Int, lost: Set<Int> = [], late: [Int: Int] = [:]) -> [ProbeAnswer] {
        (0..<count).filter { !lost.contains($0) }.map { number in
            let sent = number * Self.interval
            return ProbeAnswer(number: number, sent: sent, received: sent + (late[number] ?? 1000))
        }
    }

    private func outage(_ answers: [ProbeAnswer], _ time: Range<Int>) -> Outage {
        Outage(answers, interval: Self.interval, within: time)
    }

    @Test func `where every question is answered nothing is silent`() {
        let calm = outage(answers(100), 100_000..<900_000)
        #expect(calm.sent == 80 && calm.lost == 0 && calm.silence == 0 && calm.interruptions == 0)
        #expect(calm.longestGap == Self.interval)
        #expect(calm.firstLost == nil && calm.answeredAgain == nil)
    }

    @Test func `silence is from the first lost question to the first answer`() {
        let one = outage(answers(100, lost: Set(20..<50)), 0..<1_000_000)
        #expect(one.sent == 100 && one.lost == 30 && one.interruptions == 1)
        #expect(one.firstLost == 200_000 && one.answeredAgain == 501_000)
        #expect(one.silence == 301_000)
        #expect(one.longestGap == 310_000)
    }

    @Test func `of several interruptions the longest is the silence`() {
        let two = outage(answers(100, lost: Set(10..<12).union(40..<60)), 0..<1_000_000)
        #expect(two.lost == 22 && two.interruptions == 2)
        #expect(two.firstLost == 400_000 && two.silence == 201_000)
    }

    @Test func `an address that answers no more is silent to the end`() {
        let dark = outage(answers(50), 0..<1_000_000)
        #expect(dark.sent == 100 && dark.lost == 50)
        #expect(dark.firstLost == 500_000 && dark.answeredAgain == nil && dark.silence == 500_000)
    }

    @Test func `an address that never answered is silent all the time`() {
        let dark = outage([], 0..<1_000_000)
        #expect(dark.lost == 100 && dark.silence == 1_000_000 && dark.answeredAgain == nil)
    }

    @Test func `questions outside the time do not count`() {
        let all = answers(200, lost: Set(80..<120))
        let early = outage(all, 0..<500_000)
        #expect(early.lost == 0 && early.sent == 50)
        let late = outage(all, 1_000_000..<2_000_000)
        #expect(late.lost == 20 && late.firstLost == 1_000_000 && late.silence == 201_000)
    }

    @Test func `an answer after the time still ends the silence`() {
        let cut = outage(answers(200, lost: Set(80..<120)), 500_000..<1_000_000)
        #expect(cut.lost == 20 && cut.firstLost == 800_000 && cut.answeredAgain == 1_201_000)
    }

    @Test func `an answer that comes late is no loss, and shows in the gap`() {
        // The neighbour's address was being resolved, and the question waited for it.
        let late = outage(answers(100, lost: Set(21..<60), late: [20: 400_000]), 0..<1_000_000)
        #expect(late.lost == 39 && late.firstLost == 210_000)
        #expect(late.silence == 391_000)
    }

    @Test func `a question that was repeated in vain does not prolong the silence`() {
        // The first two connections after the loss were tried again after a second.
        let some = outage(
            answers(200, lost: Set(20..<40), late: [40: 1_000_000, 41: 1_000_000]), 0..<2_000_000)
        #expect(some.lost == 20 && some.answeredAgain == 421_000 && some.silence == 221_000)
    }

    @Test func `a few questions at the end may be under way`() {
        let end = outage(answers(98), 0..<1_000_000)
        #expect(end.lost == 0 && end.silence == 0)
    }

    @Test func `every question is known, and those without an answer are as many as the outage says`() {
        let all = answers(50, lost: Set(20..<30))
        let time = 100_000..<1_000_000
        let questions = ProbeQuestion.all(all, interval: Self.interval, within: time)
        let figures = outage(all, time)
        #expect(questions.count == figures.sent && questions.count { $0.took == nil } == figures.lost)
        #expect(questions.map(\.sent) == Array(stride(from: 100_000, to: 1_000_000, by: Self.interval)))
        #expect(questions[0].took == 1000 && questions[10].took == nil && questions[40].took == nil)
        #expect(ProbeQuestion.all(answers(98), interval: Self.interval, within: time).count == 88)
    }

    @Test func `pings are read with their numbers, times and senders`() throws {
        var lines = ProbeLines()
        lines.add("PING 203.0.113.50 (203.0.113.50) 56(84) bytes of data.")
        lines.add("[1795251249.451859] 64 bytes from 203.0.113.50: icmp_seq=1 ttl=64 time=0.859 ms")
        lines.add("[1795251249.461859] 64 bytes from 203.0.113.50: icmp_seq=2 ttl=64 time=0.100 ms")
        lines.add("[1795251249.461900] 64 bytes from 203.0.113.50: icmp_seq=2 ttl=64 time=0.141 ms (DUP!)")
        lines.add("[1795251249.471859] 64 bytes from 2001:db8::50: icmp_seq=7 ttl=64 time=1 ms")
        lines.add("[1795251249.481859] From 203.0.113.5 icmp_seq=8 Destination Host Unreachable")
        lines.add("[x] 64 bytes from 203.0.113.50: icmp_seq=-1 ttl=64 time=1 ms")
        lines.add("[1.1] 64 bytes from 203.0.113.50: icmp_seq=99999999999999999999 ttl=64 time=nan ms")
        let four = try #require(IPAddress("203.0.113.50"))
        let six = try #require(IPAddress("2001:db8::50"))
        #expect(
            lines.answers[ProbeTarget(four, .icmp)] == [
                ProbeAnswer(
                    number: 1, sent: 1_795_251_249_451_000, received: 1_795_251_249_451_859),
                ProbeAnswer(
                    number: 2, sent: 1_795_251_249_461_759, received: 1_795_251_249_461_859),
            ])
        #expect(lines.duplicates == [four: 1])
        #expect(lines.answers[ProbeTarget(six, .icmp)]?.map(\.number) == [7])
    }

    @Test func `connections and requests are read with their own times`() throws {
        var lines = ProbeLines()
        lines.add("http 203.0.113.50 80 7 1795251249.451859 1795251249.453859")
        lines.add("tcp 2001:db8::50 443 1 1795251249.451859 1795251249.452859")
        lines.add("http 203.0.113.50 80 8 1795251249.451859 1795251249.441859")
        lines.add("http 203.0.113.50 80 9 1795251249.451859")
        lines.add("cut 203.0.113.50 80 1795251249.451859 1795251249.952859")
        lines.add("cut 203.0.113.50 80 1795251249.451859 x")
        lines.add("http 203.0.113.50 99999 9 1795251249.451859 1795251249.453859")
        let four = try #require(IPAddress("203.0.113.50"))
        let six = try #require(IPAddress("2001:db8::50"))
        #expect(
            lines.answers == [
                ProbeTarget(four, .http(port: 80)): [
                    ProbeAnswer(number: 7, sent: 1_795_251_249_451_859, received: 1_795_251_249_453_859)
                ],
                ProbeTarget(six, .tcp(port: 443)): [
                    ProbeAnswer(number: 1, sent: 1_795_251_249_451_859, received: 1_795_251_249_452_859)
                ],
            ])
        #expect(
            lines.cuts == [
                ConnectionCut(
                    target: ProbeTarget(four, .http(port: 80)), last: 1_795_251_249_451_859,
                    noticed: 1_795_251_249_952_859)
            ])
    }

    @Test func `numbers go on after the last one that fits into a packet`() throws {
        var lines = ProbeLines()
        func answer(_ number: Int) {
            lines.add("[1795251249.451859] 64 bytes from 203.0.113.50: icmp_seq=\(number) ttl=64 time=1 ms")
        }
        for number in [65534, 65535, 0, 2, 1, 3] { answer(number) }
        let address = try #require(IPAddress("203.0.113.50"))
        #expect(
            lines.answers[ProbeTarget(address, .icmp)]?.map(\.number) == [
                65534, 65535, 65536, 65537, 65538, 65539,
            ])
    }

    @Test func `a difference from what was foretold is a finding beyond 300 ms, or in who has the addresses`()
        throws
    {
        var row = ReadinessRow(.stop, of: ["lb1"])
        row.owners = ["lb2"]
        row.silence = OutagePrediction(shortest: .milliseconds(600), longest: .milliseconds(600))
        func result(lost: Range<Int>, holders: [String]) throws -> DrillResult {
            var result = DrillResult(failure: .stop, nodes: [HostID("lb1")])
            let outage = outage(answers(300, lost: Set(lost)), 0..<3_000_000)
            result.measurements = [
                DrillResult.Measurement(
                    address: try #require(IPAddress("203.0.113.50")), instance: "VI_1",
                    observer: HostID("client"), probe: .icmp,
                    interval: Self.interval, resolution: 20_000, failover: outage, reversion: Outage(),
                    duplicates: 0, clockBound: 0)
            ]
            result.comparisons = [DrillResult.Comparison(instance: "VI_1", row: row, holders: holders)]
            result.compare()
            return result
        }
        #expect(try result(lost: 50..<110, holders: ["lb2"]).findings.isEmpty)
        #expect(try result(lost: 50..<130, holders: ["lb2"]).findings.isEmpty)
        #expect(try result(lost: 50..<150, holders: ["lb2"]).findings.count == 1)
        #expect(try result(lost: 50..<51, holders: ["lb2"]).findings.count == 1)
        #expect(try result(lost: 50..<110, holders: ["lb1", "lb2"]).findings.count == 1)
    }

    @Test func `of the way back its own time and silence are judged`() throws {
        var row = ReadinessRow(.stop, of: ["lb1"])
        row.owners = ["lb2"]
        row.silence = OutagePrediction(shortest: .milliseconds(600), longest: .milliseconds(600))
        let after = OutagePrediction(shortest: .milliseconds(3400), longest: .milliseconds(3400))
        row.afterwards = .goesBack(to: "lb1", after: after)
        func result(lost: Range<Int>, returned: Int) throws -> DrillResult {
            var result = DrillResult(failure: .failback, nodes: [HostID("lb1")])
            result.measurements = [
                DrillResult.Measurement(
                    address: try #require(IPAddress("203.0.113.50")), instance: "VI_1",
                    observer: HostID("client"), probe: .icmp, interval: Self.interval, resolution: 20_000,
                    failover: outage(answers(300, lost: Set(50..<250)), 0..<3_000_000),
                    reversion: outage(answers(300, lost: Set(lost)), 0..<3_000_000), duplicates: 0,
                    clockBound: 0)
            ]
            result.comparisons = [
                DrillResult.Comparison(instance: "VI_1", row: row, holders: ["lb2"], returned: returned)
            ]
            result.compare()
            return result
        }
        let fine = try result(lost: 50..<60, returned: 3_500_000)
        #expect(fine.findings.isEmpty && fine.worstSilence == 101_000)
        #expect(try result(lost: 50..<60, returned: 4_300_000).findings.isEmpty)
        #expect(try result(lost: 50..<60, returned: 4_800_000).findings.count == 1)
        #expect(try result(lost: 50..<60, returned: 3_000_000).findings.count == 1)
        #expect(try result(lost: 50..<90, returned: 3_500_000).findings.count == 1)
    }
}

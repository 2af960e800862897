import Testing

@testable import Events

struct UTCTimeTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_709_251_199_999, "2024-02-29T23:59:59.999Z"), (1_795_941_918_123, "2026-11-29T08:45:18.123Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    ])
    func `a time is printed and read back`(milliseconds: Int, text: String) throws {
        let time = UTCTime(millisecondsSince1970: milliseconds)
        #expect(time.iso8601 == text)
        #expect(UTCTime(text) == time)
    }

    @Test func `a journal's time and a run's name are read as well`() throws {
        let time = try #require(UTCTime("2026-11-29T05:40:00Z"))
        #expect(time.compact == "20261129T054000Z" && time.iso8601InSeconds == "2026-11-29T05:40:00Z")
        #expect(RunID("20261129T054000Z-k3x9f2").began == time)
        #expect(RunID("nobody").began == nil)
        let later = try #require(UTCTime("2026-11-29T05:40:01.500Z"))
        #expect(later - time == .milliseconds(1500))
    }

    @Test(arguments: [
        "", "Z", "2026-11-29T05:40:00", "2026-11-29 05:40:00Z", "2026-13-29T05:40:00Z",
        "2026-02-30T05:40:00Z",
        "2026-11-29T24:40:00Z", "2026-11-29T05:60:00Z", "2026-11-29T05:40:00.5Z", "20261129T0540001Z",
        "2026-11-29T05:40:0é", "００２６1129T054000Z",
    ])
    func `what is no time is none`(text: String) {
        #expect(UTCTime(text) == nil)
    }

    @Test func `names of runs sort by time`() throws {
        let earlier = RunID.new(at: try #require(UTCTime("2026-11-29T05:40:00Z")))
        let later = RunID.new(at: try #require(UTCTime("2026-11-29T05:40:01Z")))
        let began = try #require(earlier.began)
        #expect(earlier < later && earlier != RunID.new(at: began))
    }
}

import Events
import Testing

@testable import Pictures

struct LaneLayoutTests {
    private static let start = UTCTime(millisecondsSince1970: 1_796_095_630_000)

    private static func time(_ milliseconds: Int) -> UTCTime {
        UTCTime(millisecondsSince1970: start.millisecondsSince1970 + milliseconds)
    }

    private static func picture(_ times: [Int], span: Int = 10_000, name: String = "lb1") -> LanePicture {
        LanePicture(
            title: "VI_1", caption: "lb1 lost it", from: start, to: time(span),
            lanes: [
                .init(name: name, marks: times.map { .init(at: time($0), "event \($0)") }),
                .init(name: "lb2", bands: [.init(from: time(900), to: nil, label: "MASTER")]),
            ], gap: .init(from: time(500), to: time(900), label: "nobody 400 ms"))
    }

    @Test(arguments: [
        [], [0], [0, 1, 2, 3, 4], [9_999, 9_999, 10_000], [5_000, 5_001, 5_002, 9_990, 9_991],
        Array(repeating: 3_000, count: 60), Array(stride(from: 0, to: 10_000, by: 100)),
    ])
    func `signs stand in order, side by side, and inside`(_ times: [Int]) {
        let layout = LaneLayout(picture: Self.picture(times))
        let signs = layout.signs(ofLane: 0)
        let room = Int((layout.plot.right - layout.plot.left) / (2 * LaneLayout.radius + 2))
        #expect(signs.count == min(times.count, room))
        for (left, right) in zip(signs, signs.dropFirst()) {
            #expect(right.place - left.place >= 2 * LaneLayout.radius)
            #expect(right.number == left.number + 1)
        }
        for sign in signs {
            #expect(sign.place - LaneLayout.radius >= layout.plot.left - 0.01)
            #expect(sign.place + LaneLayout.radius <= layout.plot.right + 0.01)
        }
    }

    @Test(arguments: [1, 7, 40, 999, 4_000, 61_000, 3_600_000, 86_400_000 * 30])
    func `times below the lanes have room`(_ span: Int) {
        let ticks = LaneLayout(picture: Self.picture([], span: span)).ticks
        #expect(!ticks.isEmpty || span < 2)
        for (left, right) in zip(ticks, ticks.dropFirst()) {
            #expect(right.x - left.x >= Double(left.label.count) * 6.5, "\(left.label) \(right.label)")
        }
    }

    @Test func `a label of a short stretch stays inside`() {
        let layout = LaneLayout(picture: Self.picture([]))
        let label = "nobody 400 ms"
        for x in [layout.plot.left, layout.plot.right] {
            let middle = layout.middle(of: label, from: x, to: x)
            #expect(middle - 45 >= layout.plot.left && middle + 45 <= layout.plot.right)
        }
    }

    @Test func `a text of a node stays a text`() {
        var picture = Self.picture([1_000], name: "lb1\"><script>x")
        picture.lanes[0].marks[0].text = "</title><script>alert(1)</script>&"
        picture.caption = "<b>"
        for text in [picture.svg(), PicturePage(title: "<i>", remarks: ["<u>"], pictures: [picture]).html] {
            for tag in ["<script", "<b>", "<i>", "<u>"] { #expect(!text.contains(tag)) }
            #expect(!text.contains("http://") || text.contains("http://www.w3.org/2000/svg"))
        }
    }

    @Test func `a name that is too long is cut`() {
        let layout = LaneLayout(picture: Self.picture([]))
        #expect(layout.shortened("lb1") == "lb1")
        #expect(layout.shortened(String(repeating: "x", count: 80)).count < 20)
    }

    @Test(arguments: [[0, 1, 2, 3], [9_999, 10_000], Array(repeating: 5_000, count: 70)], [40, 80, 200])
    func `lines of text fit and have every event`(_ times: [Int], _ width: Int) {
        let lines = Self.picture(times).text(width: width, signs: .ascii)
        let drawn = lines.prefix { !$0.hasPrefix("  1  ") }
        #expect(drawn.allSatisfy { $0.count <= width })
        #expect(drawn.first?.hasSuffix("nobody 400 ms") == true)
        let second = drawn.first { $0.hasPrefix("  lb2 ") }
        #expect(second?.contains("-.") == true && second?.hasSuffix("====") == true)
        let columns = width - 6
        let signs = drawn[2].filter { $0 != " " }
        #expect(signs.count == min(times.count, 61, columns) && Set(signs).count == signs.count)
        #expect(lines.count - drawn.count == min(times.count, 61))
    }

    @Test func `a strip has the longest answer of each column, and what was lost`() {
        let samples: [LanePicture.Strip.Sample] = (0..<100).map {
            .init(at: Self.time($0 * 100), took: (40..<60).contains($0) ? nil : $0 == 10 ? 1_000_000 : 200)
        }
        let strip = LanePicture.Strip(samples)
        let columns = StripColumns(strip, count: 10, in: Self.start...Self.time(10_000)) {
            ($0.millisecondsSince1970 - Self.start.millisecondsSince1970) / 1000
        }.columns
        #expect(columns.map(\.isLost) == (0..<10).map { $0 == 4 || $0 == 5 })
        #expect(columns[1].height == 1 && columns[4].height == nil)
        #expect(columns[0].height == StripColumns.height(200))
        let heights = [0, 20, 200, 2000, 20_000, 200_000, 1_000_000, 60_000_000].map(StripColumns.height)
        #expect(heights == heights.sorted() && heights[0] == 0 && heights[7] == 1)
        var picture = Self.picture([1000])
        picture.lanes[0].strip = strip
        let layout = LaneLayout(picture: picture)
        #expect(layout.stripTop(ofLane: 0) + LaneLayout.stripHeight < layout.signMiddle(ofLane: 0))
        #expect(layout.signMiddle(ofLane: 0) + LaneLayout.radius < layout.top(ofLane: 1))
        #expect(picture.svg().contains("class=\"lost\"") && picture.svg().contains("class=\"latency\""))
        let lines = picture.text(width: 60, signs: .ascii)
        #expect(lines.contains { $0.contains("xxxx") && $0.contains("|") && $0.contains("_") })
    }
}

import Events

/// Where everything of a ``LanePicture`` stands, in units of SVG: nothing overlaps and nothing leaves the picture.
struct LaneLayout {
    static let width = 960.0
    private static let right = 946.0
    /// Of the sign of an event, and the distance between two.
    static let radius = 9.0
    private static let distance = 20.0
    static let head = 30.0
    static let bandHeight = 20.0
    /// Of a lane with bands alone; what a strip, events and a caption need is added.
    private static let bandsHeight = 34.0
    static let stripHeight = 24.0
    private static let stripRoom = 30.0
    private static let signRoom = 24.0
    private static let captionRoom = 8.0
    /// What a letter of the labels takes at most.
    private static let letter = 7.2
    private static let boldLetter = 8.4
    private static let smallLetter = 6.6

    let picture: LanePicture
    /// Where the lanes begin: behind the longest name, as far as there is room.
    private let left: Double
    private let tops: [Double]
    let bottom: Double

    init(picture: LanePicture) {
        self.picture = picture
        let longest = picture.lanes.map {
            max(Double($0.name.count) * Self.boldLetter, Double($0.caption.count) * Self.smallLetter)
        }
        left = min(260, max(90, (longest.max() ?? 0) + 22))
        var tops: [Double] = []
        var top = Self.head
        for lane in picture.lanes {
            tops.append(top)
            top += Self.height(of: lane)
        }
        (self.tops, bottom) = (tops, top)
    }

    private static func height(of lane: LanePicture.Lane) -> Double {
        let strip = lane.strip == nil ? 0 : stripRoom
        let signs = lane.marks.isEmpty ? 0 : signRoom
        return bandsHeight + strip + max(signs, lane.caption.isEmpty || strip > 0 ? 0 : captionRoom)
    }

    /// Where the strip of a lane begins.
    func stripTop(ofLane lane: Int) -> Double { tops[lane] + Self.bandsHeight - 2 }

    /// Where the middle of the signs of a lane's events is.
    func signMiddle(ofLane lane: Int) -> Double {
        tops[lane] + 43 + (picture.lanes[lane].strip == nil ? 0 : Self.stripRoom)
    }

    var plot: (left: Double, right: Double) { (left, Self.right) }
    var height: Double { bottom + 26 }

    func x(_ time: UTCTime) -> Double {
        let span = Double(picture.end.millisecondsSince1970 - picture.start.millisecondsSince1970)
        let offset = Double(time.millisecondsSince1970 - picture.start.millisecondsSince1970)
        return left + (Self.right - left) * min(1, max(0, offset / span))
    }

    func top(ofLane lane: Int) -> Double { tops[lane] }

    /// The signs of one lane's events: where each happened, and where its sign stands, beside its neighbours.
    ///
    /// More events than fit are not drawn.
    func signs(ofLane lane: Int) -> [(number: Int, time: Double, place: Double, mark: LanePicture.Mark)] {
        let most = Int((Self.right - left) / Self.distance)
        let all = picture.numbered.enumerated().filter { $0.element.lane == lane }.prefix(most)
        var places = all.map { x($0.element.mark.time) }
        let first = left + Self.radius
        for index in places.indices {
            places[index] = max(places[index], index == 0 ? first : places[index - 1] + Self.distance)
        }
        var limit = Self.right - Self.radius
        for index in places.indices.reversed() {
            places[index] = min(places[index], limit)
            limit = places[index] - Self.distance
        }
        return zip(all, places).map {
            ($0.offset + 1, x($0.element.mark.time), $1, $0.element.mark)
        }
    }

    /// The times below the lanes, eight at most.
    var ticks: [(time: UTCTime, x: Double, label: String)] {
        let start = picture.start.millisecondsSince1970
        let end = picture.end.millisecondsSince1970
        let step = Self.steps.first { (end - start) / $0 <= 7 } ?? Self.steps[Self.steps.count - 1]
        let first = (start + step - 1) / step * step
        return stride(from: first, through: end, by: step).prefix(8).map { time in
            let moment = UTCTime(millisecondsSince1970: time)
            return (moment, x(moment), String(moment.clock.prefix(step < 1000 ? 12 : 8)))
        }
    }

    private static let steps = [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
        300_000,
        600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 604_800_000,
        2_592_000_000,
    ]

    /// Where a label stands that belongs to a stretch and may be longer than it: inside the picture.
    func middle(of label: String, from start: Double, to end: Double) -> Double {
        let half = Double(label.count) * Self.letter / 2
        return min(max((start + end) / 2, left + half), Self.right - half)
    }

    func fits(_ label: String, in width: Double) -> Bool { Double(label.count) * Self.letter + 8 <= width }

    /// A lane's name, as much of it as there is room for.
    func shortened(_ name: String) -> String { shortened(name, Self.boldLetter) }

    func shortenedCaption(_ caption: String) -> String { shortened(caption, Self.smallLetter) }

    private func shortened(_ name: String, _ letter: Double) -> String {
        let most = Int((left - 18) / letter)
        return name.count <= most ? name : name.prefix(most - 1) + "…"
    }
}

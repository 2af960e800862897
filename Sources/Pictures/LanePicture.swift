package import Events

/// What happened in a stretch of time: a lane for each node, with who owned an address, and numbered events.
package struct LanePicture: Hashable, Sendable {
    /// A stretch of a lane.
    package struct Band: Hashable, Sendable {
        /// `nil` where it began before the picture, or nobody knows when.
        package var start: UTCTime?
        package var end: UTCTime?
        package var label: String

        package init(from start: UTCTime?, to end: UTCTime?, label: String) {
            (self.start, self.end, self.label) = (start, end, label)
        }
    }

    /// An event on a lane.
    package struct Mark: Hashable, Sendable {
        package var time: UTCTime
        package var text: String
        /// Whether a role changed by it.
        package var isTransition: Bool

        package init(at time: UTCTime, _ text: String, isTransition: Bool = false) {
            (self.time, self.text, self.isTransition) = (time, text, isTransition)
        }
    }

    package struct Lane: Hashable, Sendable {
        package var name: String
        package var bands: [Band]
        package var marks: [Mark]

        package init(name: String, bands: [Band] = [], marks: [Mark] = []) {
            (self.name, self.bands, self.marks) = (name, bands, marks)
        }
    }

    /// A stretch in which an address had no owner, or two.
    package struct Gap: Hashable, Sendable {
        package var start: UTCTime
        package var end: UTCTime
        package var label: String

        package init(from start: UTCTime, to end: UTCTime, label: String) {
            (self.start, self.end, self.label) = (start, end, label)
        }
    }

    package var title: String
    /// The story in a sentence.
    package var caption: String
    package var start: UTCTime
    package var end: UTCTime
    package var lanes: [Lane]
    package var gap: Gap?

    package init(
        title: String, caption: String, from start: UTCTime, to end: UTCTime, lanes: [Lane], gap: Gap? = nil
    ) {
        (self.title, self.caption) = (title, caption)
        self.start = start
        self.end = max(end, UTCTime(millisecondsSince1970: start.millisecondsSince1970 + 1))
        (self.lanes, self.gap) = (lanes, gap)
    }

    /// All events in order of time, each with the lane it is on; a picture numbers them so, from 1.
    package var numbered: [(lane: Int, mark: Mark)] {
        lanes.enumerated().flatMap { lane in lane.element.marks.map { (lane: lane.offset, mark: $0) } }
            .sorted { ($0.mark.time, $0.lane) < ($1.mark.time, $1.lane) }
    }
}

extension UTCTime {
    /// `03:27:18.117`.
    var clock: String { String(iso8601.dropFirst(11).prefix(12)) }
}

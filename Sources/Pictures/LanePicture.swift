package import Events

/// What happened in a stretch of time: a lane for each node, with who owned an address, and numbered events.
package struct LanePicture: Hashable, Sendable {
    /// A stretch of a lane.
    package struct Band: Hashable, Sendable {
        /// `nil` where it began before the picture, or nobody knows when.
        package var start: UTCTime?
        package var end: UTCTime?
        package var label: String
        package var kind: Kind

        package enum Kind: String, Hashable, Sendable, CaseIterable {
            /// Somebody has something.
            case held
            /// A step on the way to the next one.
            case step
            /// What was expected: certain up to the shortest time.
            case expected
            /// From the shortest expected time to the longest.
            case possible
            /// Nobody had an answer.
            case silent
        }

        package init(from start: UTCTime?, to end: UTCTime?, label: String, kind: Kind = .held) {
            (self.start, self.end, self.label, self.kind) = (start, end, label, kind)
        }
    }

    /// Questions at a time each, below the bands of a lane: how long their answers took.
    package struct Strip: Hashable, Sendable {
        package struct Sample: Hashable, Sendable {
            package var time: UTCTime
            /// Microseconds; `nil` where there was no answer.
            package var took: Int?

            package init(at time: UTCTime, took: Int?) { (self.time, self.took) = (time, took) }
        }

        package var samples: [Sample]

        package init(_ samples: [Sample]) { self.samples = samples }
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
        /// A few words below the name.
        package var caption: String
        package var bands: [Band]
        package var strip: Strip?
        package var marks: [Mark]

        package init(
            name: String, caption: String = "", bands: [Band] = [], strip: Strip? = nil, marks: [Mark] = []
        ) {
            (self.name, self.caption, self.bands) = (name, caption, bands)
            (self.strip, self.marks) = (strip, marks)
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

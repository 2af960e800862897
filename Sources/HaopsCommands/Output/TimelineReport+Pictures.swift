import Events
import Pictures
import Survey
import Timeline

extension TimelineReport {
    /// More failovers are not drawn; the newest are.
    private static let mostPictures = 40
    /// More events of one failover are not drawn.
    private static let mostMarks = 60

    /// A picture of each failover, in order.
    var pictures: [LanePicture] {
        let story = outcome.story
        let rows = outcome.events.filter { !$0.isDetail }
        return story.failovers.filter { isWanted($0.instance) && $0.isDrawn }.suffix(Self.mostPictures).map {
            picture(of: $0, story.holds, rows)
        }
    }

    /// What holds for all pictures.
    var pictureRemarks: [String] {
        let bound = outcome.logs.filter(\.clock.isMeasured).map(\.clock.bound).max()
        return [
            "Times are UTC. Bars show who was MASTER by its own log; numbers are events, listed below each picture.",
            bound.map { "The nodes' clocks were compared to within \(Failover.duration($0))." }
                ?? "The nodes' clocks were not compared: times are as logged.",
        ]
    }

    private func picture(
        of failover: Failover, _ holds: [Story.Hold], _ events: [TimelineEvent]
    ) -> LanePicture {
        let first = failover.time.millisecondsSince1970
        let last = failover.lastTime.millisecondsSince1970
        // What led to it is before it: checks that failed, an interface that went down.
        let start = UTCTime(millisecondsSince1970: first - max(4_000, (last - first) * 3 / 5))
        let end = UTCTime(millisecondsSince1970: last + max(2_000, (last - first) / 3))
        let shown = events.filter {
            $0.cluster == failover.cluster && $0.time >= start && $0.time <= end
                && ($0.instance.map { $0 == failover.instance } ?? true)
        }.prefix(Self.mostMarks)
        let nodes = outcome.logs.filter { $0.cluster == failover.cluster }.map(\.node)
        let lanes = nodes.map { node in
            LanePicture.Lane(
                name: node.safeOnOneLine,
                bands: holds.filter {
                    $0.cluster == failover.cluster && $0.instance == failover.instance && $0.node == node
                        && ($0.start ?? start) <= end && ($0.end ?? end) >= start
                }.map { LanePicture.Band(from: $0.start, to: $0.end, label: "MASTER") },
                marks: shown.filter { $0.node == node }.map {
                    LanePicture.Mark(
                        at: $0.time, $0.words.concealed.safeOnOneLine, isTransition: $0.isTransition)
                })
        }
        let cluster = failover.cluster.isEmpty ? "" : "\(failover.cluster): "
        return LanePicture(
            title:
                "\(cluster)\(failover.instance), \(failover.time.date) \(failover.time.clock(precision: 1000))"
                .safeOnOneLine,
            caption: failover.sentence(clocksCompared: clocksCompared).concealed.safeOnOneLine,
            from: start, to: end, lanes: lanes, gap: failover.gap)
    }
}

extension Failover {
    /// Whether something happened at a known moment.
    fileprivate var isDrawn: Bool {
        switch course {
        case .moved, .retaken, .twoOwners, .lost: lostAt != nil || takenAt != nil
        case .first, .notTakenBack: false
        }
    }

    /// The time without an owner, or with two.
    fileprivate var gap: LanePicture.Gap? {
        guard let lostAt, let takenAt else { return nil }
        switch silence {
        case .nobody(let milliseconds, let precision) where milliseconds > 0:
            return LanePicture.Gap(
                from: lostAt.time, to: takenAt.time,
                label: "nobody \(Failover.span(milliseconds, precision: precision))")
        case .both(let milliseconds, let precision) where milliseconds > 0 && !isHandover:
            return LanePicture.Gap(
                from: takenAt.time, to: lostAt.time,
                label: "two owners \(Failover.span(milliseconds, precision: precision))")
        case .nobody, .both, .unknown: return nil
        }
    }
}

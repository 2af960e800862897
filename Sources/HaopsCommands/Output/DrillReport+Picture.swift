import Checks
import Events
import Inventory
import Keepalived
import Pictures
import Remote
import Rollout

extension DrillReport {
    static let pictureRemarks = [
        "Times are UTC, by the clock of the machine that ran haops. Bars of observers: the address answered. Numbers are events, "
            + "listed below each picture.",
        "Red is the longest silence that an observer measured while the failure lasted.",
    ]

    /// What was measured, with a lane for each node and for each address that an observer asked; `nil` without a measurement.
    var picture: LanePicture? {
        guard let result = run.drill, let begins = result.begins, let ends = result.ends,
            !result.measurements.isEmpty
        else { return nil }
        let events = marks(of: result, begins, ends)
        let last = events.map(\.mark.time.millisecondsSince1970).max() ?? ends / 1000
        let start = UTCTime(millisecondsSince1970: begins / 1000 - 1_000)
        let end = UTCTime(millisecondsSince1970: max(last, ends / 1000) + 1_000)
        let nodes = plan.cluster.nodes.map(\.id)
        let lanes =
            nodes.map { node in
                LanePicture.Lane(
                    name: node.name.safeOnOneLine, marks: events.filter { $0.host == node }.map(\.mark))
            }
            + result.measurements.enumerated().map { index, measurement in
                // The events of an observer stand on the first lane that is its own.
                let isFirst =
                    result.measurements.firstIndex { $0.observer == measurement.observer } == index
                return LanePicture.Lane(
                    name: "\(measurement.address) \(measurement.probe)",
                    bands: bands(of: measurement),
                    marks: isFirst ? events.filter { $0.host == measurement.observer }.map(\.mark) : [])
            }
        let worst = result.measurements.filter { $0.probe.isOfService == plan.failure.failsService }
            .max { $0.claimed($0.failover) < $1.claimed($1.failover) }
        return LanePicture(
            title: "cluster \(cluster): drill \(plan.title)".safeOnOneLine,
            caption: caption(worst, result).safeOnOneLine, from: start, to: end, lanes: lanes,
            gap: worst.flatMap(gap))
    }

    /// What happened where: the failure and its end on the node, and the phases of each instance.
    private func marks(
        of result: DrillResult, _ begins: Int, _ ends: Int
    ) -> [(host: HostID, mark: LanePicture.Mark)] {
        func moment(_ microseconds: Int) -> UTCTime { UTCTime(millisecondsSince1970: microseconds / 1000) }
        var marks = [
            (plan.node, LanePicture.Mark(at: moment(begins), plan.failure.action, isTransition: true)),
            (plan.node, LanePicture.Mark(at: moment(ends), plan.failure.end, isTransition: true)),
        ]
        for one in result.phases {
            for (phases, since) in [(one.failover, begins), (one.reversion, ends)] {
                marks += phases.map { phase in
                    (
                        phase.host,
                        LanePicture.Mark(
                            at: moment(since + phase.at),
                            "\(one.instance): \(phase.name.rawValue): \(phase.what)".safeOnOneLine,
                            isTransition: phase.name == .elected)
                    )
                }
            }
        }
        return marks.map { (host: $0.0, mark: $0.1) }
    }

    /// The time in which the address answered, around the silences that are claimed.
    private func bands(of measurement: DrillResult.Measurement) -> [LanePicture.Band] {
        var bands: [LanePicture.Band] = []
        var from: UTCTime? = nil
        var answers = true
        for outage in [measurement.failover, measurement.reversion] where measurement.claimed(outage) > 0 {
            guard let lost = outage.firstLost, answers else { continue }
            bands.append(.init(from: from, to: UTCTime(millisecondsSince1970: lost / 1000), label: "answers"))
            answers = outage.answeredAgain != nil
            from = outage.answeredAgain.map { UTCTime(millisecondsSince1970: $0 / 1000) }
        }
        if answers { bands.append(.init(from: from, to: nil, label: "answers")) }
        return bands
    }

    private func gap(of measurement: DrillResult.Measurement) -> LanePicture.Gap? {
        guard measurement.claimed(measurement.failover) > 0, let lost = measurement.failover.firstLost,
            let again = measurement.failover.answeredAgain
        else { return nil }
        return LanePicture.Gap(
            from: UTCTime(millisecondsSince1970: lost / 1000),
            to: UTCTime(millisecondsSince1970: again / 1000),
            label: "silent \((again - lost + 500) / 1000) ms")
    }

    private func caption(_ worst: DrillResult.Measurement?, _ result: DrillResult) -> String {
        let end = result.isRestored ? "all is as before" : "not all is as before"
        guard let worst else { return end }
        let row = result.comparisons.first { $0.instance == worst.instance }?.row
        let foretold = row?.silence.map { "foretold \($0.words)" } ?? "nothing was foretold"
        let measured =
            worst.claimed(worst.failover) == 0
            ? "no silence longer than \((worst.resolution + 999) / 1000) ms"
            : "silent for \(worst.claimed(worst.failover) / 1000) ms"
        return "\(worst.address), as \(worst.observer) saw it: \(measured) (\(foretold)); "
            + "\(worst.failover.lost) of \(worst.failover.sent) questions lost; \(end)"
    }
}

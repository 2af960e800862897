import Checks
import Events
import Inventory
import Keepalived
import Pictures
import Remote
import Rollout

extension DrillReport {
    static let pictureRemarks = [
        "Times are UTC, by the clock of the machine that ran haops. Numbers are events, listed below each picture.",
        "Bars of nodes: its kernel had the addresses. Bars of addresses: to which node the observer sent what was for them. "
            + "Strokes: how long each answer took, from 20 µs to 1 s on a scale of powers of ten; those that are taller than all "
            + "others, from top to bottom, are questions without an answer.",
        "The red stretch is the longest silence that an observer measured while the failure lasted.",
    ]

    /// What was measured, with a lane for each node, for what was foretold, and for each address that an observer asked; `nil`
    /// without a measurement.
    var picture: LanePicture? {
        guard let result = run.drill, let begins = result.begins, let ends = result.ends,
            !result.measurements.isEmpty
        else { return nil }
        let events = marks(of: result, begins, ends)
        let last = events.map(\.mark.time.millisecondsSince1970).max() ?? ends / 1000
        let lanes =
            nodeLanes(result, events)
            + plan.instances.flatMap { forecastLanes(of: $0.name, result, begins, ends) }
            + observerLanes(result, events)
        let worst = worst(result.measurements)
        return LanePicture(
            title: "cluster \(cluster): drill \(plan.title)".safeOnOneLine,
            caption: caption(worst, result).safeOnOneLine,
            from: UTCTime(millisecondsSince1970: begins / 1000 - 1_000),
            to: UTCTime(millisecondsSince1970: max(last, ends / 1000) + 1_000), lanes: lanes,
            gap: worst.flatMap(gap))
    }

    private func moment(_ microseconds: Int) -> UTCTime {
        UTCTime(millisecondsSince1970: microseconds / 1000)
    }

    /// When each node had the addresses of each instance; its events are on the first of its lanes.
    private func nodeLanes(
        _ result: DrillResult, _ events: [(host: HostID, mark: LanePicture.Mark)]
    ) -> [LanePicture.Lane] {
        plan.cluster.nodes.map(\.id).flatMap { node in
            plan.instances.enumerated().map { index, instance in
                let bands = result.holdings.filter { $0.node == node && $0.instance == instance.name }.map {
                    LanePicture.Band(
                        from: $0.from.map(moment), to: $0.to.map(moment), label: instance.name.safeOnOneLine)
                }
                return LanePicture.Lane(
                    name: (plan.instances.count > 1 ? "\(node) \(instance.name)" : node.name).safeOnOneLine,
                    bands: bands,
                    marks: index == 0 ? events.filter { $0.host == node }.map(\.mark) : [])
            }
        }
    }

    /// What was foretold, what was measured, and the phases, below each other.
    private func forecastLanes(
        of instance: String, _ result: DrillResult, _ begins: Int, _ ends: Int
    ) -> [LanePicture.Lane] {
        let prefix = plan.instances.count > 1 ? "\(instance) " : ""
        func lane(_ name: String, _ caption: String, _ bands: [LanePicture.Band]) -> LanePicture.Lane {
            LanePicture.Lane(
                name: (prefix + name).safeOnOneLine, caption: caption.safeOnOneLine, bands: bands)
        }
        var lanes: [LanePicture.Lane] = []
        if let row = result.comparisons.first(where: { $0.instance == instance })?.row {
            var bands: [LanePicture.Band] = []
            if let silence = row.silence, silence.longest > .zero {
                let shortest = begins + silence.shortest.microseconds
                let longest = begins + silence.longest.microseconds
                bands = [.init(from: moment(begins), to: moment(shortest), label: "", kind: .expected)]
                if longest > shortest {
                    bands.append(
                        .init(from: moment(shortest), to: moment(longest), label: "", kind: .possible))
                }
            }
            lanes.append(lane("foretold", row.silenceWords, bands))
        }
        if let worst = worst(result.measurements.filter { $0.instance == instance }) {
            let bands = [worst.failover, worst.reversion].compactMap { outage -> LanePicture.Band? in
                guard worst.claimed(outage) > 0, let lost = outage.firstLost else { return nil }
                return .init(
                    from: moment(lost), to: outage.answeredAgain.map(moment), label: "", kind: .silent)
            }
            lanes.append(
                lane("measured", "\(Self.silence(worst)) (\(worst.observer) \(worst.probe))", bands))
        }
        if let found = result.phases.first(where: { $0.instance == instance }) {
            let bands = steps(found.failover, since: begins) + steps(found.reversion, since: ends)
            if !bands.isEmpty { lanes.append(lane("phases", "", bands)) }
        }
        return lanes
    }

    /// From each phase to the next one, by the name of the one that it leads to.
    private func steps(_ phases: [DrillPhase], since begins: Int) -> [LanePicture.Band] {
        zip([0] + phases.map(\.at), phases).map { start, phase in
            LanePicture.Band(
                from: moment(begins + start), to: moment(begins + phase.at), label: phase.name.rawValue,
                kind: .step)
        }
    }

    /// The events of each observer, and what it saw of each address, and to whom it sent.
    private func observerLanes(
        _ result: DrillResult, _ events: [(host: HostID, mark: LanePicture.Mark)]
    ) -> [LanePicture.Lane] {
        result.measurements.map(\.observer).uniqued().flatMap { observer in
            let marks = events.filter { $0.host == observer }.map(\.mark)
            return (marks.isEmpty ? [] : [.init(name: observer.name.safeOnOneLine, marks: marks)])
                + addressLanes(result, of: observer)
        }
    }

    private func addressLanes(_ result: DrillResult, of observer: HostID) -> [LanePicture.Lane] {
        result.measurements.filter { $0.observer == observer }.map { one in
            let lost = one.failover.lost + one.reversion.lost
            return LanePicture.Lane(
                name: "\(one.address) \(one.probe)",
                caption: "\(one.observer): \(lost) of \(one.failover.sent + one.reversion.sent) lost"
                    .safeOnOneLine,
                bands: receivers(of: one, result),
                strip: LanePicture.Strip(one.questions.map { .init(at: moment($0.sent), took: $0.took) }))
        }
    }

    /// To which machine the observer sent what was for the address, one after the other.
    private func receivers(of one: DrillResult.Measurement, _ result: DrillResult) -> [LanePicture.Band] {
        let changes = result.neighbours.filter { $0.observer == one.observer && $0.address == one.address }
        return changes.enumerated().map { index, change in
            let next = changes.dropFirst(index + 1).first
            return LanePicture.Band(
                from: change.time.map(moment), to: next?.time.map(moment),
                label: change.receiver.safeOnOneLine)
        }
    }

    /// What happened where: the failure and its end on the node, and the phases of each instance.
    private func marks(
        of result: DrillResult, _ begins: Int, _ ends: Int
    ) -> [(host: HostID, mark: LanePicture.Mark)] {
        var marks = plan.nodes.flatMap { node in
            [
                (node, LanePicture.Mark(at: moment(begins), plan.failure.action, isTransition: true)),
                (node, LanePicture.Mark(at: moment(ends), plan.failure.end, isTransition: true)),
            ]
        }
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

    private func gap(of measurement: DrillResult.Measurement) -> LanePicture.Gap? {
        guard measurement.claimed(measurement.failover) > 0, let lost = measurement.failover.firstLost,
            let again = measurement.failover.answeredAgain
        else { return nil }
        return LanePicture.Gap(
            from: moment(lost), to: moment(again),
            label: "silent \((again - lost + 500) / 1000) ms")
    }

    private func caption(_ worst: DrillResult.Measurement?, _ result: DrillResult) -> String {
        let end = result.isRestored ? "all is as before" : "not all is as before"
        guard let worst else { return end }
        let row = result.comparisons.first { $0.instance == worst.instance }?.row
        let foretold = row?.silence.map { "foretold \($0.words)" } ?? "nothing was foretold"
        return "\(worst.address), as \(worst.observer) saw it: \(Self.silence(worst)) (\(foretold)); "
            + "\(worst.failover.lost) of \(worst.failover.sent) questions lost; \(end)"
    }
    private static func silence(_ one: DrillResult.Measurement) -> String {
        one.claimed(one.failover) == 0
            ? "no silence longer than \((one.resolution + 999) / 1000) ms"
            : "silent for \(one.claimed(one.failover) / 1000) ms"
    }
}

package import Addresses
package import Checks
import Keepalived
package import Remote

/// What a drill has measured.
package struct DrillResult: Sendable {
    /// One address, as one observer saw it.
    package struct Measurement: Hashable, Sendable {
        package var address: IPAddress
        package var instance: String
        package var observer: HostID
        package var probe: ProbeKind
        /// Microseconds between two questions.
        package var interval: Int
        /// The shortest silence that is claimed, in microseconds: the interval and the observer's own irregularity.
        package var resolution: Int
        /// While the failure lasted.
        package var failover: Outage
        /// From its end until all was as before.
        package var reversion: Outage
        /// How many questions were answered by two machines.
        package var duplicates: Int
        /// How exactly the observer's clock is known here, in microseconds.
        package var clockBound: Int
        /// Every question, from a second before the failure until all was as before, by the clock here.
        package var questions: [ProbeQuestion] = []
    }

    /// When a node had the addresses of an instance, as its kernel told; by the clock here, microseconds since 1970.
    package struct Holding: Hashable, Sendable {
        package var instance: String
        package var node: HostID
        /// `nil` where it had them before anybody listened.
        package var from: Int?
        /// `nil` where it had them to the end.
        package var to: Int?
    }

    /// What was foretold and what was seen of one instance.
    package struct Comparison: Hashable, Sendable {
        package var instance: String
        package var row: ReadinessRow?
        /// The nodes that had the addresses while the failure lasted; `nil` where one of them did not say.
        package var holders: [String]?
        /// When their owner of before had them back, since the end of the failure; microseconds. `nil` where it had never
        /// lost them, or where that was not seen.
        package var returned: Int?
    }

    /// A held connection that was cut.
    package struct Cut: Hashable, Sendable {
        package var target: ProbeTarget
        package var observer: HostID
        /// Whether the failure cut it, or its end.
        package var isReversion: Bool
        /// When its client noticed, since the failure, or since its end; microseconds.
        package var noticed: Int
    }

    /// What happened when, of one instance.
    package struct InstancePhases: Hashable, Sendable {
        package var instance: String
        /// Since the failure.
        package var failover: [DrillPhase]
        /// Since its end.
        package var reversion: [DrillPhase]
    }

    package var failure: DrillCase
    package var nodes: [HostID]
    package var subject: String?
    /// When the failure began, by the clock here; microseconds since 1970.
    package var begins: Int?
    /// When the node had ended it, in the same way.
    package var ends: Int?
    package var measurements: [Measurement] = []
    package var comparisons: [Comparison] = []
    package var phases: [InstancePhases] = []
    package var cuts: [Cut] = []
    /// Whether all is as before; what is not, a sentence each.
    package var left: [String] = []
    /// What differs from what was foretold, a sentence each.
    package var findings: [String] = []
    package var holdings: [Holding] = []
    /// To which machine each observer sent what is for an address, in the order of time.
    package var neighbours: [NeighbourChange] = []
    /// Gratuitous ARPs and unsolicited neighbour advertisements, while the failure lasted and since its end; `nil` where nobody
    /// could capture them.
    package var announcements: (failover: [Announcements], reversion: [Announcements])?
    /// Observers that could not measure, and why.
    package var notMeasuring: [String] = []

    package var isRestored: Bool { left.isEmpty }

    /// The longest silence that is claimed, in microseconds; of the way back alone where that is what the drill is for.
    package var worstSilence: Int {
        measurements.map { one in
            let back = one.claimed(one.reversion)
            return failure.isOfReturn ? back : max(back, one.claimed(one.failover))
        }.max() ?? 0
    }
}

extension DrillResult.Measurement {
    /// The time that questions without an answer stand for, in microseconds: their number times the distance that questions
    /// really had, which is longer than ``interval`` where the prober was late.
    package func packetLoss(_ outage: Outage) -> Int {
        guard let first = questions.first, let last = questions.last, questions.count > 1 else {
            return outage.lost * interval
        }
        return outage.lost * (last.sent - first.sent) / (questions.count - 1)
    }

    /// The silence, or 0 where it is shorter than what the observer can tell.
    package func claimed(_ outage: Outage) -> Int { outage.silence > resolution ? outage.silence : 0 }
}

extension DrillResult {
    /// How far a measured silence may be from what was foretold, in microseconds.
    static let tolerance = 300_000

    /// Compares with what was foretold.
    mutating func compare() {
        for comparison in comparisons {
            guard let row = comparison.row else { continue }
            let foretold = Set(row.owners + row.leftovers)
            if let holders = comparison.holders, Set(holders) != foretold {
                findings.append(
                    "\(comparison.instance): foretold \(Self.words(foretold.sorted())), and \(Self.words(holders)) had the addresses"
                )
            }
            if failure.isOfReturn {
                compareReturn(comparison, row)
                continue
            }
            guard let silence = row.silence else { continue }
            let isOfService = failure.failsService
            for measurement in measurements
            where measurement.instance == comparison.instance && measurement.probe.isOfService == isOfService
            {
                let measured = measurement.claimed(measurement.failover)
                let span = (
                    silence.shortest.wholeMilliseconds * 1000,
                    silence.longest.wholeMilliseconds * 1000 + measurement.interval
                )
                guard measured < span.0 - Self.tolerance || measured > span.1 + Self.tolerance else {
                    continue
                }
                findings.append(
                    "\(measurement.address): foretold \(silence.words), and \(measurement.observer) was without an answer (\(measurement.probe)) for \(measured / 1000) ms"
                )
            }
        }
    }

    /// Of the way back: when it happened, and that nothing was silent on it.
    private mutating func compareReturn(_ comparison: Comparison, _ row: ReadinessRow) {
        guard case .goesBack(let node, let after) = row.afterwards else { return }
        if let returned = comparison.returned {
            let earliest = after.shortest.microseconds - Self.tolerance
            let latest = after.longest.microseconds + Self.start + Self.tolerance
            if returned < earliest || returned > latest {
                findings.append(
                    "\(comparison.instance): foretold back to \(node) after \(after.words), and it was after \(returned / 1000) ms"
                )
            }
        }
        for one in measurements where one.instance == comparison.instance && !one.probe.isOfService {
            let measured = one.claimed(one.reversion)
            guard measured > Self.tolerance else { continue }
            findings.append(
                "\(one.address): foretold no silence on the way back, and \(one.observer) was without an answer (\(one.probe)) for \(measured / 1000) ms"
            )
        }
    }

    /// How long keepalived may take until it runs, in microseconds: not foretold.
    private static let start = 1_000_000

    private static func words(_ names: [String]) -> String {
        names.isEmpty ? "nobody" : names.joined(separator: " and ")
    }

    /// The figures in one line, for the nodes' journals.
    var summary: String {
        measurements.filter { $0.probe.isOfService == failure.failsService }.map { measurement in
            let outage = failure.isOfReturn ? measurement.reversion : measurement.failover
            let silence = measurement.claimed(outage) / 1000
            return
                "\(measurement.address) from \(measurement.observer) (\(measurement.probe)): \(outage.lost) of \(outage.sent) lost, silent \(silence) ms"
        }.joined(separator: "; ")
    }
}

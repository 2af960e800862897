import Addresses
import Facts
import Keepalived
package import Remote
import Survey
import Timeline

/// One step of a failover, or of the way back.
package struct DrillPhase: Hashable, Sendable {
    /// In the order in which they happen.
    package enum Name: String, Hashable, Sendable, CaseIterable {
        /// A keepalived has logged that something is wrong.
        case noticed
        /// A keepalived has become MASTER.
        case elected
        /// Its kernel has the address.
        case assigned
        /// An observer sends to another machine.
        case announced
        /// Every address is answered again.
        case answering
        /// Every port is served again.
        case serving
    }

    package var name: Name
    /// Since the failure, or since its end; microseconds.
    package var at: Int
    package var host: HostID
    package var what: String
}

/// Works the phases out of what witnesses have told and observers have measured. Pure.
struct DrillPhases {
    var history: NeighbourHistory
    var measurements: [DrillResult.Measurement]

    /// - `time`: from the failure, or its end, on; microseconds since 1970.
    func phases(
        of instance: String, _ addresses: [IPAddress], within time: Range<Int>,
        _ outage: (DrillResult.Measurement) -> Outage
    ) -> [DrillPhase] {
        let found = history.events.filter { time.contains($0.time) }
        var phases: [DrillPhase] = []
        func add(_ name: DrillPhase.Name, at moment: Int, _ host: HostID, _ what: String) {
            phases.append(DrillPhase(name: name, at: moment - time.lowerBound, host: host, what: what))
        }
        func add(_ name: DrillPhase.Name, _ event: WitnessEvent?, _ what: (WitnessEvent) -> String?) {
            if let event, let words = what(event) { add(name, at: event.time, event.host, words) }
        }
        add(.noticed, found.first { Self.notice(in: $0, of: instance) != nil }) {
            Self.notice(in: $0, of: instance)
        }
        add(.elected, found.first { Self.isElection($0, of: instance) }) { "\($0.host) becomes MASTER" }
        let assigned = found.first { event in
            guard case .address(let held, _, true) = event.kind else { return false }
            return history.nodes.contains(event.host) && addresses.contains(held.cidr.address)
        }
        add(.assigned, assigned) { "\($0.host) has the addresses" }
        // What an observer has learned for the first time is no change.
        let changes = history.changes(of: addresses)
        let change = changes.enumerated().first { index, change in
            time.contains(change.time ?? 0)
                && changes[..<index].contains {
                    ($0.observer, $0.address) == (change.observer, change.address)
                }
        }?.element
        if let change, let moment = change.time {
            add(.announced, at: moment, change.observer, "\(change.observer) sends to \(change.receiver)")
        }
        phases += answers(instance, time, outage, isOfService: false)
        phases += answers(instance, time, outage, isOfService: true)
        return phases.sorted { $0.at < $1.at }
    }

    /// The last target to be answered again; none where no silence is claimed, or where one is not over.
    private func answers(
        _ instance: String, _ time: Range<Int>, _ outage: (DrillResult.Measurement) -> Outage,
        isOfService: Bool
    ) -> [DrillPhase] {
        let silent = measurements.filter {
            $0.instance == instance && $0.probe.isOfService == isOfService && $0.claimed(outage($0)) > 0
        }
        let ends = silent.map { (outage($0).answeredAgain, $0) }
        guard ends.allSatisfy({ $0.0 != nil }), let last = ends.max(by: { ($0.0 ?? 0) < ($1.0 ?? 0) }),
            let end = last.0
        else { return [] }
        return [
            DrillPhase(
                name: isOfService ? .serving : .answering, at: end - time.lowerBound, host: last.1.observer,
                what: "\(last.1.address) answers again (\(last.1.probe))")
        ]
    }

    private static func isElection(_ event: WitnessEvent, of instance: String) -> Bool {
        guard case .log(.keepalived(let said)) = event.kind, said.subject == instance else { return false }
        return said.kind == .becameMaster
    }

    /// What a keepalived says when it notices a failure.
    private static func notice(in event: WitnessEvent, of instance: String) -> String? {
        guard case .log(.keepalived(let said)) = event.kind,
            said.subject.isEmpty || said.subject == instance || said.isOfCheck
        else { return nil }
        return switch said.kind {
        case .advertTimeout: "\(event.host) misses the adverts"
        case .priorityZeroReceived: "\(event.host) receives priority 0"
        case .priorityZeroSent: "\(event.host) sends priority 0"
        case .becameFault: "\(event.host) goes to FAULT"
        case .scriptFailed, .scriptTimedOut, .scriptReturns: "\(said.subject) fails on \(event.host)"
        case .scriptSucceeded: "\(said.subject) succeeds on \(event.host)"
        case .priorityChanged(_, let to): "\(event.host) has priority \(to)"
        case .stopping: "keepalived stops on \(event.host)"
        case .higherAdvert, .sameAdvertFromHigherAddress: "\(event.host) hears a higher priority"
        case .lowerAdvert, .lowerAdvertDiscarded: "\(event.host) hears a lower priority"
        case .cannotSend: "\(event.host) cannot send adverts"
        default: nil
        }
    }
}

extension JournalEvent {
    fileprivate var isOfCheck: Bool {
        switch kind {
        case .scriptFailed, .scriptTimedOut, .scriptReturns, .scriptSucceeded: true
        default: false
        }
    }
}

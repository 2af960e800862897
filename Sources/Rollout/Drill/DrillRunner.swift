import Addresses
import Checks
import Events
import Facts
import Inventory
import Remote
import Timeline

/// Performs a drill under the cluster's lock: measures, makes the failure, waits, ends it, proves that all is as before.
struct DrillRunner: Sendable {
    let plan: DrillPlan
    /// Between two questions to an address.
    let interval: Duration
    let operations: NodeOperations
    let events: EventEmitter
    /// Asks from this machine too.
    var here: LocalProbes?

    var cluster: Cluster { plan.cluster }
    var timing: RolloutTiming { operations.timing }
    /// The nodes that fail.
    var nodes: [Node] { cluster.nodes.filter { plan.nodes.contains($0.id) } }
    var clock: any Clock<Duration> { operations.clock }

    private var watch: ProbeWatch {
        ProbeWatch(
            observers: cluster.observers.map(\.target), targets: plan.probes, interval: interval,
            transport: operations.transport, here: here)
    }

    /// Before anything is broken: by it an observer's own irregularity is known.
    private static let baseline = Duration.seconds(2)
    /// How long the addresses must answer before it counts.
    private static let steady = Duration.seconds(1)
    /// How long a failure lasts at least: that it does nothing to anybody is seen too.
    private static let shortest = Duration.seconds(2)

    /// Why a drill ends before its time.
    enum Stop: Sendable {
        /// The operator has asked for it.
        case interrupt
        /// A node's lock is lost, and its connection with it.
        case lostLock

        var outcome: RolloutOutcome {
            switch self {
            case .interrupt: .interrupted
            case .lostLock:
                .failed(["the connection to a node was lost while the failure lasted: nothing is concluded"])
            }
        }
    }

    /// - `stop`: ends the failure at once, unless it is `nil`.
    func run(_ stop: @escaping @Sendable () -> Stop?) async -> RolloutReport {
        let before = await traces()
        guard before.failures.isEmpty else {
            return RolloutReport(outcome: .refused(before.failures))
        }
        let machines = cluster.nodes.map(\.target) + cluster.observers.map(\.target)
        return await WitnessWatch(
            targets: machines, addresses: plan.askedAddresses, transport: operations.transport
        ).during { record in
            await watch.during { live in await measured(live, record, before.traces, stop) }
        }
    }

    private func measured(
        _ live: ProbeWatch.Live, _ record: WitnessWatch.Record, _ before: [HostID: NodeTraces],
        _ stop: @Sendable () -> Stop?
    ) async -> RolloutReport {
        guard await isQuiet(live, stop) else {
            if let stop = stop() { return await ended(stop.outcome, nil) }
            let why = Self.whyNotMeasuring(live) + ["no observer gets regular answers from the addresses"]
            return await ended(.refused(why), nil)
        }
        let calm = (Self.now - Self.baseline.microseconds)..<Self.now
        let ahead = await clockOffsets()
        let work = events.begin(.makeFailure, node: plan.nodes.first, plan.failure.action)
        let made = await makeFailure()
        var outcome = RolloutOutcome.done
        if let why = made.refusal {
            work.fails(why)
            outcome = .refused([why])
        } else if made.reasons.isEmpty {
            work.ends(plan.failure.action)
        } else {
            work.fails(made.reasons.joined(separator: "; "))
            outcome = .failed(made.reasons)
        }
        guard !made.nodes.isEmpty else { return await ended(outcome, nil) }
        var result = DrillResult(failure: plan.failure, nodes: plan.nodes, subject: plan.subject)
        let begins = Self.now
        if outcome == .done {
            await wait(live, stop)
            if let stop = stop() { outcome = stop.outcome } else { result.comparisons = await comparisons() }
        }
        let mend = events.begin(.endFailure, node: plan.nodes.first, plan.failure.end)
        let ending = Self.now
        let end = await endFailures(on: made.nodes, since: begins, ahead)
        guard end.event.isSuccess else {
            mend.fails(end.event.reasons.joined(separator: "; "))
            let isKnown = if case .failed = end.event { true } else { false }
            result.left =
                end.event.reasons + [
                    isKnown
                        ? "\(plan.nodeNames) tries again at its next boot; by hand: \(plan.failure.end)"
                        : "\(plan.nodeNames) ends the failure by itself, \(plan.endsAfter(timing).components.seconds) s after it was made, or at its next boot"
                ]
            return await ended(isKnown ? outcome.adding(result.left) : .unknown(result.left), result)
        }
        mend.ends(plan.failure.end)
        let verify = events.begin(.verify)
        let settled = await settle()
        result.left = settled.isSuccess ? [] : settled.reasons
        if await !eventually(within: timing.settle, { live.answers(for: Self.steady) }) {
            result.left.append("the addresses do not answer the observers as before")
        }
        result.left += await remains(before)
        // The node's own times are more exact than those of the questions to it.
        let failed = end.began ?? begins
        let restored = max(failed, end.mended ?? ending)
        result.begins = failed
        result.ends = restored
        result.notMeasuring = Self.whyNotMeasuring(live)
        result.measurements = measurements(
            live, calm: calm, failover: failed..<restored, reversion: restored..<max(restored, Self.now))
        result.cuts = live.heard.flatMap { heard in
            heard.cuts.filter { $0.noticed >= failed }.map { cut in
                let isReversion = cut.last >= restored
                return DrillResult.Cut(
                    target: cut.target, observer: heard.observer, isReversion: isReversion,
                    noticed: cut.noticed - (isReversion ? restored : failed))
            }
        }
        result.add(record, plan, cluster, until: max(restored, Self.now))
        if outcome == .done { result.compare() }
        if result.left.isEmpty {
            verify.ends()
        } else {
            verify.fails(result.left.joined(separator: "; "))
            outcome = outcome.adding(result.left)
        }
        return await ended(outcome, result)
    }

    private static func whyNotMeasuring(_ live: ProbeWatch.Live) -> [String] {
        let isMeasured = live.heard.contains { $0.failure == nil && !$0.lines.answers.isEmpty }
        return live.heard.compactMap { heard in
            // Whoever asks from elsewhere does not expect to reach the addresses.
            if isMeasured, heard.observer == ProbeWatch.hereID { return nil }
            let why = heard.failure ?? (heard.lines.answers.isEmpty ? "the addresses do not answer it" : nil)
            return why.map { "`\(heard.observer)` does not measure: \($0)" }
        }
    }

    // MARK: - Waiting and looking

    private func eventually(within limit: Duration, _ isSo: () -> Bool) async -> Bool {
        let deadline = clock.deadline(after: limit)
        while !isSo() {
            if deadline.hasPassed() { return false }
            try? await clock.sleep(for: .milliseconds(20))
        }
        return true
    }

    /// Waits until the addresses have answered regularly for a while.
    private func isQuiet(_ live: ProbeWatch.Live, _ stop: @Sendable () -> Stop?) async -> Bool {
        let work = events.begin(.measure, "while nothing fails, \(Self.baseline.components.seconds) s")
        // An observer that is not answered by then cannot reach the addresses.
        let begun = clock.deadline(after: Self.baseline * 2)
        let isQuiet = await eventually(within: .seconds(12)) {
            stop() != nil || (live.hasBegun || begun.hasPassed()) && live.answers(for: Self.baseline)
        }
        work.ends()
        return isQuiet && stop() == nil
    }

    /// Waits until the successor should have taken over and the addresses answer again, or the time is up.
    private func wait(_ live: ProbeWatch.Live, _ stop: @Sendable () -> Stop?) async {
        let work = events.begin(
            .measure, "while it fails, at most \(plan.lasts(timing).components.seconds) s")
        let least = clock.deadline(after: max(Self.shortest, plan.foretoldLongest ?? plan.lasts(timing)))
        _ = await eventually(within: plan.lasts(timing)) {
            stop() != nil || least.hasPassed() && live.answers(for: Self.steady)
        }
        work.ends()
    }

    /// Who has the addresses now, beside what was foretold.
    private func comparisons() async -> [DrillResult.Comparison] {
        var seen = cluster
        // A node that is cut off cannot be asked, and nobody reaches what it has.
        if plan.failure.cutsConnection { seen.nodes.removeAll { plan.nodes.contains($0.id) } }
        let look = await ClusterViewer(transport: operations.transport, cluster: seen).look()
        return plan.instances.map { instance in
            let holders = look.view.nodes.filter { !$0.value.holds.isDisjoint(with: instance.addresses) }
            return DrillResult.Comparison(
                instance: instance.name, row: instance.row,
                holders: look.view.silent.isEmpty ? holders.keys.map(\.name).sorted() : nil)
        }
    }

    /// Waits until every instance has its owner of before again, or the one that was foretold to keep it.
    private func settle() async -> RolloutState.Event {
        let disturbed = Disturbance(
            keepalived: plan.failure.restartsKeepalived ? .restart : .none,
            haproxy: plan.failure.restartsHAProxy ? .restart : .none)
        return await operations.settle(
            cluster, disturbed: Dictionary(plan.nodes.map { ($0, disturbed) }) { $1 },
            within: timing.election + timing.settle + timing.checks, also: ownersThatChanged)
    }

    private func ownersThatChanged(_ view: ClusterView) -> [Problem] {
        plan.instances.compactMap { instance -> Problem? in
            guard let settings = cluster.keepalived?.instances.first(where: { $0.name == instance.name }),
                let owner = view.owner(of: settings), owner != instance.owner
            else { return nil }
            if case .stays(on: let name, why: _)? = instance.row?.afterwards, name == owner.name {
                return nil
            }
            return Problem(
                "`\(instance.name)` is owned by `\(owner)`, and was by `\(instance.owner?.name ?? "-")`")
        }
    }

    // MARK: - Traces

    private func traces() async -> (traces: [HostID: NodeTraces], failures: [String]) {
        let command = Command(NodeTraces.script(subject: plan.subject), operation: "note the state")
        let transport = operations.transport
        let answers = await fanOut(over: cluster.nodes.map(\.target), window: cluster.nodes.count) {
            await transport.ask($0, command)
        }
        var traces: [HostID: NodeTraces] = [:]
        var failures: [String] = []
        for (node, answer) in zip(cluster.nodes, answers) {
            switch answer {
            case .success(let output) where output.status.isSuccess:
                traces[node.id] = NodeTraces(output.text, without: plan.addresses)
            case .success(let output):
                failures.append(NodeOperations.complaint(node, command.operation, output))
            case .failure(let error): failures.append(error.description)
            }
        }
        return (traces, failures)
    }

    /// What is not as before, a sentence each.
    private func remains(_ before: [HostID: NodeTraces]) async -> [String] {
        let after = await traces()
        return after.failures
            + after.traces.sorted { $0.key < $1.key }.flatMap { node, traces in
                before[node].map { traces.differences(from: $0, on: node) } ?? []
            }
    }

    // MARK: - The end

    private func measurements(
        _ live: ProbeWatch.Live, calm: Range<Int>, failover: Range<Int>, reversion: Range<Int>
    ) -> [DrillResult.Measurement] {
        live.heard.filter { $0.failure == nil }.flatMap { heard in
            plan.probes.compactMap { target -> DrillResult.Measurement? in
                let answers = heard.answers(of: target)
                // Whatever has never answered this observer cannot be seen from there.
                guard let first = answers.first, first.sent < calm.upperBound,
                    let instance = plan.instances.first(where: { $0.addresses.contains(target.address) })
                else { return nil }
                let step = watch.interval(of: target.kind).microseconds
                func outage(_ time: Range<Int>) -> Outage {
                    Outage(answers, interval: step, within: time)
                }
                let jitter = max(0, outage(calm).longestGap - step)
                return DrillResult.Measurement(
                    address: target.address, instance: instance.name, observer: heard.observer,
                    probe: target.kind, interval: step, resolution: step + jitter,
                    failover: outage(failover), reversion: outage(reversion),
                    duplicates: heard.lines.duplicates[target.address] ?? 0,
                    clockBound: heard.clock.bound * 1000,
                    questions: ProbeQuestion.all(
                        answers, interval: step,
                        within: (failover.lowerBound - 1_000_000)..<(reversion.upperBound + 1_000_000)))
            }
        }
    }

    private func ended(_ outcome: RolloutOutcome, _ result: DrillResult?) async -> RolloutReport {
        var report = RolloutReport(outcome: outcome)
        report.drill = result
        if let result {
            let left = result.left.joined(separator: "; ")
            for node in nodes {
                report.fates[node.id] = result.isRestored ? .restored : .broken(left)
                if case .unknown = outcome { report.fates[node.id] = .unknown(left) }
                guard !result.measurements.isEmpty else { continue }
                _ = await operations.insist(
                    node, [.note], [("EVENT", "measured: " + result.summary)], "note the figures")
            }
        }
        await operations.finish(cluster.nodes, report.end)
        return report
    }

    /// Microseconds since 1970, by the clock here.
    static var now: Int { UTCTime.now.millisecondsSince1970 * 1000 }
}

extension Duration {
    package var microseconds: Int {
        Int(components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000)
    }
}

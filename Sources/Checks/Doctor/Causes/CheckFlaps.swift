import Facts
import Keepalived

/// A check fails and recovers again and again.
///
/// Condition: since the daemon's start, or within the last hour, the check began to fail four times or more by
/// keepalived's journal. An error while it goes on, a warning afterwards.
/// Why: each failure lowers the priority or causes FAULT: the addresses move, connections break, and they move back. A
/// check that is slower than its `timeout` under load, or that fails on the node that has just become MASTER, does this
/// for hours.
/// Remedy: give the check more time (`timeout`, `interval`) and `fall` and `rise` of 2 or more; or fix what it tests.
struct CheckFlaps: Cause {
    static let id = DoctorID.checkFlaps
    /// The time without a change, in seconds, after which it has ended: two periods, within these limits.
    private static let quiet = 90.0...600.0

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.flatMap { router in
            router.members.flatMap(\.checks).filter(\.isFlapping).map { diagnose($0, router, observation) }
        }
    }

    private func diagnose(_ check: TrackedCheck, _ router: VirtualRouter, _ observation: ClusterObservation)
        -> Diagnosis
    {
        let results = check.results
        let count = results.failures.count
        let period = results.period ?? 0
        let last = max(results.failures.last?.at ?? 0, results.recoveries.last ?? 0)
        let since = max(0, Double(check.node.history.now) - last)
        let goesOn = since <= max(Self.quiet.lowerBound, min(Self.quiet.upperBound, 2 * period))
        let moves = moves(of: router, since: (results.failures.first?.at ?? 0) - soon(check))
        return Diagnosis(
            Self.id, severity: goesOn ? .error : .warning, nodes: [check.node.name],
            "the check `\(check.name)` on \(check.node.name) began to fail \(count) times, every \(duration(period)), \(trigger(check)); \(goesOn ? "it goes on" : "the last time \(duration(since)) ago")",
            effect: moves > 1
                ? "\(router.title) became MASTER \(moves) times meanwhile, and connections broke each time"
                : "the priority of \(check.instance) goes up and down, and the addresses move whenever it crosses another node's",
            fix: results.timeouts * 2 > count
                ? "give `\(check.name)` a timeout above \(check.limit) s, with a longer interval, and fall 2 and rise 2 or more; and see why `\(check.command.program)` takes so long"
                : "fix what `\(check.command.program)` tests, or the check itself; fall and rise of 2 or more ride out a single failure",
            evidence: [
                check.node.evidence(at: check.script.location),
                Evidence(
                    .journal, on: check.node.name,
                    "`\(check.name)`: \(count) failures, \(results.timeouts) of them timed out, \(results.recoveries.count) recoveries"
                ),
            ] + check.node.evidence(of: results.last.map { [$0] } ?? []),
            explains: observation.symptoms(of: [check], in: router).union(
                observation.unexplained.filter { symptom in
                    if case .unsettled(let vip) = symptom { router.addresses.contains(vip) } else { false }
                }),
            file: check.script.location.file, line: check.script.location.line)
    }

    /// What precedes its failures, as far as the journal shows it.
    private func trigger(_ check: TrackedCheck) -> String {
        let failures = check.results.failures
        let promotions = check.node.history.sinceStart.filter {
            $0.event.kind == .becameMaster && $0.event.subject == check.instance
        }.map(\.at)
        let soon = soon(check)
        let after = failures.count { failure in
            promotions.contains { (0...soon).contains(failure.at - $0) }
        }
        if after * 5 >= failures.count * 4 {
            return "each time after \(check.node.name) became MASTER"
        }
        let timeouts = check.results.timeouts
        if timeouts == failures.count { return "because it took longer than \(check.limit) s" }
        let statuses = Set(failures.compactMap(\.status))
        let status = statuses.count == 1 ? statuses.first.map { " with status \($0)" } ?? "" : ""
        return timeouts > 0
            ? "\(timeouts) times because it took longer than \(check.limit) s" : "ending\(status)"
    }

    /// Seconds within which a failure follows from what happened before.
    private func soon(_ check: TrackedCheck) -> Double { 2 * Double(max(1, check.script.interval.value)) + 2 }

    private func moves(of router: VirtualRouter, since start: Double) -> Int {
        router.members.reduce(0) { sum, member in
            sum
                + member.node.history.entries.count {
                    $0.at >= start && $0.event.kind == .becameMaster
                        && $0.event.subject == (member.after?.name ?? member.instance?.name)
                }
        }
    }

    private func duration(_ seconds: Double) -> String {
        seconds < 120 ? "\(Int(seconds.rounded())) s" : "\(Int((seconds / 60).rounded())) min"
    }
}

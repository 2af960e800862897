import Facts
import Keepalived

/// A check does not end in the time that keepalived gives it.
///
/// Condition: keepalived counts the check as failing, and its journal says `timed_out`, or the check does not end within
/// its `timeout` when it is run by hand.
/// Why: keepalived stops the check and counts a failure, whatever the service does: a program that never exits, waits
/// for a name server, or takes longer than `timeout` (by default the `interval`).
/// Remedy: let the check end by itself, for example with `curl --max-time`; or give it a longer `timeout`.
struct CheckTimesOut: Cause {
    static let id = DoctorID.checkTimesOut

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.flatMap { router in
            router.checksByName.compactMap { checks in
                let late = checks.filter { check in
                    check.isFailing == true && !check.isFlapping
                        && (check.results.failures.last?.isTimeout == true || check.trial?.status == 124)
                }
                guard let first = late.first else { return nil }
                let nodes = late.map(\.node.name)
                return Diagnosis(
                    Self.id, nodes: nodes,
                    "the check `\(first.name)` does not end within its \(first.limit) s on \(joined(nodes))",
                    effect: "keepalived stops it and counts a failure, whatever the service does"
                        + late.effects(after: ": "),
                    fix:
                        "let `\(first.command.program)` end by itself within \(first.limit) s, or give `\(first.name)` a longer timeout; then reload keepalived",
                    evidence: late.flatMap(\.evidence),
                    explains: observation.symptoms(of: late, in: router),
                    file: first.script.location.file, line: first.script.location.line)
            }
        }
    }
}

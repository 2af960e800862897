import Addresses
import Facts
import Keepalived

/// keepalived was held up for longer than the other nodes wait for its adverts.
///
/// Condition: within the last hour keepalived logged `A thread timer expired N seconds ago`, with at least the master-down
/// time of one of its instances, and at least three seconds.
/// Why: without processor time, during blocked I/O or while a virtual machine is paused, the process sends no adverts.
/// Another node takes the addresses, and both hold them until it goes on.
/// Remedy: find what takes the time; `vrrp_rt_priority` or `vrrp_priority` lets keepalived run before other processes.
struct DaemonStarved: Cause {
    static let id = DoctorID.daemonStarved

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { node -> Diagnosis? in
            let patience = (node.configuration?.instances ?? []).map { MasterDownTime(of: $0).value }.min()
            guard let patience, let now = node.before?.known(SystemFact.self)?.now else { return nil }
            let least = max(3, Double(patience.components.seconds))
            let late = node.journal.compactMap { entry -> (seconds: Double, entry: JournalEntry)? in
                guard case .timerLate(let text) = entry.event.kind, let seconds = Double(text),
                    seconds >= least, Double(now) - entry.at < 3600
                else { return nil }
                return (seconds, entry)
            }
            guard let longest = late.map(\.seconds).max() else { return nil }
            let times = late.count == 1 ? "once" : "\(late.count) times"
            return Diagnosis(
                Self.id, severity: .warning, nodes: [node.name],
                "keepalived on \(node.name) was held up \(times) within the last hour, for up to \(Int(longest.rounded())) s",
                effect: "other nodes took its addresses meanwhile, and both held them until it went on",
                fix:
                    "find what took the time on \(node.name) (load, disks, a paused virtual machine); vrrp_rt_priority in global_defs lets keepalived run first",
                evidence: node.evidence(of: late.suffix(2).map(\.entry)),
                explains: observation.unexplained.filter { if case .unsettled = $0 { true } else { false } })
        }
    }
}

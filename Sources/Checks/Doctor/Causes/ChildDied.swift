import Facts
import Keepalived
import Remote

/// A process of keepalived has died within the last hour, and was started anew.
///
/// Condition: the journal says so, and keepalived runs.
/// Why: a crash, a kill, or too little memory. The new process begins as BACKUP: its addresses moved, or were gone for a
/// master-down time.
/// Remedy: read the lines before it in the journal, and the kernel's (`journalctl -k`) for the out-of-memory killer.
struct ChildDied: Cause {
    static let id = DoctorID.keepalivedChildDied

    /// Seconds.
    private static let recent = 3600.0

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { node -> Diagnosis? in
            guard node.daemon?.isRunning == true, let now = node.before?.known(SystemFact.self)?.now else {
                return nil
            }
            let deaths = node.journal.filter { entry in
                guard case .childDied = entry.event.kind else { return false }
                return Double(now) - entry.at < Self.recent
            }
            guard let last = deaths.last else { return nil }
            let ago = Duration.seconds(max(0, Double(now) - last.at)).brief
            return Diagnosis(
                Self.id, severity: .warning, nodes: [node.name],
                deaths.count == 1
                    ? "keepalived's VRRP process died on \(node.name) \(ago) ago and was started anew"
                    : "keepalived's VRRP process died \(deaths.count) times on \(node.name), last \(ago) ago",
                effect: "its addresses moved, or nobody had them for a master-down time",
                fix:
                    "journalctl -u keepalived on \(node.name) before that time, and journalctl -k for the out-of-memory killer",
                evidence: node.evidence(of: deaths.suffix(3)))
        }
    }
}

import Addresses
import Facts
import Keepalived
import Remote

/// keepalived does not run on a node that should take over.
///
/// Condition: it is installed or configured, and in both samples it does not run, or only its parent process runs.
/// Why: this node cannot take over; if it was the last one, no node holds the addresses.
/// Remedy: read in the journal why it ended, fix that, start it, and enable it for the next boot.
struct DeadDaemon: Cause {
    static let id = DoctorID.keepalivedDead

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        let dead = observation.reachable.filter {
            observation.unexplained.contains(.daemonDown(node: $0.name))
        }
        // A node that did not answer may serve.
        let isDark = dead.count == observation.nodes.count
        return dead.map { node in
            let entries = node.journal.filter { entry in
                switch entry.event.kind {
                case .permanentError, .childDied: true
                default: false
                }
            }
            let lacksChild = node.daemon?.pid != nil
            let start =
                "systemctl \(lacksChild ? "restart" : "start") keepalived on \(node.name)"
                + (node.isEnabledAtBoot("keepalived") == false ? ", and systemctl enable keepalived" : "")
            // A start alone would fail, or serve nothing.
            let isRefused = entries.contains {
                if case .permanentError = $0.event.kind { true } else { false }
            }
            let before =
                node.configuration == nil
                ? "write \(node.mainPath) on \(node.name) first (haops apply, or a copy of another node's with its own priority); then "
                : isRefused ? "correct what keepalived -t says on \(node.name) first; then " : ""
            return Diagnosis(
                Self.id, nodes: [node.name],
                lacksChild
                    ? "keepalived on \(node.name) has lost its VRRP process and speaks no VRRP"
                    : "keepalived does not run on \(node.name)",
                effect: isDark
                    ? "no node serves the addresses" : "\(node.name) takes over nothing when the others fail",
                fix: before + start,
                evidence: [node.serviceWords("keepalived")] + node.evidence(of: entries.suffix(2)),
                explains: Set([Symptom.daemonDown(node: node.name)]).union(
                    isDark
                        ? observation.unexplained.filter { if case .unowned = $0 { true } else { false } }
                        : []
                ))
        }
    }
}

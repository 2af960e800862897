import Facts

/// A file system is full on a node.
///
/// Condition: no byte or no inode is left on a file system that the daemons write to.
/// Why: adverts go on, but keepalived cannot report its state, logs are lost, state files of `notify` scripts stay as
/// they are, and no change can be written.
/// Remedy: delete what fills it, and see why nothing did that by itself.
struct DiskFull: Cause {
    static let id = DoctorID.diskFull

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { node in
            let full = node.after?.known(DiskSpaceFact.self)?.full ?? []
            guard let first = full.first else { return nil }
            let isMute = node.daemon?.isRunning == true && node.daemon?.roleSource != .daemon
            return Diagnosis(
                Self.id, severity: .warning, nodes: [node.name],
                "\(joined(full.map(\.mount))) on \(node.name) \(full.count == 1 ? "is" : "are") full",
                effect: isMute
                    ? "keepalived cannot write what it is asked for: its priority and counters are unknown; logs are lost, and no change can be written"
                    : "logs are lost, state files stay as they are, and no change can be written",
                fix: "find and delete what fills it: du -xk \(first.mount) | sort -n | tail on \(node.name)",
                evidence: full.map { system in
                    Evidence(
                        .kernel, on: node.name,
                        system.available == 0
                            ? "\(system.mount): 0 KiB of \(system.total) KiB left"
                            : "\(system.mount): no inode left")
                })
        }
    }
}

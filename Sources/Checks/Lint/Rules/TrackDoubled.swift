import Keepalived

/// An object that an instance and its sync group both track.
///
/// - Condition: The same script, file, process, BFD session or interface is tracked by an instance and by the
///   `vrrp_sync_group` that it belongs to.
/// - Why: keepalived takes one of the two weights and ignores the other; for interfaces `keepalived -t` reports it.
/// - Remedy: Track it in the group alone.
struct TrackDoubled: NodeRule {
    static let id = "track-doubled"

    func check(_ node: LintNode) -> [Finding] {
        guard node.version >= KeepalivedVersion(2, 0, 0) else { return [] }
        return node.instances.flatMap { instance -> [Finding] in
            guard let group = node.configuration.syncGroup(of: instance) else { return [] }
            return zip(instance.tracked, group.tracked).flatMap { own, shared in
                own.compactMap { entry -> Finding? in
                    guard let other = shared.entries.first(where: { $0.name == entry.name }) else {
                        return nil
                    }
                    return node.finding(
                        Self.id, .warning, at: entry.location,
                        "\(instance.name) and its sync group \(group.name) both track the \(shared.kind) `\(entry.name)`",
                        effect: entry.weight == 0
                            ? "a failure takes the instance down, whatever weight the group gives it"
                            : "the group's weight counts, and this one is ignored",
                        fix: "track it in the group alone", also: [other.location])
                }
            }
        }
    }
}

extension Instance {
    /// What it tracks, in the order of ``SyncGroup/tracked``.
    fileprivate var tracked: [[TrackedReference]] {
        [trackInterfaces, trackScripts, trackFiles, trackProcesses, trackBFDs]
    }
}

extension SyncGroup {
    fileprivate var tracked: [(kind: String, entries: [TrackedReference])] {
        [
            ("interface", trackInterfaces), ("script", trackScripts), ("file", trackFiles),
            ("process", trackProcesses), ("BFD session", trackBFDs),
        ]
    }
}

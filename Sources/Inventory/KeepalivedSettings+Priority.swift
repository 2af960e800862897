import Keepalived

extension PriorityArithmetic {
    /// The priority arithmetic of an instance with these checks.
    init(base: Int, checks: [TrackScript]) {
        self.init(base: base, tracked: checks.map { Weight($0.name, $0.weight) })
    }
}

extension KeepalivedSettings {
    /// An instance's priority when all its checks pass; `nil` in FAULT.
    ///
    /// - `base`: the node's base priority.
    /// - `priorityOverride`: the number in the node's handover file.
    package func healthyPriority(of instance: VRRPInstance, base: Int, priorityOverride: Int = 0) -> Int? {
        let handover = "handover"
        return PriorityArithmetic(
            base: base,
            tracked: scripts.filter { instance.trackScripts.contains($0.name) }.map {
                .init($0.name, $0.weight)
            },
            files: [.init(handover, 1)]
        ).outcome(fileValues: [handover: priorityOverride]).priority
    }
}

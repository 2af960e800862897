import Keepalived

extension PriorityArithmetic {
    /// The priority of an instance that follows these checks.
    init(base: Int, checks: [TrackScript]) {
        self.init(base: base, tracked: checks.map { Weight($0.name, $0.weight) })
    }
}

extension KeepalivedSettings {
    /// What an instance's priority is where all its checks pass; `nil` where it is in FAULT.
    ///
    /// - `base`: the node's own.
    /// - `lift`: the number in the node's handover file.
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

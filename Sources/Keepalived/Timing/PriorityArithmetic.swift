/// What becomes of an instance's priority when the things it tracks fail.
///
/// vrrp_track.c `vrrp_set_effective_priority`: the sum is kept between 1 and 254; 255 never changes.
package struct PriorityArithmetic: Sendable {
    package enum Outcome: Hashable, Sendable {
        case priority(Int)
        /// Something without a weight failed.
        case fault(causes: [String])
    }

    package let base: Int
    /// Scripts, processes and interfaces, which are either well or not.
    package let tracked: [TrackedReference]
    /// Files, whose number is multiplied with the weight.
    package let files: [TrackedReference]

    package init(base: Int, tracked: [TrackedReference], files: [TrackedReference] = []) {
        self.base = base
        self.tracked = tracked
        self.files = files
    }

    package init(of instance: Instance, in configuration: Configuration) {
        let group = configuration.syncGroup(of: instance)
        base = instance.priority.value
        tracked =
            instance.trackScripts + instance.trackProcesses + instance.trackInterfaces
            + (group?.trackScripts ?? []) + (group?.trackProcesses ?? []) + (group?.trackInterfaces ?? [])
        files = instance.trackFiles + (group?.trackFiles ?? [])
    }

    /// The priority in adverts while `failing` are down.
    ///
    /// - `fileValues`: the numbers in tracked files by name; 0 for those not given.
    package func outcome(failing: Set<String> = [], fileValues: [String: Int] = [:]) -> Outcome {
        var causes = tracked.filter { $0.weight == 0 && failing.contains($0.name) }.map(\.name)
        var contributions: [Int] = []
        for file in files {
            let value = fileValues[file.name] ?? 0
            let product = value.multipliedReportingOverflow(by: file.weight * (file.isReversed ? -1 : 1))
            if file.weight == 0 ? value != 0 : product.overflow || product.partialValue <= -254 {
                causes.append(file.name)
            }
            contributions.append(max(-254, min(254, product.overflow ? 254 : product.partialValue)))
        }
        if !causes.isEmpty { return .fault(causes: causes) }
        if base == 255 { return .priority(255) }
        for entry in tracked where (entry.weight > 0) != failing.contains(entry.name) {
            contributions.append(entry.isReversed ? -entry.weight : entry.weight)
        }
        return .priority(max(1, min(254, contributions.reduce(base, +))))
    }
}

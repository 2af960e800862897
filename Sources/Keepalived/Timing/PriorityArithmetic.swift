/// What becomes of an instance's priority when the things it tracks fail.
///
/// vrrp_track.c `vrrp_set_effective_priority`: the sum is kept between 1 and 254; 255 never changes.
package struct PriorityArithmetic: Sendable {
    package enum Outcome: Hashable, Sendable {
        case priority(Int)
        /// Something without a weight failed.
        case fault(causes: [String])

        /// `nil` in FAULT.
        package var priority: Int? { if case .priority(let value) = self { value } else { nil } }
    }

    /// One thing that is tracked, and what it counts.
    package struct Weight: Hashable, Sendable {
        package var name: String
        package var weight: Int
        package var isReversed: Bool

        package init(_ name: String, _ weight: Int, isReversed: Bool = false) {
            self.name = name
            self.weight = weight
            self.isReversed = isReversed
        }

        /// What it adds where it counts at all.
        fileprivate var effect: Int { isReversed ? -weight : weight }
    }

    /// Within these keepalived keeps a sum: 255 is the owner of the address, 0 a resignation.
    package static let limits = 1...254

    package static func clamped(_ sum: Int) -> Int { max(limits.lowerBound, min(limits.upperBound, sum)) }

    package let base: Int
    /// Scripts, processes and interfaces, which are either well or not.
    package let tracked: [Weight]
    /// Files, whose number is multiplied with the weight.
    package let files: [Weight]

    package init(base: Int, tracked: [Weight], files: [Weight] = []) {
        self.base = base
        self.tracked = tracked
        self.files = files
    }

    package init(of instance: Instance, in configuration: Configuration) {
        let files = instance.trackFiles + (configuration.syncGroup(of: instance)?.trackFiles ?? [])
        self.init(
            base: instance.priority.value, tracked: configuration.tracked(by: instance).map(Weight.init),
            files: files.map(Weight.init))
    }

    /// From the worst to the best sum of what is tracked, before it is clamped; files apart.
    package var reach: ClosedRange<Int> {
        let effects = tracked.map(\.effect)
        return effects.reduce(base) { $0 + min(0, $1) }...effects.reduce(base) { $0 + max(0, $1) }
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
            contributions.append(entry.effect)
        }
        return .priority(Self.clamped(contributions.reduce(base, +)))
    }
}

extension PriorityArithmetic.Weight {
    fileprivate init(_ reference: TrackedReference) {
        self.init(reference.name, reference.weight, isReversed: reference.isReversed)
    }
}

extension Configuration {
    /// Scripts, processes and interfaces whose failure counts for an instance, those of its sync group too.
    package func tracked(by instance: Instance) -> [TrackedReference] {
        let group = syncGroup(of: instance)
        return instance.trackScripts + instance.trackProcesses + instance.trackInterfaces
            + (group?.trackScripts ?? []) + (group?.trackProcesses ?? []) + (group?.trackInterfaces ?? [])
    }
}

/// Computes an instance's priority when tracked objects fail.
///
/// vrrp_track.c `vrrp_set_effective_priority`: the sum is clamped to 1...254; 255 never changes.
package struct PriorityArithmetic: Sendable {
    package enum Outcome: Hashable, Sendable {
        case priority(Int)
        /// Something without a weight failed.
        case fault(causes: [String])

        /// `nil` in FAULT.
        package var priority: Int? { if case .priority(let value) = self { value } else { nil } }
    }

    /// A tracked object and its weight.
    package struct Weight: Hashable, Sendable {
        package var name: String
        package var weight: Int
        package var isReversed: Bool

        package init(_ name: String, _ weight: Int, isReversed: Bool = false) {
            self.name = name
            self.weight = weight
            self.isReversed = isReversed
        }

        /// The number that it adds to the priority.
        fileprivate var effect: Int { isReversed ? -weight : weight }
    }

    /// keepalived clamps the sum to these: 255 is the address owner's priority, 0 a resignation.
    package static let limits = 1...254

    package static func clamped(_ sum: Int) -> Int { max(limits.lowerBound, min(limits.upperBound, sum)) }

    package let base: Int
    /// Scripts, processes and interfaces, which either succeed or fail.
    package let tracked: [Weight]
    /// Files, whose number is multiplied by the weight.
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

    /// The range of sums that the tracked objects can produce, without files and before clamping.
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

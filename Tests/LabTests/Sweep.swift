import FoundationEssentials
import Testing

/// The widest sweeps over machines: `make test` makes a fixed part of each, `make test-doctor`, `make test-faults`
/// and `make test-sweeps` make all.
enum Sweep {
    static let isWhole = ProcessInfo.processInfo.environment["HAOPS_WHOLE_SWEEPS"] != nil

    /// The first of `all`, and every `step`-th after it; or all.
    static func part<Member>(of all: [Member], every step: Int) -> [Member] {
        isWhole ? all : all.enumerated().filter { $0.offset.isMultiple(of: step) }.map(\.element)
    }
}

extension Trait where Self == ConditionTrait {
    /// For a test whose promise `make test` has from another one too, mostly from the sample of the matrix of faults.
    static var onlyInSweeps: Self { .enabled(if: Sweep.isWhole, "made by `make test-sweeps`") }
}

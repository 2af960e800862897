import FoundationEssentials

/// The widest sweeps over machines: `make test` makes a fixed part of each, `make test-doctor` and `make test-faults` make all.
enum Sweep {
    static let isWhole = ProcessInfo.processInfo.environment["HAOPS_WHOLE_SWEEPS"] != nil

    /// The first of `all`, and every `step`-th after it; or all.
    static func part<Member>(of all: [Member], every step: Int) -> [Member] {
        isWhole ? all : all.enumerated().filter { $0.offset.isMultiple(of: step) }.map(\.element)
    }
}

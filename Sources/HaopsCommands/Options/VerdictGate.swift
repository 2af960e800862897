import ArgumentParser
import Checks

/// A wait until every address has a verdict, as a gate for scripts.
struct VerdictGate: Sendable {
    let verdict: VIPOwnership.Verdict

    /// How long it is waited for where no `--timeout` says.
    static let usualLimit = Duration.seconds(30)

    /// - `clusters`: the verdicts of each cluster; one without any address has none that is as wanted.
    func isOpen(_ clusters: [[VIPOwnership]]) -> Bool {
        !clusters.isEmpty && clusters.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.verdict == verdict } }
    }

    /// What a gate that did not open ends with.
    func exit(_ ownerships: [VIPOwnership]) -> HaopsExit {
        ownerships.contains { $0.verdict == .unknown } ? .unreachable : .badState
    }
}

extension VIPOwnership.Verdict: ExpressibleByArgument {}

extension HaopsExit {
    /// The exit code of a verb that says who owns what.
    ///
    /// - `isComplete`: whether everybody has answered.
    init(_ ownerships: [VIPOwnership], isComplete: Bool) {
        if ownerships.contains(where: { $0.verdict.isBad }) {
            self = .badState
        } else {
            self = ownerships.contains { $0.verdict == .unknown } || !isComplete ? .unreachable : .done
        }
    }
}

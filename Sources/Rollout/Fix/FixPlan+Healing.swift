import Addresses
package import Checks
import Facts
import Inventory
import Remote

extension FixPlan {
    /// What is not healed, by verdicts that were taken after the work: an address that the actions were to heal and that is
    /// not owned, or does not answer; a keepalived that was started or restarted and does not run.
    ///
    /// - `verdicts`: with the answers to fresh requests for the addresses, not with neighbour entries alone.
    package func unhealed(in verdicts: [VIPOwnership]) -> [String] {
        guard hasWork else { return [] }
        var reasons = verdicts.filter { broken.contains($0.vip) && $0.verdict != .owned }.map {
            "not healed: \($0.vip) is \($0.verdict.rawValue): \($0.reason)"
        }
        let started = Set(actions.filter(\.loads).map(\.node))
        let dead = Set(
            verdicts.flatMap(\.nodes).filter { started.contains($0.node) && $0.daemonRuns == false }.map(
                \.node))
        reasons += dead.sorted().map {
            "not healed: keepalived on `\($0)` was started, and something has stopped it again"
        }
        return reasons
    }

    /// How long to wait before the addresses are asked for once more, in seconds: a master-down time, and until every
    /// tracked check could have failed or acted again. Some checks stop keepalived, and not always the first time.
    package func secondLook(after observation: ClusterObservation) -> Int {
        let isWatched = observation.checkPeriod > 0 && actions.contains(where: \.loads)
        let relapse = isWatched ? Self.relapse : 0
        return min(Self.longestWait, max(observation.seconds, observation.checkPeriod + 1, relapse))
    }

    /// In seconds.
    private static let longestWait = 20
    /// With the look before it, a keepalived that was started is watched for more than twelve seconds.
    private static let relapse = 9
}

import Events
import Inventory
import Remote
import Rollout
import Synchronization

/// The steps of the plans that a run carries out: its events are called as the plan calls them, with their numbers.
struct StepNumbers: Sendable {
    private struct Key: Hashable {
        var cluster: String?
        var stage: RunEvent.Stage
        /// `nil` for a step of all nodes.
        var node: HostID?
    }

    struct Step: Sendable {
        var number: Int
        var total: Int
        /// The plan's words; `nil` for a step of all nodes, whose stage has words of its own.
        var words: String?
    }

    private var steps: [Key: Step] = [:]

    init(_ plans: [ClusterPlan] = []) {
        for plan in plans {
            for (index, step) in plan.steps.enumerated() {
                guard let stage = step.stage else { continue }
                let key = Key(cluster: plan.cluster.name, stage: stage, node: step.node)
                if let words = steps[key]?.words {
                    // Several instances are handed over in one step of the run.
                    steps[key]?.words = words + ", " + step.what
                } else {
                    steps[key] = Step(
                        number: index + 1, total: plan.steps.count, words: step.node == nil ? nil : step.what)
                }
            }
        }
    }

    subscript(event: RunEvent) -> Step? {
        steps[Key(cluster: event.cluster, stage: event.stage, node: event.node)]
            ?? steps[Key(cluster: event.cluster, stage: event.stage, node: nil)]
    }
}

/// What was said last of each node, so that it is not said again.
final class SaidOnce: Sendable {
    private let said = Mutex<[String: String]>([:])

    /// Whether `words` are new for `place`.
    func isNew(_ words: String, of place: String) -> Bool {
        said.withLock { said in
            defer { said[place] = words }
            return said[place] != words
        }
    }
}

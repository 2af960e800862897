import ArgumentParser
import Inventory
import Rollout

/// The order and number of clusters that a verb changes at once.
struct WaveFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Change this many clusters at once, but never two that share a machine.", valueName: "number"
        ))
    var clustersAtOnce = 1

    @Option(
        help: ArgumentHelp(
            "Change this cluster first and alone; the others only if it ends well.", valueName: "name"),
        completion: .custom { _, _, _ in InventoryCompletion.clusters() })
    var canary: String?

    @Option(
        help: ArgumentHelp(
            "Begin no other cluster once more than this many have failed; running ones are finished.",
            valueName: "number"))
    var maxFailures = 0

    func validate() throws {
        if clustersAtOnce < 1 { throw ValidationError("--clusters-at-once wants 1 or more") }
        if maxFailures < 0 { throw ValidationError("--max-failures wants 0 or more") }
    }

    /// The waves through the selected clusters.
    ///
    /// - Throws: ``Failure`` of exit code 64 when the canary is none of them.
    func waves(through clusters: [Cluster]) throws -> Waves {
        let names = clusters.map(\.name)
        if let canary, !names.contains(canary) {
            throw Failure(
                .usage, "no selected cluster is called `\(canary)`",
                hint: suggestion(for: canary, among: names).map { "did you mean `\($0)`?" }
                    ?? "there are \(NodeRange.folded(names))")
        }
        return Waves(atOnce: clustersAtOnce, canary: canary, maxFailures: maxFailures)
    }
}

import Inventory
import Remote
import Rendering
import Rollout

extension ClusterWork {
    /// The plans that take clusters back to before a run. Changes nothing.
    ///
    /// - `run`: the run of each cluster; `nil` is the latest one that no rollback has undone.
    /// - Returns: the plans, and whether their diffs must be hidden, because the secrets in them are not known.
    /// - Throws: ``Failure`` for a cluster without such a backup.
    func plansToGoBack(
        before run: @escaping @Sendable (Cluster) -> String?
    ) async throws -> (plans: [ClusterPlan], hidesDiffs: Bool) {
        let secrets = try await secrets()
        let rollout = rollout
        let found = try await ofEachCluster { cluster throws(InterruptedQuestion) in
            try await rollout.planRollback(
                of: cluster, before: run(cluster), secrets: secrets?.all(of: cluster) ?? [])
        }
        let plans = try zip(fleet.clusters, found).map { cluster, plan in
            guard let plan else {
                throw Failure(
                    .refused,
                    run(cluster).map { "cluster `\(cluster.name)`: no saved set is called `\($0)`" }
                        ?? "cluster `\(cluster.name)`: no run has saved anything that a rollback has not restored already",
                    hint: "haops rollback --list shows what there is; --before RUN undoes a rollback, too"
                )
            }
            return plan
        }
        return (plans, secrets == nil)
    }

    /// The secrets to mask in diffs; `nil` when they cannot be fetched. Going back needs none, and does without diffs then.
    private func secrets() async throws -> ResolvedSecrets? {
        do {
            return try await RenderedFleet.secrets(of: fleet, console: console)
        } catch {
            try Task.checkCancellation()
            _ = explain(error, on: console)
            console.warning("no diffs are shown, because haops cannot mask secrets that it does not know")
            return nil
        }
    }
}

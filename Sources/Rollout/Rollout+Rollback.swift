import Facts
package import Inventory
package import Remote

/// A set that a run saved, on the nodes that it changed.
package struct SavedRun: Hashable, Sendable {
    package var run: String
    /// `WHO WHAT`, as the run said it.
    package var why: String
    package var nodes: [HostID]
}

extension Rollout {
    /// The saved sets of a cluster, newest first, and the nodes that did not answer.
    package func savedRuns(of cluster: Cluster) async -> (
        runs: [SavedRun], unreachable: [HostID: RemoteError]
    ) {
        let (sets, unreachable) = await savedSets(of: cluster)
        return (Self.runs(in: sets), unreachable)
    }

    /// What it takes to go back to before a run: the newest that saved anything, or the one named.
    ///
    /// It is an apply of the saved files under the same gates, and saves a set itself, so that a rollback can be
    /// taken back. Acceptances of VRRP and ICMP in a firewall stay in force: closing them could only hurt.
    /// - Returns: `nil` when no such set is saved anywhere.
    package func planRollback(of cluster: Cluster, before run: String? = nil) async -> ClusterPlan? {
        let (sets, unreachable) = await savedSets(of: cluster)
        let runs = Self.runs(in: sets)
        guard let chosen = runs.first(where: { run == nil || $0.run == run }) else {
            guard !unreachable.isEmpty else { return nil }
            return ClusterPlan(
                cluster: cluster, purpose: "rollback", nodes: cluster.nodes.map { NodePlan(node: $0) },
                unreachable: unreachable, goal: .converge([:]))
        }
        var desired: [HostID: DesiredNode] = [:]
        var failures = unreachable
        for node in cluster.nodes {
            guard let set = sets[node.id]?.last(where: { $0.run == chosen.run }) else { continue }
            switch await contents(of: set, on: node) {
            case .success(let found): desired[node.id] = found
            case .failure(let error): failures[node.id] = error
            }
        }
        var plan = await plan(cluster, purpose: "rollback to before \(chosen.run)", .converge(desired))
        plan.unreachable.merge(failures) { $1 }
        return plan
    }

    private func savedSets(
        of cluster: Cluster
    ) async -> (sets: [HostID: [HaopsState.SavedSet]], unreachable: [HostID: RemoteError]) {
        let transport = transport
        let answers = await fanOut(over: cluster.nodes.map(\.target), window: 64) { target in
            await transport.facts(of: target, Probe([HaopsStateFact()]))
        }
        var sets: [HostID: [HaopsState.SavedSet]] = [:]
        var unreachable: [HostID: RemoteError] = [:]
        for (node, answer) in zip(cluster.nodes, answers) {
            switch answer {
            case .success(let facts): sets[node.id] = facts.known(HaopsStateFact.self)?.sets ?? []
            case .failure(let error): unreachable[node.id] = error
            }
        }
        return (sets, unreachable)
    }

    private static func runs(in sets: [HostID: [HaopsState.SavedSet]]) -> [SavedRun] {
        var runs: [String: SavedRun] = [:]
        for (node, saved) in sets {
            // A restart replaces no file: there is nothing to go back to.
            for set in saved where !set.files.isEmpty {
                runs[set.run, default: SavedRun(run: set.run, why: String.shown(set.why), nodes: [])].nodes
                    .append(node)
            }
        }
        return runs.values.sorted { $0.run > $1.run }.map { run in
            var run = run
            run.nodes.sort()
            return run
        }
    }

    private func contents(
        of set: HaopsState.SavedSet, on node: Node
    ) async -> Result<DesiredNode, RemoteError> {
        let directory = "/var/lib/haops/sets/\(set.run)/root"
        let saved = set.files.filter { !$0.isAbsent }
        let answer = await transport.facts(
            of: node.target, Probe([FilesFact(saved.map { directory + $0.path })]))
        return answer.map { facts in
            let contents = facts.known(FilesFact.self) ?? [:]
            let files = set.files.compactMap { file -> DesiredFile? in
                let role = DesiredFile.Role(rawValue: file.role) ?? .checkScript
                if file.isAbsent { return DesiredFile(path: file.path, contents: nil, role: role) }
                guard let state = contents[directory + file.path], state.kind == .regular else { return nil }
                return DesiredFile(
                    path: file.path, contents: state.contents, mode: file.mode, owner: file.owner, role: role)
            }
            return DesiredNode(
                files: files,
                sysctls: set.sysctls.sorted { $0.key < $1.key }.map {
                    SysctlSetting(key: $0.key, value: $0.value)
                },
                services: set.services.mapValues {
                    DesiredNode.Service(runs: $0.wasRunning, isEnabled: $0.wasEnabled)
                })
        }
    }
}

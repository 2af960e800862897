import Facts
package import Inventory
package import Remote

/// The backup that a run saved on the nodes that it changed.
package struct SavedRun: Hashable, Sendable {
    package var run: String
    /// `WHO WHAT`, as the run recorded it.
    package var why: String
    package var nodes: [HostID]
    /// The nodes that have gone back from it by themselves, or because it failed.
    package var putBack: Set<HostID> = []
}

extension Rollout {
    /// The backups on a cluster's nodes, newest first, and the nodes that did not answer.
    package func savedRuns(of cluster: Cluster) async throws(InterruptedQuestion) -> (
        runs: [SavedRun], unreachable: [HostID: RemoteError]
    ) {
        let (sets, _, unreachable) = try await savedSets(of: cluster)
        return (Self.runs(in: sets), unreachable)
    }

    /// Plans a rollback to the state before a run: the named run; else the run that an unfinished rollback was
    /// undoing; else the newest run with a backup that no rollback has undone.
    ///
    /// A rollback is an apply of the saved files under the same gates. It saves a backup itself, so it can be undone.
    /// Firewall rules that accept VRRP and ICMP stay in force: removing them could only cause an outage.
    /// - `secrets`: the cluster's secrets, hidden in the diffs: the files on the nodes may contain current or earlier
    ///   ones.
    /// - Returns: `nil` when no node has such a backup.
    package func planRollback(
        of cluster: Cluster, before run: String? = nil, secrets: [Secret]
    ) async throws(InterruptedQuestion) -> ClusterPlan? {
        let (sets, unfinished, unreachable) = try await savedSets(of: cluster)
        let runs = Self.runs(in: sets, named: run)
        let wanted = run ?? Self.goal(ofUnfinished: unfinished)
        guard let chosen = wanted.map({ name in runs.first { $0.run == name } }) ?? Self.latest(of: runs)
        else {
            guard !unreachable.isEmpty else { return nil }
            return ClusterPlan(
                cluster: cluster, purpose: "rollback", nodes: cluster.nodes.map { NodePlan(node: $0) },
                unreachable: unreachable, goal: .converge([:]))
        }
        var desired: [HostID: DesiredNode] = [:]
        var failures = unreachable
        var obstacles: [HostID: [String]] = [:]
        for node in cluster.nodes {
            let kept = sets[node.id] ?? []
            guard let saved = SavedState(kept, before: chosen.run) else { continue }
            if let oldest = kept.first?.run, oldest > chosen.run, kept.count >= NodeOperations.keptSets {
                obstacles[node.id] = ["its backups begin with \(oldest), after \(chosen.run)"]
                continue
            }
            switch await contents(of: saved, on: node) {
            case .success(let found):
                var restored = found.node
                for index in restored.files.indices { restored.files[index].secrets = secrets }
                desired[node.id] = restored
                obstacles[node.id] = found.missing.map {
                    "\($0): the backup from before \(chosen.run) no longer exists"
                }
            case .failure(let error) where error.isCancelled: throw InterruptedQuestion(unanswered: [node.id])
            case .failure(let error): failures[node.id] = error
            }
        }
        var plan = try await plan(
            cluster, purpose: Self.purpose(before: chosen.run), .goBack(desired, before: chosen.run))
        plan.unreachable.merge(failures) { $1 }
        // Whoever repeats a rollback does not ask for the end of the service.
        if wanted == nil, chosen.run != runs.first?.run, let last = plan.leaving.sorted().first {
            plan.obstruct(
                last,
                "it was rolled back already, and before \(chosen.run) there was no service: --before \(chosen.run) ends it"
            )
        }
        for index in plan.nodes.indices {
            plan.nodes[index].obstacles += obstacles[plan.nodes[index].node.id] ?? []
        }
        return plan
    }

    /// The newest run that a rollback has not undone yet. A rollback saves what it replaces, too; going back to before it
    /// would undo it, and is done only by name. A rollback that has ended without changing every node is taken up again: it
    /// must not go back further.
    ///
    /// - `runs`: newest first.
    static func latest(of runs: [SavedRun]) -> SavedRun? {
        var undone: String?
        // The nodes that went back to before a run, by any number of rollbacks.
        var back: [String: Set<HostID>] = [:]
        for run in runs {
            if let undone, run.run >= undone { continue }
            guard let goal = goal(in: run.why) else { return run }
            back[goal, default: []].formUnion(Set(run.nodes).subtracting(run.putBack))
            let changed = runs.filter { $0.run >= goal && $0.run < run.run && Self.goal(in: $0.why) == nil }
                .flatMap { Set($0.nodes).subtracting($0.putBack) }
            guard back[goal, default: []].isSuperset(of: changed) else {
                let started = runs.contains { $0.run < run.run && Self.goal(in: $0.why) == goal }
                if started { continue }
                return runs.first { $0.run == goal }
            }
            undone = min(goal, undone ?? goal)
        }
        return nil
    }

    /// The run that a rollback went back to before, by its record: `root@vm rollback to before 20261121T084349Z-k3x9`.
    private static func goal(in why: String) -> String? {
        guard let start = why.firstRange(of: purpose(before: "")) else { return nil }
        return why[start.upperBound...].split { $0 == " " || $0 == "," }.first.map(String.init)
    }

    /// The purpose of a rollback in locks and journals.
    static func purpose(before run: String) -> String { "rollback to before \(run)" }

    /// The run that an interrupted rollback was undoing. The rollback's own backups are newer; restoring those would
    /// undo the rollback instead.
    static func goal(ofUnfinished runs: [PendingWork.UnfinishedRun]) -> String? {
        let prefix = purpose(before: "")
        let newest = runs.max { $0.run < $1.run }
        guard let newest, newest.what.hasPrefix(prefix) else { return nil }
        // A node that rolled back automatically adds this after the name.
        return newest.what.dropFirst(prefix.count).split(separator: ",").first.map(String.init)
    }

    private func savedSets(
        of cluster: Cluster
    ) async throws(InterruptedQuestion) -> (
        sets: [HostID: [HaopsState.SavedSet]], unfinished: [PendingWork.UnfinishedRun],
        unreachable: [HostID: RemoteError]
    ) {
        let transport = transport
        let answers = try await onceStepsHaveEnded(on: cluster) { () async throws(InterruptedQuestion) in
            try await transport.question(cluster.nodes.map(\.target), window: 64) { target in
                await transport.facts(of: target, Probe(.rollback))
            }
        } pending: { answers in
            zip(cluster.nodes, answers).map { ($0.id, (try? $1.get())?.known(PendingFact.self)) }
        }
        var sets: [HostID: [HaopsState.SavedSet]] = [:]
        var unfinished: [PendingWork.UnfinishedRun] = []
        var unreachable: [HostID: RemoteError] = [:]
        for (node, answer) in zip(cluster.nodes, answers) {
            if let run = (try? answer.get())?.known(PendingFact.self)?.unfinished { unfinished.append(run) }
            switch answer.flatMap({ $0.answer(to: HaopsStateFact.self, "which backups it has") }) {
            case .success(let state): sets[node.id] = state.sets
            case .failure(let error): unreachable[node.id] = error
            }
        }
        return (sets, unfinished, unreachable)
    }

    /// - `name`: a run that counts although it replaced no file: it may have started or enabled daemons.
    private static func runs(in sets: [HostID: [HaopsState.SavedSet]], named name: String? = nil)
        -> [SavedRun]
    {
        var runs: [String: SavedRun] = [:]
        for (node, saved) in sets {
            // A restart replaces no file, so there is nothing to restore.
            for set in saved where !set.files.isEmpty || set.run == name {
                var run = runs[set.run] ?? SavedRun(run: set.run, why: String.shown(set.why), nodes: [])
                run.nodes.append(node)
                if set.isPutBack { run.putBack.insert(node) }
                runs[set.run] = run
            }
        }
        return runs.values.sorted { $0.run > $1.run }.map { run in
            var run = run
            run.nodes.sort()
            return run
        }
    }

    /// The contents of the saved copies, and the paths of copies that cannot be read.
    private func contents(
        of saved: SavedState, on node: Node
    ) async -> Result<(node: DesiredNode, missing: [String]), RemoteError> {
        let copies = saved.files.values.filter { !$0.file.isAbsent }.map(\.copy)
        let answer = await transport.facts(of: node.target, Probe([FilesFact(copies.sorted())]))
        return answer.flatMap { $0.answer(to: FilesFact.self, "what its backups contain") }.map { contents in
            var missing: [String] = []
            var files: [DesiredFile] = []
            for (file, copy) in saved.files.values.sorted(by: { $0.file.path < $1.file.path }) {
                let role = DesiredFile.Role(rawValue: file.role) ?? .checkScript
                if file.isAbsent {
                    files.append(DesiredFile(path: file.path, contents: nil, role: role))
                } else if let state = contents[copy], state.kind == .regular {
                    files.append(
                        DesiredFile(
                            path: file.path, contents: state.contents, mode: file.mode, owner: file.owner,
                            role: role))
                } else {
                    missing.append(file.path)
                }
            }
            var node = DesiredNode(
                files: files,
                sysctls: saved.sysctls.sorted { $0.key < $1.key }.map {
                    SysctlSetting(key: $0.key, value: $0.value)
                },
                services: saved.services.mapValues {
                    DesiredNode.Service(runs: $0.wasRunning, isEnabled: $0.wasEnabled)
                })
            node.wasInForce = true
            return (node, missing)
        }
    }
}

/// One node's state before a run, from the backups of that run and all later ones. The oldest copy of each file
/// counts, because a later run may have changed a file that this run did not.
struct SavedState {
    private(set) var files: [String: (file: HaopsState.SavedSet.File, copy: String)] = [:]
    private(set) var sysctls: [String: String] = [:]
    private(set) var services: [String: HaopsState.SavedSet.Service] = [:]

    /// `nil` when none of the backups (oldest first) is of that run or a later one. Run names sort by time.
    init?(_ sets: [HaopsState.SavedSet], before run: String) {
        let later = sets.filter { $0.run >= run }
        guard !later.isEmpty else { return nil }
        for set in later.reversed() {
            for file in set.files {
                files[file.path] = (file, NodePaths.stateDirectory + "/sets/\(set.run)/root" + file.path)
            }
            sysctls.merge(set.sysctls) { $1 }
            services.merge(set.services) { $1 }
        }
    }
}

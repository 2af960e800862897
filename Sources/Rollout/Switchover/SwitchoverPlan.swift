package import Inventory
import Keepalived
package import Remote

/// A condition that must hold before anything is moved, with what was observed.
package struct Precondition: Hashable, Sendable {
    /// "`lb2` is a healthy BACKUP of `VI_1`".
    package var what: String
    package var holds: Bool
    package var evidence: String

    package init(_ what: String, _ holds: Bool, _ evidence: String) {
        self.what = what
        self.holds = holds
        self.evidence = evidence
    }
}

/// How instances move to another node, or back to the node that their priorities prefer.
package struct SwitchoverPlan: Sendable {
    /// One number in one handover file.
    package struct PriorityOverride: Hashable, Sendable {
        package var instance: String
        package var node: HostID
        /// The number added to the node's priority; 0 ends the override.
        package var value: Int
    }

    /// One priority in a node's own configuration that does not follow a handover file.
    package struct Edit: Hashable, Sendable {
        package var instance: String
        package var node: HostID
        package var value: Int
    }

    package var cluster: Cluster
    /// The node that gets the instances; `nil` ends all overrides.
    package var target: HostID?
    package var reason: String
    package var instances: [String]
    package var preconditions: [Precondition]
    /// The current owner of each instance.
    package var owners: [String: HostID]
    /// Overrides that are written first and move the addresses.
    package var overrides: [PriorityOverride]
    /// Overrides that are ended once the addresses have moved.
    package var releases: [PriorityOverride]
    /// Without a handover file: priorities that are written and reloaded.
    package var edits: [Edit] = []
    /// Without a handover file and with nopreempt: owners whose keepalived is restarted.
    package var restarts: [HostID] = []
    /// The change that makes these edits on the nodes, with its diff.
    package var change: ClusterPlan?
    package var moves: [PredictedMove]
    package var unreachable: [HostID: RemoteError]

    /// Whether there is nothing to move and no override to end.
    package var isEmpty: Bool { overrides.isEmpty && releases.isEmpty && edits.isEmpty && restarts.isEmpty }
    package var isRefused: Bool { preconditions.contains { !$0.holds } }
}

/// Decides which numbers in which handover files move instances to a node. Pure.
enum SwitchoverPlanner {
    static func plan(
        _ cluster: Cluster, to target: HostID?, instances names: Set<String>?, reason: String,
        view: ClusterView, written: [HostID: [String: WrittenPriority]] = [:],
        unreachable: [HostID: RemoteError]
    ) -> SwitchoverPlan {
        let chosen = (cluster.keepalived?.instances ?? []).filter { names?.contains($0.name) != false }
        var plan = SwitchoverPlan(
            cluster: cluster, target: target, reason: reason, instances: chosen.map(\.name),
            preconditions: [],
            owners: [:], overrides: [], releases: [], moves: [], unreachable: unreachable)
        plan.preconditions.append(
            Precondition(
                "every node answers", view.silent.isEmpty,
                view.silent.isEmpty
                    ? "\(view.nodes.count) of \(view.nodes.count)"
                    : view.silent.keys.sorted().listed + " did not"))
        // While a node does not answer, owners and possible successors are not known.
        guard view.isComplete else { return plan }
        plan.preconditions += cluster.nodes.flatMap { node in
            view.unansweredProblems(of: cluster, on: node.id, and: [.handovers]).map {
                Precondition("`\(node.id)` says what it is asked", false, $0.text)
            }
        }
        plan.preconditions.append(
            Precondition(
                "there is an instance to move", !chosen.isEmpty, chosen.map(\.name).joined(separator: ", ")))
        for instance in chosen {
            let owner = view.owner(of: instance)
            plan.owners[instance.name] = owner
            plan.preconditions.append(
                Precondition(
                    "`\(instance.name)` has exactly one owner", owner != nil,
                    owner.map { "`\($0)`" } ?? "see `haops who`"))
            guard let owner else { continue }
            if let target {
                plan.move(instance, from: owner, to: target, view, written)
            } else {
                plan.release(instance, from: owner, view, written)
            }
        }
        return plan
    }
}

extension SwitchoverPlan {
    fileprivate mutating func move(
        _ instance: VRRPInstance, from owner: HostID, to target: HostID, _ view: ClusterView,
        _ written: [HostID: [String: WrittenPriority]]
    ) {
        guard let node = view.nodes[target] else {
            preconditions.append(
                Precondition(
                    "`\(target)` is a node of `\(cluster.name)`", false, "it is none, or it is silent"))
            return
        }
        let name = instance.name
        let others = overridden(name, view).filter { $0.node != target }
        guard owner != target else {
            // The target is already the owner; overrides on other nodes have no effect and are ended.
            releases += others.map { PriorityOverride(instance: name, node: $0.node, value: 0) }
            return
        }
        let role = node.roles[name]
        preconditions.append(
            Precondition(
                "`\(target)` is a BACKUP of `\(name)`", node.keepalivedRuns && role == .backup,
                node.keepalivedRuns
                    ? role?.rawValue ?? "it reports no role" : "keepalived does not run"))
        if cluster.haproxy != nil {
            let isWell = node.haproxyRuns && node.silentBinds.isEmpty
            preconditions.append(
                Precondition(
                    "haproxy serves on `\(target)`", isWell,
                    isWell
                        ? "it runs and listens"
                        : node.haproxyRuns
                            ? "silent on \(node.silentBinds.joined(separator: ", "))" : "it does not run"))
        }
        let failing = view.lowered(instance, on: target, cluster)
        preconditions.append(
            Precondition(
                "checks pass on `\(target)`", failing == nil,
                failing?.text ?? "priority \(node.priorities[name] ?? 0)"))
        guard cluster.keepalived?.preempt != false else {
            leave(instance, owner: owner, to: target, view)
            return
        }
        guard node.follows.contains(name) else {
            raise(instance, owner: owner, to: target, view, written)
            return
        }
        preconditions.append(
            Precondition(
                "haops can raise `\(name)` on `\(target)`", true,
                "its configuration follows the handover file"))
        let mine = (node.priorities[name] ?? 0) - (node.overrides[name] ?? 0)
        let rivals = view.nodes.filter { $0.key != target }
        let highest = rivals.compactMap { $0.value.priorities[name] }.max() ?? 0
        let natural =
            rivals.compactMap { entry in
                entry.value.priorities[name].map { $0 - (entry.value.overrides[name] ?? 0) }
            }.max() ?? 0
        releases += others.map { PriorityOverride(instance: name, node: $0.node, value: 0) }
        if mine > natural {
            // The target would become owner by its own priority: only the overrides of other nodes prevent that.
            overrides += releases.filter { $0.instance == name }
            releases.removeAll { $0.instance == name }
            if node.overrides[name] != nil {
                releases.append(PriorityOverride(instance: name, node: target, value: 0))
            }
        } else {
            preconditions.append(
                Precondition(
                    "there is room above priority \(highest)", highest < top,
                    highest < top ? "\(highest + 1)" : "\(top) is the top"))
            overrides.append(PriorityOverride(instance: name, node: target, value: highest + 1 - mine))
        }
        moves.append(
            PredictedMove(instance: name, from: owner, to: target, means: .handover, outageMilliseconds: 0))
    }

    /// The highest priority that an override can reach.
    private var top: Int { PriorityArithmetic.limits.upperBound }

    /// Without a handover file, the priority itself is written above that of all other nodes, and a reload applies
    /// it.
    private mutating func raise(
        _ instance: VRRPInstance, owner: HostID, to target: HostID, _ view: ClusterView,
        _ written: [HostID: [String: WrittenPriority]]
    ) {
        let name = instance.name
        let mine = written[target]?[name]
        preconditions.append(
            Precondition(
                "haops can raise `\(name)` on `\(target)`", mine != nil,
                mine.map { "no handover file, but \($0.place)" }
                    ?? "no handover file, and no number for its priority in its keepalived.conf"))
        guard let mine else { return }
        let base = view.nodes[target]?.basePriorities[name] ?? mine.value
        preconditions.append(
            Precondition(
                "`\(target)` runs with the priority in its file", base == mine.value,
                base == mine.value
                    ? "priority \(base)" : "it runs with \(base), and the file says \(mine.value)"))
        let others = written.filter { $0.key != target && $0.value[name]?.original != nil }
        edits += others.compactMap { node, priorities in
            priorities[name].map { Edit(instance: name, node: node, value: $0.natural) }
        }.sorted { $0.node < $1.node }
        releases += overridden(name, view).filter { $0.node != target }
            .map { PriorityOverride(instance: name, node: $0.node, value: 0) }
        let highest =
            view.nodes.filter { $0.key != target }.compactMap { node, seen in
                written[node]?[name]?.original ?? seen.priorities[name]
            }.max() ?? 0
        let checks = (view.nodes[target]?.priorities[name] ?? base) - base
        let value = max(mine.natural, highest + 1 - checks)
        preconditions.append(
            Precondition(
                "there is room above priority \(highest)", value <= top,
                value <= top ? "\(value)" : "\(top) is the top"))
        if value != mine.value { edits.append(Edit(instance: name, node: target, value: value)) }
        moves.append(
            PredictedMove(instance: name, from: owner, to: target, means: .handover, outageMilliseconds: 0))
    }

    /// With nopreempt, no BACKUP takes over from a living owner: the owner has to step down, by the same file.
    private mutating func leave(
        _ instance: VRRPInstance, owner: HostID, to target: HostID, _ view: ClusterView
    ) {
        let name = instance.name
        let rival = view.successor(of: instance, leaving: owner, in: cluster)
        preconditions.append(
            Precondition(
                "`\(target)` is next in line for `\(name)`", rival == target,
                rival.map { "`\($0)` is" } ?? "no node is"))
        let follows = view.nodes[owner]?.follows.contains(name) == true
        preconditions.append(
            Precondition(
                "haops can make `\(owner)` step down", true,
                follows
                    ? "its configuration follows the handover file"
                    : "no handover file: its keepalived is restarted"))
        if follows {
            overrides.append(PriorityOverride(instance: name, node: owner, value: -254))
            releases.append(PriorityOverride(instance: name, node: owner, value: 0))
        } else if !restarts.contains(owner) {
            restarts.append(owner)
        }
        let silence = OutagePrediction(
            of: .stop, successor: view.masterDownTime(of: instance, on: target, in: cluster)
        ).longest
        moves.append(
            PredictedMove(
                instance: name, from: owner, to: target, means: .stop,
                outageMilliseconds: silence.wholeMilliseconds))
    }

    fileprivate mutating func release(
        _ instance: VRRPInstance, from owner: HostID, _ view: ClusterView,
        _ written: [HostID: [String: WrittenPriority]]
    ) {
        let name = instance.name
        let overridden = overridden(name, view)
        overrides += overridden.map { PriorityOverride(instance: name, node: $0.node, value: 0) }
        let raised = written.compactMapValues { $0[name] }.filter { $0.value.original != nil }
        edits += raised.map { Edit(instance: name, node: $0.key, value: $0.value.natural) }
            .sorted { $0.node < $1.node }
        guard !overridden.isEmpty || !raised.isEmpty, cluster.keepalived?.preempt != false else { return }
        func natural(_ node: HostID, _ seen: NodeView) -> Int {
            let override = raised[node].map { $0.value - $0.natural } ?? 0
            return (seen.priorities[name] ?? 0) - (seen.overrides[name] ?? 0) - override
        }
        let heir = view.nodes.filter { $0.value.keepalivedRuns }
            .max { natural($0.key, $0.value) < natural($1.key, $1.value) }?.key
        if let heir, heir != owner {
            moves.append(
                PredictedMove(
                    instance: instance.name, from: owner, to: heir, means: .handover, outageMilliseconds: 0))
        }
    }

    private func overridden(_ instance: String, _ view: ClusterView) -> [PriorityOverride] {
        view.nodes.compactMap { node, seen in
            seen.overrides[instance].map { PriorityOverride(instance: instance, node: node, value: $0) }
        }.sorted { $0.node < $1.node }
    }
}

import Keepalived
import Remote

/// Checks that each instance always has a definite owner, and that its checks can move it.
func electionProblems(of cluster: Cluster, in fleet: Fleet) -> [Diagnostic] {
    guard let keepalived = cluster.keepalived, cluster.nodes.count > 1 else { return [] }
    let scripts = Dictionary(keepalived.scripts.map { ($0.name, $0) }) { first, _ in first }
    return keepalived.instances.flatMap { instance -> [Diagnostic] in
        guard
            let election = Election(
                of: instance, nodes: cluster.nodes, scripts: instance.trackScripts.compactMap { scripts[$0] })
        else { return [] }
        let equal = election.equalPriorities(cluster: cluster.name, fleet: fleet)
        guard equal.isEmpty else { return equal }
        let weights =
            keepalived.preempt
            ? election.weightProblems(cluster: cluster.name, fleet: fleet)
            : election.nopreemptProblems(cluster: cluster.name, fleet: fleet)
        return election.headroomProblems(cluster: cluster.name, fleet: fleet) + weights
    }
}

/// The election of one instance's owner, and the effect of its checks.
private struct Election {
    let instance: VRRPInstance
    /// Highest priority first.
    let ranked: [(id: HostID, priority: Int)]
    /// The scripts whose weight counts.
    let scripts: [TrackScript]

    /// `nil` unless every node has a priority.
    init?(of instance: VRRPInstance, nodes: [Node], scripts: [TrackScript]) {
        var ranked: [(id: HostID, priority: Int)] = []
        for node in nodes {
            guard let priority = instance.priorities[node.id] else { return nil }
            ranked.append((node.id, priority))
        }
        self.instance = instance
        self.ranked = ranked.sorted { ($0.priority, $1.id) > ($1.priority, $0.id) }
        self.scripts = scripts.filter { $0.weight != 0 }
    }

    private var owner: (id: HostID, priority: Int) { ranked[0] }
    private var successor: (id: HostID, priority: Int) { ranked[1] }

    /// The priority when all checks pass.
    private func healthy(_ priority: Int) -> Int { effective(priority, scripts) }

    /// The priority when this check fails and the others pass.
    private func failing(_ script: TrackScript, _ priority: Int) -> Int {
        effective(priority, scripts, failing: [script.name])
    }

    private func effective(_ priority: Int, _ checks: [TrackScript], failing: Set<String> = []) -> Int {
        // All these checks have a weight, so none causes FAULT.
        PriorityArithmetic(base: priority, checks: checks).outcome(failing: failing).priority ?? 0
    }

    /// The sum of all positive weights.
    private var bonus: Int { PriorityArithmetic(base: 0, checks: scripts).reach.upperBound }

    // MARK: - Findings

    func equalPriorities(cluster: String, fleet: Fleet) -> [Diagnostic] {
        var first: [Int: HostID] = [:]
        var problems: [Diagnostic] = []
        for (id, priority) in ranked {
            guard let other = first[priority] else {
                first[priority] = id
                continue
            }
            problems.append(
                Diagnostic(
                    .error, at: place(of: id, cluster: cluster, fleet: fleet),
                    "`\(other)` and `\(id)` have the same priority, \(priority): nobody is the owner for certain",
                    remedy: "give every node a priority of its own"))
        }
        return problems
    }

    /// A handover raises the successor's priority above the owner's, and 254 is the highest.
    func headroomProblems(cluster: String, fleet: Fleet) -> [Diagnostic] {
        guard healthy(owner.priority) == PriorityArithmetic.limits.upperBound else { return [] }
        let sum = bonus > 0 ? " with \(bonus) for its checks" : ""
        return [
            Diagnostic(
                .warning, at: place(of: owner.id, cluster: cluster, fleet: fleet),
                "`\(owner.id)` has priority \(owner.priority)\(sum): no priority can be raised above 254, so `\(instance.name)` cannot be handed over without loss",
                remedy: "keep the highest priority, with all positive weights, at 253 or less")
        ]
    }

    /// With nopreempt a backup accepts adverts of lower priority for ever, so only FAULT moves the addresses.
    func nopreemptProblems(cluster: String, fleet: Fleet) -> [Diagnostic] {
        scripts.map { script in
            Diagnostic(
                .error, at: place(of: script, cluster: cluster, fleet: fleet),
                "`\(script.name)` can never move `\(instance.name)`: with `preempt: false` a backup does not take over from a master of lower priority",
                remedy: "write `weight: 0`, so that failure is a fault, or `preempt: true`")
        }
    }

    func weightProblems(cluster: String, fleet: Fleet) -> [Diagnostic] {
        guard healthy(owner.priority) > healthy(successor.priority) else {
            return scripts.filter { $0.weight > 0 }.prefix(1).map { script in
                Diagnostic(
                    .error, at: place(of: script, cluster: cluster, fleet: fleet),
                    "with every check passing `\(owner.id)` and `\(successor.id)` both reach 254, the highest priority there is: nobody is the owner for certain",
                    remedy:
                        "lower the priorities so that the highest and all positive weights add up to at most 253"
                )
            }
        }
        return scripts.compactMap { script in
            weightProblem(of: script, cluster: cluster, fleet: fleet)
        }
    }

    private func weightProblem(of script: TrackScript, cluster: String, fleet: Fleet) -> Diagnostic? {
        let fallen = failing(script, owner.priority)
        let rival = healthy(successor.priority)
        let place = place(of: script, cluster: cluster, fleet: fleet)
        if fallen >= rival {
            return Diagnostic(
                .error, at: place,
                "`\(script.name)` can never move `\(instance.name)`: when it fails, `\(owner.id)` falls from \(healthy(owner.priority)) to \(fallen), which is not below the \(rival) of `\(successor.id)`",
                remedy: remedy(for: script))
        }
        guard let last = ranked.last, ranked.count > 2, fallen >= healthy(last.priority) else { return nil }
        return Diagnostic(
            .warning, at: place,
            "when `\(script.name)` fails on all nodes but `\(last.id)`, `\(owner.id)` keeps `\(instance.name)`: \(fallen) is not below the \(healthy(last.priority)) of `\(last.id)`",
            remedy: "make the weight larger than the distance of all priorities, or write `weight: 0`")
    }

    private func remedy(for script: TrackScript) -> String {
        let needed = owner.priority - successor.priority + 1
        var trials = scripts
        for index in trials.indices where trials[index].name == script.name {
            trials[index].weight = script.weight < 0 ? -needed : needed
        }
        // Even this may not suffice, because sums are clamped to 1...254.
        guard needed <= 253,
            effective(owner.priority, trials, failing: [script.name]) < effective(successor.priority, trials),
            script.weight < 0 || bonus == script.weight
        else {
            return "write `weight: 0`, so that failure is a fault, or bring the priorities closer together"
        }
        return script.weight < 0
            ? "write `weight: -\(needed)` or lower, or `weight: 0`, so that failure is a fault"
            : "write `weight: \(needed)` or higher, or `weight: 0`, so that failure is a fault"
    }

    private func place(of id: HostID, cluster: String, fleet: Fleet) -> SourceLocation {
        fleet.location(
            of: .instancePriority(cluster: cluster, instance: instance.name, node: id), .nodePriority(id),
            .node(id))
    }

    private func place(of script: TrackScript, cluster: String, fleet: Fleet) -> SourceLocation {
        fleet.location(
            of: .scriptWeight(cluster: cluster, script: script.name),
            .script(cluster: cluster, name: script.name))
    }
}

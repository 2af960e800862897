import Addresses
import Facts
import Inventory
import Keepalived
import Remote
import Rendering

/// What the nodes' keepalived will run after a plan: taken from the configuration that this run makes it read, else
/// from its reported state.
struct UpcomingInstances {
    var cluster: Cluster
    var view: ClusterView
    var facts: [HostID: HostFacts]
    /// The work on each node.
    var works: [HostID: Work]

    /// The part of a node's plan that matters here.
    struct Work {
        var keepalived: DaemonAction
        var haproxy: DaemonAction = .none
        /// The new contents of keepalived's main file; `nil` if it stays as it is.
        var configuration: [UInt8]?
    }

    /// One instance on one node, assuming that all checks pass that can.
    struct Upcoming {
        var priority: Int
        var timers: InstanceTimers
        /// How long its checks take until the priority reaches this value.
        var recovery: Duration = .zero
    }

    /// `nil` if the node will not take part in the instance: its keepalived will not run, or it is in FAULT for a
    /// reason that this run does not remove.
    func instance(_ instance: VRRPInstance, on node: HostID) -> Upcoming? {
        guard let seen = view.nodes[node] else { return nil }
        let work = works[node] ?? Work(keepalived: .none)
        let runs = seen.keepalivedRuns
        guard work.keepalived != .stop, runs || work.keepalived != .none else { return nil }
        let isFixed = !seen.haproxyRuns && work.haproxy >= .restart
        if runs, seen.roles[instance.name] == .fault, !isFixed { return nil }
        let live = view.timers(of: instance, on: node, in: cluster)
        let base = seen.basePriorities[instance.name] ?? instance.priorities[node] ?? 100
        // If it keeps running, a check that fails now still fails then.
        let isHealthy = !runs || isFixed
        let recovery = isFixed ? recovery(of: instance) : .zero
        guard work.keepalived != .none, let read = configured(instance, on: node, work) else {
            let priority =
                isHealthy
                ? healthy(base, instance, seen) : seen.priorities[instance.name] ?? base
            return priority.map { Upcoming(priority: $0, timers: live, recovery: recovery) }
        }
        let timers = InstanceTimers(of: read.instance)
        let priorityOverride = [NodePaths.handoverName(of: instance.name): seen.overrides[instance.name] ?? 0]
        guard let whole = read.arithmetic.outcome(fileValues: priorityOverride).priority else { return nil }
        guard !isHealthy, let effective = seen.priorities[instance.name] else {
            return Upcoming(priority: whole, timers: timers, recovery: recovery)
        }
        let change = effective - base + read.instance.priority.value
        return Upcoming(priority: PriorityArithmetic.clamped(change), timers: timers, recovery: recovery)
    }

    /// The priority of a node whose checks all pass; `nil` in FAULT.
    private func healthy(_ base: Int, _ instance: VRRPInstance, _ seen: NodeView) -> Int? {
        let priorityOverride = seen.overrides[instance.name] ?? 0
        return cluster.keepalived?.healthyPriority(
            of: instance, base: base, priorityOverride: priorityOverride)
    }

    /// How long a failed check takes until it counts as passed.
    private func recovery(of instance: VRRPInstance) -> Duration {
        let scripts = (cluster.keepalived?.scripts ?? []).filter { instance.trackScripts.contains($0.name) }
        return scripts.map { .seconds($0.interval * $0.rise) }.max() ?? .zero
    }

    /// The instance as the node's keepalived will have read it; `nil` if that is not known.
    private func configured(
        _ instance: VRRPInstance, on node: HostID, _ work: Work
    ) -> (instance: Instance, arithmetic: PriorityArithmetic)? {
        let evidence =
            facts[node]?.known(ConfigurationFilesFact.self) ?? ConfigurationEvidence(files: [:])
        var files = evidence.set
        if let new = work.configuration { files.files[evidence.mainPath] = ConfigurationFile(new) }
        guard files.files[evidence.mainPath] != nil else { return nil }
        let configuration = ConfigurationReader(
            files: files, configID: evidence.configID(on: facts[node]?.known(SystemFact.self)),
            version: facts[node]?.known(KeepalivedFact.self)?.version ?? .assumed
        ).read(path: evidence.mainPath)
        let addresses = Set(instance.addresses.map(\.cidr.address))
        let found =
            configuration.instances.first { $0.name == instance.name }
            ?? configuration.instances.first { $0.addresses.contains { addresses.contains($0.address) } }
        return found.map { ($0, PriorityArithmetic(of: $0, in: configuration)) }
    }
}

extension UpcomingInstances {
    init(_ plan: ClusterPlan, view: ClusterView, facts: [HostID: HostFacts]) {
        self.init(
            cluster: plan.cluster, view: view, facts: facts,
            works: Dictionary(
                plan.nodes.map { node in
                    let file = node.files.first { $0.role == .keepalivedConfig && $0.contents != nil }
                    return (
                        node.node.id,
                        Work(
                            keepalived: node.keepalived, haproxy: node.haproxy,
                            configuration: file?.contents)
                    )
                }
            ) { $1 })
    }

    /// The node that preempts the owner once the work is done, and how long after its daemon was started or has read
    /// its configuration; `nil` if the owner keeps the instance.
    ///
    /// - `owner`: the owner at the end of the work.
    func claimant(of instance: VRRPInstance, from owner: HostID) -> (node: HostID, after: Duration)? {
        guard let mine = self.instance(instance, on: owner) else { return nil }
        var best: (node: HostID, upcoming: Upcoming)?
        for node in cluster.nodes.map(\.id) where node != owner {
            // An advert of equal priority keeps a BACKUP in its state.
            guard let theirs = self.instance(instance, on: node), theirs.timers.preempts,
                theirs.priority > mine.priority, theirs.priority > best?.upcoming.priority ?? 0
            else { continue }
            best = (node, theirs)
        }
        guard let best else { return nil }
        let wait = best.upcoming.timers.masterDownTime(
            priority: best.upcoming.priority, hearing: mine.timers)
        return (best.node, best.upcoming.recovery + best.upcoming.timers.preemptDelay + wait.value)
    }
}

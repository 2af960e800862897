import Addresses
import Checks
import Concealment
package import Facts
package import Inventory
package import Remote
import Rendering

/// Compares the desired state with the actual one. Pure: the same facts give the same plan.
package enum Planner {
    /// - `facts`: every node's facts, or why there are none.
    /// - `view`: the cluster's current state, which decides the order of the nodes and the moves.
    package static func plan(
        _ cluster: Cluster, purpose: String, goal: ClusterPlan.Goal,
        facts: [(node: Node, facts: Result<HostFacts, RemoteError>)], view: ClusterView
    ) -> ClusterPlan {
        var plans: [NodePlan] = []
        var unreachable: [HostID: RemoteError] = [:]
        var notes: [String] = []
        var expected: Set<HostID> = []
        var left: Set<HostID> = []
        let mask = mask(for: goal, facts)
        for (node, answer) in facts {
            switch answer {
            case .success(let facts):
                // If it is not known whether it runs, it may run.
                if let services = facts.known(ServicesFact.self) {
                    if services["keepalived"]?.isRunning == true { expected.insert(node.id) }
                } else {
                    expected.insert(node.id)
                }
                var made = plan(node, facts, goal, cluster, mask)
                if case .converge(_, let only?) = goal, !only.contains(node.id) {
                    if made.breaksPeerCompatibility { left.insert(node.id) }
                    made = NodePlan(node: node)
                }
                made.absentAfter.mustHaveRead = made.daemonsThatRead
                if let pending = facts.known(PendingFact.self), !pending.isEmpty {
                    notes += pending.sentences.map { "`\(node.id)`: \(String.shown($0))" }
                    made.lock = pending.lock
                    if let rollback = pending.rollback, rollback.endsDrill, pending.lock == nil {
                        made.obstacles.append(
                            "a drill is not over there: wait until its failure has ended by itself, at most \(max(0, rollback.secondsLeft)) s"
                        )
                    }
                    if let rollback = pending.rollback, rollback.held != nil, pending.lock == nil,
                        !goal.undoes(rollback.run)
                    {
                        made.obstacles.append(Rollout.heldChange)
                    } else if pending.rollback?.held != nil {
                        made.undoes = pending.rollback?.run
                    }
                    if let run = pending.orphanedStep {
                        made.obstacles.append("a step of run \(String.shown(run)) is still at work there")
                    }
                    // A change with a scheduled rollback must pass the gates, even if the files match.
                    if pending.lock == nil, pending.unfinished != nil || pending.rollback != nil {
                        made.unfinished = pending.unfinished?.description ?? pending.rollback?.run
                    }
                }
                plans.append(made)
            case .failure(let error):
                unreachable[node.id] = error
                plans.append(NodePlan(node: node))
            }
        }
        let answers = Dictionary(
            facts.compactMap { entry in (try? entry.facts.get()).map { (entry.node.id, $0) } }
        ) { $1 }
        var own = view.own
        // A cluster that was read from its own files does not prove that an address is virtual.
        let virtual =
            cluster.isLearned
            ? answers.values.reduce(into: []) { $0.formUnion($1.liveVIPs ?? []) }
            : Set(cluster.virtualAddresses.map(\.vip.cidr.address))
        for (node, facts) in answers { own.addBackends(of: node.name, facts, besides: virtual) }
        PendingConfigurations(plans, facts: answers, own: own, returning: returning(goal)).addObstacles(
            to: &plans)
        let view = view.excluding(
            Dictionary(uniqueKeysWithValues: plans.map { ($0.node.id, $0.absentBefore) }))
        // Silent nodes are named once, as unreachable.
        let problems = view.problems(of: cluster, expected: expected).filter { problem in
            problem.node.map { view.silent[$0] == nil } ?? true
        }
        var plan = ClusterPlan(
            cluster: cluster, purpose: purpose, nodes: ordered(plans, in: cluster, view: view),
            unreachable: unreachable,
            problems: problems.map(\.description),
            notes: notes, goal: goal)
        plan.expected = expected
        plan.keptServers = answers.compactMapValues { $0.known(KeptServersFact.self) }
        plan.remedied = Set(
            plans.filter { $0.haproxy == .start && view.nodes[$0.node.id]?.haproxyRuns == false }.map(
                \.node.id))
        plan.standingProblems = problems.filter { $0.isLasting && !plan.remedies($0) }.map(\.description)
        let deaf = left.intersection(expected)
        if !deaf.isEmpty {
            for index in plan.nodes.indices where plan.nodes[index].breaksPeerCompatibility {
                guard expected.contains(plan.nodes[index].node.id) else { continue }
                plan.nodes[index].obstacles.append(
                    "it would reject the adverts of \(deaf.sorted().listed), which needs the same change: "
                        + "omit --limit, then all of them are changed at once")
            }
        }
        let known = Dictionary(facts.compactMap { node, answer in (try? answer.get()).map { (node.id, $0) } })
        { $1 }
        Forecast(plan, view: view, facts: known).complete(&plan)
        return plan
    }

    /// Nodes that get a backup restored.
    private static func returning(_ goal: ClusterPlan.Goal) -> Set<HostID> {
        guard let desired = goal.desired else { return [] }
        return Set(desired.filter(\.value.wasInForce).keys)
    }

    /// Hides the secrets in the current and desired files of all nodes: the password of one node may appear in a
    /// comment on another.
    private static func mask(
        for goal: ClusterPlan.Goal, _ facts: [(node: Node, facts: Result<HostFacts, RemoteError>)]
    ) -> SecretMask {
        guard let desired = goal.desired else { return SecretMask() }
        var mask = SecretMask()
        for answer in facts.compactMap({ try? $0.facts.get() }) {
            let files = (answer.known(ConfigurationFilesFact.self)?.files ?? [:])
                .merging(answer.known(FilesFact.self) ?? [:]) { $1 }
            mask = mask.hiding(secretsOf: files.mapValues(\.contents))
        }
        var secrets = SecretValues()
        for node in desired.values {
            for secret in node.files.flatMap(\.secrets) { secrets.insert(Array(secret.revealed.utf8)) }
            let files = node.files.compactMap { file in file.contents.map { (file.path, $0) } }
            mask = mask.hiding(secretsOf: Dictionary(files) { $1 })
        }
        return mask.hiding(secrets)
    }

    private static func plan(
        _ node: Node, _ facts: HostFacts, _ goal: ClusterPlan.Goal, _ cluster: Cluster, _ mask: SecretMask
    ) -> NodePlan {
        switch goal {
        case .converge(let desired, _), .goBack(let desired, _):
            guard let desired = desired[node.id] else { return NodePlan(node: node) }
            return NodePlanner(node: node, facts: facts, desired: desired, cluster: cluster, mask: mask)
                .plan()
        case .restart(let names, let only):
            var plan = NodePlan(node: node)
            guard only?.contains(node.id) != false else { return plan }
            let services: [String: ServiceState]
            do {
                services = try facts.value(of: ServicesFact.self)
            } catch {
                plan.obstacles.append("cannot say which services run: \(error)")
                return plan
            }
            func action(_ name: String) -> DaemonAction {
                guard names.contains(name), let service = services[name], service.isInstalled else {
                    return .none
                }
                return service.isRunning ? .restart : .start
            }
            plan.keepalived = action("keepalived")
            plan.haproxy = action("haproxy")
            if plan.keepalived != .none { plan.unmanaged.append(UnmanagedConfig(.keepalived, on: facts)) }
            if plan.haproxy != .none {
                plan.unmanaged.append(UnmanagedConfig(.haproxy, on: facts))
                plan.obstacles += obstaclesToHAProxy(facts)
            }
            return plan
        }
    }

    /// Reasons why haproxy would not start again after a restart.
    private static func obstaclesToHAProxy(_ facts: HostFacts) -> [String] {
        guard let file = facts.known(ConfigurationFilesFact.self)?.haproxy else { return [] }
        return file.obstaclesToStart(
            needs: facts.known(HAProxyNeedsFact.self), state: facts.known(HAProxyFact.self)
        )
        .map { String.shown($0) }
    }

    /// Orders nodes: those that own nothing first, lowest priority first. If nothing serves yet, the preferred node
    /// is first, and the addresses come up where they will stay.
    private static func ordered(_ plans: [NodePlan], in cluster: Cluster, view: ClusterView) -> [NodePlan] {
        func weight(_ plan: NodePlan) -> (Int, Int) {
            let instances = cluster.keepalived?.instances ?? []
            let priority = instances.compactMap { $0.priorities[plan.node.id] }.reduce(0, +)
            if !view.isServing { return (0, -priority) }
            return (view.owned(by: plan.node.id, in: cluster).count, priority)
        }
        return plans.enumerated().sorted { left, right in
            let (l, r) = (weight(left.element), weight(right.element))
            return l == r ? left.offset < right.offset : l < r
        }.map(\.element)
    }
}

package import Facts
package import Inventory
package import Remote
import Rendering

/// What was learnt of one node before planning.
package struct PlannedNode: Sendable {
    package var node: Node
    package var desired: [DesiredFile]
    package var facts: Result<HostFacts, RemoteError>

    package init(node: Node, desired: [DesiredFile], facts: Result<HostFacts, RemoteError>) {
        self.node = node
        self.desired = desired
        self.facts = facts
    }
}

/// Compares what should be with what is. Pure: the same facts make the same plan.
package enum Planner {
    /// - Parameter view: what the cluster looks like now, for the order of the nodes and for who loses what.
    package static func plan(
        _ cluster: Cluster, purpose: String, nodes: [PlannedNode], view: ClusterView
    ) -> ClusterPlan {
        var plans: [NodePlan] = []
        var unreachable: [HostID: RemoteError] = [:]
        for entry in nodes {
            switch entry.facts {
            case .success(let facts): plans.append(plan(entry, facts, cluster))
            case .failure(let error):
                unreachable[entry.node.id] = error
                plans.append(NodePlan(node: entry.node))
            }
        }
        let expected = expectedNodes(nodes)
        var plan = ClusterPlan(
            cluster: cluster, purpose: purpose, nodes: ordered(plans, in: cluster, view: view),
            unreachable: unreachable,
            problems: view.problems(of: cluster, expected: expected).map(\.description))
        plan.expected = expected
        (plan.steps, plan.moves) = Forecast(plan, view: view).stepsAndMoves()
        return plan
    }

    /// Nodes that were set up before: keepalived or haproxy runs there, and haops need not forgive that it stops.
    private static func expectedNodes(_ nodes: [PlannedNode]) -> Set<HostID> {
        Set(
            nodes.compactMap { entry in
                guard case .success(let facts) = entry.facts, let services = facts.known(ServicesFact.self),
                    services["keepalived"]?.isRunning == true
                else { return nil }
                return entry.node.id
            })
    }

    private static func plan(_ entry: PlannedNode, _ facts: HostFacts, _ cluster: Cluster) -> NodePlan {
        var plan = NodePlan(node: entry.node)
        let files = facts.known(FilesFact.self) ?? [:]
        let services = facts.known(ServicesFact.self) ?? [:]
        let system = facts.known(SystemFact.self)
        if let failure = facts.failures.first { plan.obstacles.append("\(failure)") }
        for desired in entry.desired.sorted(by: { ($0.role.rank, $0.path) < ($1.role.rank, $1.path) }) {
            guard let state = files[desired.path] else {
                plan.obstacles.append("`\(desired.path)` was not read")
                continue
            }
            if case .other(let kind) = state.kind {
                plan.obstacles.append("`\(desired.path)` is a \(kind): haops does not replace it")
                continue
            }
            if let change = change(desired, state) { plan.files.append(change) }
        }
        for setting in cluster.sysctl {
            let running = facts.known(SysctlFact.self)?[setting.key]
            if running != setting.value.normalizedWords {
                plan.sysctls.append(SysctlChange(key: setting.key, before: running, after: setting.value))
            }
        }
        plan.packageManager = system?.packageManager?.rawValue
        let installed = facts.known(PackagesFact.self) ?? []
        plan.packages = cluster.packages.filter { !installed.contains($0) }
        if !plan.packages.isEmpty, plan.packageManager == nil {
            plan.obstacles.append(
                "no package manager that haops knows, and \(plan.packages.joined(separator: ", ")) missing")
        }
        if cluster.keepalived != nil {
            plan.keepalived = decide(
                &plan, "keepalived", services["keepalived"], [.keepalivedConfig, .keepalivedOptions])
        }
        if cluster.haproxy != nil {
            plan.haproxy = decide(&plan, "haproxy", services["haproxy"], [.haproxyConfig])
        }
        return plan
    }

    private static func decide(
        _ plan: inout NodePlan, _ name: String, _ service: ServiceState?, _ roles: Set<DesiredFile.Role>
    ) -> DaemonAction {
        if service?.isEnabled != true { plan.enable.append(name) }
        guard service?.isRunning == true else {
            // A unit that waits for its configuration may be half-way up: a restart starts it either way.
            return service?.isInstalled == true ? .restart : .start
        }
        switch plan.files.filter({ roles.contains($0.role) }).map(\.effect).max() {
        case .reload, .synchronisedReload: return .reload
        case .restart, .failover: return .restart
        case nil, ChangeEffect.none?: return .none
        }
    }

    private static func change(_ desired: DesiredFile, _ state: FileState) -> FileChange? {
        let mask = SecretMask(secrets: desired.secrets)
        let before: [UInt8]? = state.kind == .absent ? nil : state.contents
        let owner = desired.owner ?? (state.kind == .absent ? "root:root" : state.owner)
        let diff = UnifiedDiff(old: before, new: desired.contents, mask: mask)
        let kind: FileChange.Kind
        switch (before, desired.contents) {
        case (nil, nil): return nil
        case (nil, .some): kind = .create
        case (.some, nil): kind = .delete
        case (let old?, let new?) where old != new: kind = .update
        default:
            guard state.mode != desired.mode || owner != state.owner else { return nil }
            kind = .mode
        }
        var effect = ChangeEffect.none
        var reasons: [String] = []
        if kind != .mode {
            switch desired.role {
            case .keepalivedConfig:
                effect = .reload
                reasons = ["keepalived reads its configuration when it is told to"]
            case .keepalivedOptions:
                effect = .restart
                reasons = ["arguments are read when the daemon starts"]
            case .haproxyConfig:
                effect = .reload
                reasons = ["haproxy passes its listeners to new workers"]
            case .checkScript, .notifyScript: reasons = ["keepalived starts the script anew each time"]
            case .sysctl: reasons = ["the values are set at once"]
            case .firewall: reasons = ["the rules in force are changed beside it"]
            }
        }
        return FileChange(
            path: desired.path, role: desired.role, kind: kind, effect: effect, reasons: reasons, diff: diff,
            contents: desired.contents, mode: desired.mode, owner: owner)
    }

    /// Nodes that own nothing first, lowest priority first; where nothing serves yet, the preferred node first, so
    /// that the addresses come up where they will stay.
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

extension DesiredFile.Role {
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension String {
    /// As `/proc/sys` values are compared: words with one space between them.
    var normalizedWords: String { split { $0 == " " || $0 == "\t" }.joined(separator: " ") }
}

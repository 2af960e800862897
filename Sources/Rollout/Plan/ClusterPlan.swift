package import Inventory
package import Remote

/// What will be done to one cluster, in which order, and what it costs. A value: printing, asking and doing are
/// others' work, and the same facts make the same plan.
package struct ClusterPlan: Sendable {
    package var cluster: Cluster
    /// What the journal calls it: `apply`, `rollback to 20261121T084349Z-k3x9`, `restart keepalived`.
    package var purpose: String
    /// In the order in which the nodes are changed; nodes that need nothing are here too.
    package var nodes: [NodePlan]
    /// Nodes that could not be asked. Nothing is changed while there are any.
    package var unreachable: [HostID: RemoteError]
    package var steps: [PlanStep]
    /// Which addresses move, and how long nobody answers for them meanwhile.
    package var moves: [PredictedMove]
    /// Addresses that a node takes by itself, once its keepalived runs anew; no gate prepares that.
    package var returns: [PredictedMove] = []
    /// Problems that the cluster has already: they do not stop a plan, but new ones do.
    package var problems: [String]
    package var notes: [String]
    /// Nodes that are in service already and must stay so.
    package var expected: Set<HostID> = []
    package var goal: Goal

    /// What a plan is to reach; the plan is made again from it under the lock.
    package enum Goal: Sendable {
        /// `only` these nodes, or all, to be as they should be; the others are looked at.
        case converge([HostID: DesiredNode], only: Set<HostID>? = nil)
        /// `keepalived`, `haproxy` or both, on these nodes, or on all.
        case restart(Set<String>, only: Set<HostID>?)
    }

    package init(
        cluster: Cluster, purpose: String, nodes: [NodePlan], unreachable: [HostID: RemoteError] = [:],
        steps: [PlanStep] = [], moves: [PredictedMove] = [], problems: [String] = [], notes: [String] = [],
        goal: Goal
    ) {
        self.goal = goal
        self.cluster = cluster
        self.purpose = purpose
        self.nodes = nodes
        self.unreachable = unreachable
        self.steps = steps
        self.moves = moves
        self.problems = problems
        self.notes = notes
    }

    /// Nothing is to be done, not even to finish a run that did not end.
    package var isEmpty: Bool { nodes.allSatisfy { $0.isEmpty && $0.unfinished == nil } }

    /// Whoever holds the lock of which node, as reasons to refuse.
    package var locks: [String] {
        nodes.compactMap { plan in plan.lock.map { Rollout.locked(plan.node.id, by: $0) } }
    }

    /// Nodes that must read what is new at once, within a master-down time: changed one after the other, each would
    /// think itself alone and claim the addresses.
    package var together: [HostID] {
        let divided = nodes.filter { expected.contains($0.node.id) && $0.breaksPeerCompatibility }
        return divided.count > 1 ? divided.map(\.node.id) : []
    }

    /// Nodes whose keepalived is stopped for good: only a rollback to before they were set up has any.
    package var leaving: Set<HostID> { Set(nodes.filter { $0.keepalived == .stop }.map(\.node.id)) }

    /// Every node's obstacles, with its name.
    package var obstacles: [String] {
        nodes.flatMap { plan in plan.obstacles.map { "`\(plan.node.id)`: \($0)" } }
    }

    /// Equal when two plans would do the same: a plan that was shown is only carried out while this holds. A diff
    /// hides what is secret, so the contents count as well, by a number that this process alone can make of them.
    package var fingerprint: String {
        nodes.sorted { $0.node.id < $1.node.id }.map { plan in
            ([
                plan.node.id.name, plan.keepalived.rawValue, plan.haproxy.rawValue,
                plan.enable.joined(separator: ","), plan.disable.joined(separator: ","),
                plan.packages.joined(separator: ","),
            ] + plan.files.map { "\($0.foldingKey) \($0.mode) \($0.owner) \($0.contents.hashValue)" }
                + plan.sysctls.map { "\($0.key)=\($0.after)" }
                + plan.firewall.commands).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }
}

/// One line of a plan's order of work.
package struct PlanStep: Hashable, Sendable {
    package var node: HostID?
    /// "stage and validate on every node", "reload keepalived".
    package var what: String

    package init(node: HostID? = nil, _ what: String) {
        self.node = node
        self.what = what
    }
}

/// An address that changes its owner while a plan is carried out.
package struct PredictedMove: Hashable, Sendable {
    package enum Means: String, Sendable {
        /// By the track file: the successor takes over while the owner still answers.
        case handover
        /// The owner's keepalived stops, the successor hears it.
        case stop
        /// All nodes begin anew at once and elect an owner.
        case election
        /// There is nobody to take over.
        case nobody
        /// The last node that serves it is taken out of service.
        case end
        /// A node of higher priority takes it by itself, while the owner still answers.
        case preempt
    }

    /// How long after an event on the node that takes an instance over.
    package struct Delay: Hashable, Sendable {
        package var milliseconds: Int
        package var after: Trigger

        package init(milliseconds: Int, after: Trigger) {
            self.milliseconds = milliseconds
            self.after = after
        }
    }

    /// What a node goes through before it preempts.
    package enum Trigger: String, Sendable {
        /// Its keepalived is started, or started again.
        case start
        /// It reads another configuration, or its checks pass again.
        case change
    }

    package var instance: String
    package var from: HostID
    package var to: HostID?
    package var means: Means
    /// Milliseconds in which nobody answers, as keepalived's timers have it; `nil` where that depends on the work.
    package var outageMilliseconds: Int?
    /// When a node preempts; `nil` for other moves, and where it has the addresses already by the end of the work.
    package var delay: Delay?

    package init(
        instance: String, from: HostID, to: HostID?, means: Means, outageMilliseconds: Int?
    ) {
        self.instance = instance
        self.from = from
        self.to = to
        self.means = means
        self.outageMilliseconds = outageMilliseconds
    }
}

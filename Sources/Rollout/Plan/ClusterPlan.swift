package import Events
package import Facts
package import Inventory
package import Remote

/// What will be done to one cluster, in which order, and with which outage. A value: other types print it, ask about
/// it and carry it out. The same facts give the same plan.
package struct ClusterPlan: Sendable {
    package var cluster: Cluster
    /// Its name in the journal: `apply`, `rollback to 20261121T084349Z-k3x9`, `restart keepalived`.
    package var purpose: String
    /// In the order in which the nodes are changed; nodes without work are included.
    package var nodes: [NodePlan]
    /// Nodes that could not be asked. While there are any, nothing is changed.
    package var unreachable: [HostID: RemoteError]
    package var steps: [PlanStep]
    /// Which addresses move, and for how long no node answers for them meanwhile.
    package var moves: [PredictedMove]
    /// Addresses that a node takes by itself once its keepalived has restarted; no gate prepares these moves.
    package var returns: [PredictedMove] = []
    /// Existing problems of the cluster, besides its ``unreachable`` nodes. They do not stop a plan; new problems do.
    package var problems: [String]
    /// Those of ``problems`` that neither time nor this plan ends, so that it will be refused.
    package var standingProblems: [String] = []
    /// Nodes whose haproxy is dead and is started by this plan: what is wrong there for want of it is no reason to refuse.
    package var remedied: Set<HostID> = []
    package var notes: [String]
    /// The servers of haproxy that haops keeps out of service, by node; they stay so.
    package var keptServers: [HostID: [KeptServer]] = [:]
    /// Nodes that are already in service and must stay so.
    package var expected: Set<HostID> = []
    package var goal: Goal
    /// What it is based on; `nil` where nobody asked for that.
    package var basis: PlanBasis?
    /// How long the changed nodes wait for a person to confirm the change before they go back; `nil` when the run's own gates
    /// confirm it.
    package private(set) var confirmWithin: Duration?

    /// The goal of a plan; under the lock, the plan is made again from it.
    package enum Goal: Sendable {
        /// `only` these nodes, or all, get their desired state; the others are only observed.
        case converge([HostID: DesiredNode], only: Set<HostID>? = nil)
        /// Restart `keepalived`, `haproxy` or both, on these nodes or on all.
        case restart(Set<String>, only: Set<HostID>?)
        /// As ``converge(_:only:)``, to the state before a run: its change goes, also where a person was to confirm it.
        case goBack([HostID: DesiredNode], before: String)

        /// Every node's desired state; `nil` where files stay as they are.
        var desired: [HostID: DesiredNode]? {
            switch self {
            case .converge(let desired, _), .goBack(let desired, _): desired
            case .restart: nil
            }
        }

        /// Whether carrying it out takes this run's change back.
        func undoes(_ run: String) -> Bool {
            if case .goBack(_, let before) = self { run >= before } else { false }
        }
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

    /// The same plan, whose change a person has to confirm.
    ///
    /// - `patience`: the time for that; `nil` leaves it to the gates.
    package func awaitingConfirmation(within patience: Duration?) -> ClusterPlan {
        guard let patience else { return self }
        var plan = self
        plan.confirmWithin = patience
        for index in plan.steps.indices where plan.steps[index].stage == .confirm {
            plan.steps[index] = PlanStep(
                "keep the automatic rollbacks scheduled: in \(patience.roughly) they begin, unless somebody runs haops confirm",
                stage: .hold)
        }
        return plan
    }

    /// Whether there is nothing to do, not even an unfinished run to finish.
    package var isEmpty: Bool { nodes.allSatisfy { $0.isEmpty && $0.unfinished == nil } }

    /// The holders of the nodes' locks, as reasons to refuse.
    package var locks: [String] {
        nodes.compactMap { plan in plan.lock.map { Rollout.locked(plan.node.id, by: $0) } }
    }

    /// Nodes that must read their new configuration within one master-down time. If they were changed one after the
    /// other, each would hear no valid advert and claim the addresses.
    package var together: [HostID] {
        let divided = nodes.filter { expected.contains($0.node.id) && $0.breaksPeerCompatibility }
        return divided.count > 1 ? divided.map(\.node.id) : []
    }

    /// Nodes whose keepalived is stopped permanently: only a rollback to before their setup has any.
    package var leaving: Set<HostID> { Set(nodes.filter { $0.keepalived == .stop }.map(\.node.id)) }

    /// Whether a problem is one that this plan ends.
    func remedies(_ problem: Problem) -> Bool { problem.node.map(remedied.contains) ?? false }

    /// Every node's obstacles, with its name.
    package var obstacles: [String] {
        nodes.flatMap { plan in plan.obstacles.map { "`\(plan.node.id)`: \($0)" } }
    }

    /// Equal when two plans would do the same. A plan that was shown is only carried out while its fingerprint is
    /// unchanged. A diff hides secrets, so the fingerprint includes a hash of the contents that only this process can
    /// compute.
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

/// One step of a plan, in its order of work.
package struct PlanStep: Hashable, Sendable {
    package var node: HostID?
    /// "stage and validate on every node", "reload keepalived".
    package var what: String
    /// The stage of the run that does it.
    package var stage: RunEvent.Stage?

    package init(node: HostID? = nil, _ what: String, stage: RunEvent.Stage? = nil) {
        self.node = node
        self.what = what
        self.stage = stage
    }
}

/// An address that changes its owner while a plan is carried out.
package struct PredictedMove: Hashable, Sendable {
    package enum Means: String, Sendable, CaseIterable {
        /// By the track file: the successor takes over while the owner still answers.
        case handover
        /// The owner's keepalived stops, and the successor receives its advert of priority 0.
        case stop
        /// All nodes restart at the same time and elect an owner.
        case election
        /// No node can take over.
        case nobody
        /// The last node that serves the address is taken out of service.
        case end
        /// A node of higher priority preempts, while the owner still answers.
        case preempt
    }

    /// The time between an event on the node that takes an instance over and the takeover.
    package struct Delay: Hashable, Sendable {
        package var milliseconds: Int
        package var after: Trigger

        package init(milliseconds: Int, after: Trigger) {
            self.milliseconds = milliseconds
            self.after = after
        }
    }

    /// The event on a node after which it preempts.
    package enum Trigger: String, Sendable, CaseIterable {
        /// Its keepalived is started or restarted.
        case start
        /// It reads a new configuration, or its checks pass again.
        case change
    }

    package var instance: String
    package var from: HostID
    package var to: HostID?
    package var means: Means
    /// Milliseconds without service according to keepalived's timers; `nil` where the work itself decides.
    package var outageMilliseconds: Int?
    /// When a node preempts; `nil` for other moves, and when the node already has the addresses at the end of the
    /// work.
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

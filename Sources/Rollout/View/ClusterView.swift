package import Addresses
package import Checks
package import Inventory
package import Keepalived
package import Remote

/// The state of a cluster at one moment, from the nodes that answered. Gates and handovers decide on it.
package struct ClusterView: Sendable {
    package var nodes: [HostID: NodeView]
    /// Nodes that did not answer, and why.
    package var silent: [HostID: String]
    /// Problems that other machines' neighbour tables show: they do not point to the owner.
    package var arpProblems: [Problem]
    /// The machines' own addresses.
    package var own = OwnAddresses()

    package init(
        nodes: [HostID: NodeView], silent: [HostID: String] = [:], arpProblems: [Problem] = []
    ) {
        self.nodes = nodes
        self.silent = silent
        self.arpProblems = arpProblems
    }
}

/// One node of a ``ClusterView``.
package struct NodeView: Hashable, Sendable {
    package var keepalivedRuns: Bool
    package var haproxyRuns: Bool
    /// By instance, as the daemon reports it; absent if it reports none.
    package var roles: [String: LiveState.Role]
    /// By instance, including checks and handovers.
    package var priorities: [String: Int]
    /// The virtual addresses that the kernel has.
    package var holds: Set<IPAddress>
    /// Addresses where haproxy should listen and does not, as the inventory writes them.
    package var silentBinds: [String]
    /// Instances whose priority haops can raise: the daemon's configuration follows their handover file.
    package var follows: Set<String>
    /// Numbers in handover files that are in force.
    package var overrides: [String: Int]
    /// By instance, as the daemon has it configured; absent if it reports none.
    package var basePriorities: [String: Int] = [:]
    /// By instance, the adverts that the daemon has counted; absent if it reports none.
    package var heard: [String: LiveState.Counters] = [:]
    /// By instance, as the daemon reports them; absent if it reports none.
    package var timers: [String: LiveTimers] = [:]
    /// Instances and addresses that the running configuration does not have yet.
    package var expectedAbsences = ExpectedAbsences()
    /// Questions that the node could not answer, and why. The members above contain nothing for such a question.
    package var unanswered: [NodeQuestion: String] = [:]
    /// Why a daemon does not run the configuration on disk, by daemon. Daemons that do, or for which this is not
    /// known, are absent.
    package var unread: [String: String] = [:]

    package init(
        keepalivedRuns: Bool = true, haproxyRuns: Bool = true, roles: [String: LiveState.Role] = [:],
        priorities: [String: Int] = [:], holds: Set<IPAddress> = [], silentBinds: [String] = [],
        follows: Set<String> = [], overrides: [String: Int] = [:]
    ) {
        self.keepalivedRuns = keepalivedRuns
        self.haproxyRuns = haproxyRuns
        self.roles = roles
        self.priorities = priorities
        self.holds = holds
        self.silentBinds = silentBinds
        self.follows = follows
        self.overrides = overrides
    }
}

/// One deviation from a healthy cluster. Equal problems are one problem, which lets a run distinguish old ones from
/// new ones.
package struct Problem: Hashable, Sendable, CustomStringConvertible {
    package var node: HostID?
    package var text: String

    package init(node: HostID? = nil, _ text: String) {
        self.node = node
        self.text = text
    }

    package var description: String { node.map { "`\($0)`: \(text)" } ?? text }

    /// Whether no election and no check ends it: a daemon that is down stays down.
    package var isLasting: Bool { text.hasSuffix(Self.isDown) }

    /// How the text of a daemon that is down ends.
    static let isDown = "does not run"
}

extension ClusterView {
    /// The same view, without the absence of what the nodes' configurations do not have yet.
    package func excluding(_ expectedAbsences: [HostID: ExpectedAbsences]) -> ClusterView {
        var view = self
        for (node, expectedAbsences) in expectedAbsences {
            view.nodes[node]?.expectedAbsences = expectedAbsences
            view.nodes[node]?.silentBinds.removeAll { expectedAbsences.binds.contains($0) }
        }
        return view
    }

    /// The one node that both kernel and daemon name as owner; `nil` if there is none or more than one, or if a node
    /// that might be another did not answer.
    package func owner(of instance: VRRPInstance) -> HostID? {
        guard isComplete else { return nil }
        let masters = nodes.filter { $0.value.roles[instance.name] == .master }.map(\.key)
        guard masters.count == 1, let master = masters.first else { return nil }
        let holders = holders(of: instance)
        return holders.isEmpty || holders == [master] ? master : nil
    }

    /// Nodes whose kernel has any address of an instance.
    private func holders(of instance: VRRPInstance) -> Set<HostID> {
        let addresses = instance.heldAddresses
        return Set(nodes.filter { !$0.value.holds.isDisjoint(with: addresses) }.map(\.key))
    }

    /// Whether keepalived runs, or may run, on any node: before the first apply there is no service to lose.
    package var isServing: Bool {
        !isComplete || nodes.values.contains { $0.keepalivedRuns || !$0.holds.isEmpty }
    }

    /// The instances that a node claims or holds.
    package func owned(by node: HostID, in cluster: Cluster) -> [VRRPInstance] {
        (cluster.keepalived?.instances ?? []).filter { instance in
            nodes[node]?.roles[instance.name] == .master || holders(of: instance).contains(node)
        }
    }

    /// The node that should take an instance over: a BACKUP that answers, with running daemons and passing checks,
    /// and the highest priority of all such nodes. `nil` if there is none, or while a node that may have a higher
    /// priority does not answer.
    ///
    /// - `others`: nodes that are also leaving.
    package func successor(
        of instance: VRRPInstance, leaving node: HostID, besides others: Set<HostID> = [], in cluster: Cluster
    ) -> HostID? {
        guard isComplete else { return nil }
        let wantsHAProxy = cluster.haproxy != nil
        let able = nodes.filter { entry in
            entry.key != node && !others.contains(entry.key) && entry.value.keepalivedRuns
                && entry.value.roles[instance.name] == .backup
                && (!wantsHAProxy || entry.value.haproxyRuns && entry.value.silentBinds.isEmpty)
        }
        return able.max {
            let left = $0.value.priorities[instance.name] ?? instance.priorities[$0.key] ?? 0
            let right = $1.value.priorities[instance.name] ?? instance.priorities[$1.key] ?? 0
            return left == right ? $1.key < $0.key : left < right
        }?.key
    }

    /// All problems of the cluster: no owner, several owners, leftovers, daemons that are down.
    ///
    /// - `expected`: Nodes on which both daemons must run, because they were set up before.
    package func problems(of cluster: Cluster, expected: Set<HostID>) -> [Problem] {
        var problems = silent.sorted { $0.key < $1.key }.map {
            Problem(node: $0.key, "does not answer: \($0.value)")
        }
        problems += serviceProblems(of: cluster, expected: expected)
        if !expected.isEmpty {
            problems += (cluster.keepalived?.instances ?? []).flatMap { self.problems(of: $0) }
            problems += arpProblems
        }
        return problems
    }

    /// The problems of daemons and their checks, regardless of the ownership of addresses.
    func serviceProblems(of cluster: Cluster, expected: Set<HostID>) -> [Problem] {
        var problems: [Problem] = []
        for node in expected.sorted() {
            guard let view = nodes[node] else { continue }
            problems += unansweredProblems(of: cluster, on: node)
            if cluster.keepalived != nil, !view.keepalivedRuns, view.unanswered[.keepalived] == nil {
                problems.append(Problem(node: node, "keepalived \(Problem.isDown)"))
            }
            if cluster.haproxy != nil {
                if !view.haproxyRuns, view.unanswered[.haproxy] == nil {
                    problems.append(Problem(node: node, "haproxy \(Problem.isDown)"))
                }
                problems += view.silentBinds.map { Problem(node: node, "haproxy does not listen on `\($0)`") }
            }
            problems += view.unread.filter { view.expectedAbsences.mustHaveRead.contains($0.key) }
                .sorted { $0.key < $1.key }.map { Problem(node: node, $0.value) }
            for instance in cluster.keepalived?.instances ?? [] {
                if let lowered = lowered(instance, on: node, cluster) { problems.append(lowered) }
            }
            for (name, role) in view.roles.sorted(by: { $0.key < $1.key }) where role == .fault {
                problems.append(Problem(node: node, "`\(name)` is in FAULT"))
            }
        }
        return problems
    }

    /// The problem of a failing check, which reduces the priority or does not add to it.
    func lowered(_ instance: VRRPInstance, on node: HostID, _ cluster: Cluster) -> Problem? {
        guard let view = nodes[node],
            let base = view.basePriorities[instance.name] ?? instance.priorities[node],
            let effective = view.priorities[instance.name], view.roles[instance.name] != .fault
        else { return nil }
        let healthy = cluster.keepalived?.healthyPriority(
            of: instance, base: base, priorityOverride: view.overrides[instance.name] ?? 0)
        guard let healthy, effective < healthy else { return nil }
        return Problem(
            node: node, "a check of `\(instance.name)` fails: its priority is \(effective), not \(healthy)")
    }

    /// Addresses that a MASTER should have and does not have.
    func absences(of cluster: Cluster) -> [Problem] {
        cluster.virtualAddresses.flatMap { instance, vip in
            let masters = nodes.filter { $0.value.roles[instance.name] == .master }.map(\.key).sorted()
            return masters.filter { nodes[$0]?.holds.contains(vip.cidr.address) == false }.map {
                Self.absence($0, instance.name, vip.cidr.address)
            }
        }
    }

    private static func absence(_ master: HostID, _ instance: String, _ address: IPAddress) -> Problem {
        Problem(node: master, "is MASTER of `\(instance)` without \(address)")
    }

    private func problems(of instance: VRRPInstance) -> [Problem] {
        let name = instance.name
        let masters = nodes.filter { $0.value.roles[name] == .master }.map(\.key).sorted()
        var problems: [Problem] = []
        if masters.count > 1 {
            let holders = masters.filter {
                !(nodes[$0]?.holds.isDisjoint(with: instance.heldAddresses) ?? true)
            }
            let isSplit = VIPOwnership.isSplitBrain(holders: holders.count, claimants: masters.count)
            problems.append(Problem("`\(name)`: \(isSplit ? "split-brain: " : "")\(masters.listed) claim it"))
        }
        for vip in instance.addresses + instance.excluded {
            let address = vip.cidr.address
            let holders = nodes.filter { $0.value.holds.contains(address) }.map(\.key).sorted()
            for holder in holders
            where !masters.contains(holder) && nodes[holder]?.unanswered[.roles] == nil {
                problems.append(Problem(node: holder, "holds \(address) without being MASTER of `\(name)`"))
            }
            for master in masters
            where !holders.contains(master)
                && nodes[master]?.expectedAbsences.addresses.contains(address) != true
            {
                problems.append(Self.absence(master, name, address))
            }
            if isComplete, holders.isEmpty, masters.isEmpty,
                !nodes.values.contains(where: { $0.expectedAbsences.addresses.contains(address) })
            {
                problems.append(Problem("no node holds \(address)"))
            }
        }
        return problems
    }
}

extension VRRPInstance {
    /// The addresses that the MASTER has on its interfaces.
    fileprivate var heldAddresses: Set<IPAddress> { Set((addresses + excluded).map(\.cidr.address)) }
}

extension [HostID] {
    /// "`lb1`, `lb2`".
    var listed: String { map { "`\($0)`" }.joined(separator: ", ") }
}

package import Addresses
package import Checks
import Facts
package import Inventory
import Keepalived
package import Remote

/// What a drill is to do, and what must hold before. A value: it is shown, agreed to, and made again under the lock.
package struct DrillPlan: Sendable {
    /// What is measured of one instance, beside what `ready` foretells.
    package struct Instance: Sendable {
        package var name: String
        package var addresses: [IPAddress]
        package var owner: HostID?
        /// What its addresses serve.
        var ports: [IPAddress: [ServedPort]] = [:]
        /// `nil` where `ready` foretells nothing of this failure on this node.
        package var row: ReadinessRow?
    }

    package var cluster: Cluster
    package var failure: DrillCase
    /// The nodes that fail at the same time.
    package var nodes: [HostID]
    /// Which of several checks is to fail, as the operator named it.
    var check: String?
    /// What fails, where the failure alone does not say it: the program of a check.
    package var subject: String?
    package var instances: [Instance] = []
    package var preconditions: [Precondition] = []
    /// Why nobody may serve while the failure lasts; the operator can insist.
    package var outages: [String] = []
    package var unreachable: [HostID: RemoteError] = [:]
    /// Whose link-layer addresses are whose.
    var linkOwners: [MACAddress: HostID] = [:]
    /// The network interfaces that the failure cuts.
    var devices: [HostID: [String]] = [:]
    /// Whether the operator insists although nobody may serve meanwhile.
    var isInsisted = false

    /// "lb1", "lb1+lb2", as `ready` writes them.
    package var nodeNames: String { nodes.map(\.name).joined(separator: "+") }

    package var isRefused: Bool { preconditions.contains { !$0.holds } || !outages.isEmpty && !isInsisted }

    /// Why nothing is done, a sentence each.
    package var objections: [String] {
        preconditions.filter { !$0.holds }.map { "not so: \($0.what) (\($0.evidence))" }
            + (isInsisted ? [] : outages.map { $0 + "\nhint: --accept-outage insists" })
    }

    /// The longest time until the successor has taken over, as far as it is foretold.
    var foretoldLongest: Duration? { instances.compactMap(\.row?.takeover?.longest).max() }

    var addresses: [IPAddress] { instances.flatMap(\.addresses) }

    /// No more addresses than these are asked.
    private static let mostAddresses = 16
    /// No more ports than these are asked: each costs the observers twenty connections a second.
    private static let mostPorts = 8

    var askedAddresses: [IPAddress] { Array(addresses.prefix(Self.mostAddresses)) }

    /// What the observers ask.
    var probes: [ProbeTarget] {
        let ports = instances.flatMap { instance in
            instance.addresses.flatMap { address in
                (instance.ports[address] ?? []).map { port in
                    ProbeTarget(address, port.isHTTP ? .http(port: port.number) : .tcp(port: port.number))
                }
            }
        }
        return askedAddresses.map { ProbeTarget($0, .icmp) }
            + ports.prefix(Self.mostPorts)
    }

    /// How long the failure lasts at most when all goes well.
    package func lasts(_ timing: RolloutTiming) -> Duration {
        min(foretoldLongest ?? timing.masterDown + timing.checks, Self.longest) + Self.margin
    }

    /// After this time the node ends the failure by itself.
    package func endsAfter(_ timing: RolloutTiming) -> Duration {
        if failure == .reboot { return Self.longestBoot }
        return failure.cutsConnection ? lasts(timing) : lasts(timing) + .seconds(20)
    }

    /// A machine that has not come back from its reboot by then is given up.
    private static let longestBoot = Duration.seconds(300)

    /// A failure that takes longer to be noticed is ended before it is.
    private static let longest = Duration.seconds(120)
    /// How long a successor may be late before the drill gives up.
    static let margin = Duration.seconds(5)

    /// What must be the same when the plan is made again.
    var fingerprint: [String] {
        [nodeNames, failure.rawValue, subject ?? ""]
            + devices.sorted { $0.key < $1.key }.map { "\($0) \($1)" }
            + instances.map { "\($0.name) \($0.owner?.name ?? "-") \($0.row?.owners ?? [])" }
    }
}

/// Makes a ``DrillPlan`` of what the nodes say. Pure.
struct DrillPlanner {
    static let nothingPending = "nothing of haops is under way"

    let cluster: Cluster
    let failure: DrillCase
    let view: ClusterView
    let readiness: ClusterReadiness
    let pending: [HostID: PendingWork]
    let unreachable: [HostID: RemoteError]

    /// - `wanted`: the nodes that are to fail; none means the owner.
    /// - `check`: which of several checks is to fail.
    func plan(on wanted: [HostID], check: String?) -> DrillPlan {
        let settings = cluster.keepalived?.instances ?? []
        let owners = Dictionary(settings.map { ($0.name, view.owner(of: $0)) }) { $1 }
        let owner = settings.lazy.compactMap { view.owner(of: $0) }.first
        let nodes = wanted.isEmpty ? [owner ?? cluster.nodes[0].id] : wanted
        var plan = DrillPlan(cluster: cluster, failure: failure, nodes: nodes)
        plan.unreachable = unreachable
        plan.check = check
        plan.instances = settings.map { instance in
            DrillPlan.Instance(
                name: instance.name,
                addresses: (instance.addresses + instance.excluded).map(\.cidr.address),
                owner: owners[instance.name] ?? nil,
                row: row(instance.name, on: nodes, subject: check))
        }
        plan.preconditions = preconditions(owners)
        if nodes.count > 1 { plan.preconditions.append(pair(plan)) }
        if failure == .failback { plan.preconditions.append(wayBack(plan)) }
        if failure == .checkFails { choose(check, for: &plan) }
        if failure == .interface || failure == .advertInterface {
            let devices = plan.instances.compactMap(\.row?.subject).uniqued()
            plan.devices = [nodes[0]: devices]
            plan.subject = devices.first
            plan.preconditions.append(
                Precondition(
                    "`ready` foretells it", devices.count == 1,
                    devices.isEmpty
                        ? "no instance that \(nodes[0]) owns has such an interface"
                        : devices.joined(separator: ", ")))
        }
        plan.outages = plan.instances.flatMap { outages(of: $0) }
        return plan
    }

    private func row(_ instance: String, on nodes: [HostID], subject: String?) -> ReadinessRow? {
        let names = nodes.map(\.name).sorted()
        return readiness.instances.first { $0.name == instance }?.rows.first {
            $0.failure == failure.foretold && $0.nodes.sorted() == names
                && (failure != .checkFails || subject == nil || $0.subject == subject)
        }
    }

    /// Several nodes fail at once only where `ready` works it out.
    private func pair(_ plan: DrillPlan) -> Precondition {
        let isForetold = failure == .crash && plan.instances.contains { $0.row != nil }
        let why =
            failure == .crash
            ? "it foretells pairs of machines where there are three or more"
            : "several nodes at once only go silent: crash \(plan.nodeNames)"
        return Precondition(
            "`ready` foretells it", isForetold, isForetold ? "\(failure.rawValue) \(plan.nodeNames)" : why)
    }

    /// Whether there is a way back that can be measured.
    private func wayBack(_ plan: DrillPlan) -> Precondition {
        let words = plan.instances.compactMap { instance -> String? in
            guard instance.owner == plan.nodes.first else { return nil }
            switch instance.row?.afterwards {
            case .goesBack(let node, let after)?:
                return node == plan.nodes.first?.name ? "\(instance.name) after \(after.words)" : nil
            default: return nil
            }
        }
        return Precondition(
            "the addresses go back to `\(plan.nodeNames)`", !words.isEmpty,
            words.isEmpty
                ? "`ready` foretells that none of its instances does" : words.joined(separator: ", "))
    }

    private func preconditions(_ owners: [String: HostID?]) -> [Precondition] {
        let silent = view.silent.keys.sorted()
        var conditions = [
            Precondition(
                "every node answers", silent.isEmpty,
                silent.isEmpty ? cluster.nodes.map(\.id).listed : "\(silent.listed) did not"),
            Precondition(
                "an instance of VRRP is known", !owners.isEmpty,
                owners.isEmpty ? "the inventory has none" : owners.keys.sorted().joined(separator: ", ")),
        ]
        for (name, owner) in owners.sorted(by: { $0.key < $1.key }) {
            conditions.append(
                Precondition(
                    "`\(name)` has one owner", owner != nil,
                    owner.map { "`\($0)`" } ?? "see haops who"))
        }
        let problems = view.problems(of: cluster, expected: Set(cluster.nodes.map(\.id)))
        conditions.append(
            Precondition(
                "every node is healthy", problems.isEmpty,
                problems.isEmpty
                    ? "daemons, checks, roles" : problems.map(\.description).joined(separator: "; ")))
        let waits = Rollout.reasonsToWait(pending).map {
            $0.split(separator: "\n").first.map(String.init) ?? $0
        }
        conditions.append(
            Precondition(
                Self.nothingPending, waits.isEmpty,
                waits.isEmpty ? "no lock, no rollback, no drill" : waits.joined(separator: "; ")))
        conditions.append(
            Precondition(
                "somebody asks the addresses", true,
                cluster.observers.isEmpty
                    ? "this machine; the inventory has no observers"
                    : "\(cluster.observers.map(\.id).listed), and this machine"))
        return conditions
    }

    /// Finds the program of the check that is to fail.
    private func choose(_ wanted: String?, for plan: inout DrillPlan) {
        let scripts = cluster.keepalived?.scripts ?? []
        let found = wanted == nil ? scripts : scripts.filter { $0.name == wanted }
        let names = scripts.map(\.name).joined(separator: ", ")
        guard let script = found.first, found.count == 1 else {
            plan.preconditions.append(
                Precondition(
                    "one check is named", false,
                    scripts.isEmpty ? "the cluster has none" : "--check takes one of \(names)"))
            return
        }
        let program = script.run.split(separator: " ").first.map(String.init) ?? ""
        let isOwn = program.hasPrefix("/etc/")
        plan.preconditions.append(
            Precondition(
                "`\(script.name)` runs a program of its own", isOwn,
                isOwn ? program : "\(program) is used by others too"))
        plan.subject = program
    }

    /// Why nobody, or nobody that serves, would have the addresses.
    private func outages(of instance: DrillPlan.Instance) -> [String] {
        guard let row = instance.row, row.verdict.isBad, row.verdict != .leftover, row.verdict != .twoOwners
        else { return [] }
        let why = row.reasons.isEmpty ? "" : ": " + row.reasons.joined(separator: "; ")
        let title = "\(instance.name) (\(instance.addresses.map(\.description).joined(separator: ", ")))"
        switch row.verdict {
        case .nobody: return ["nobody would own \(title)\(why)"]
        case .doesNotServe:
            return ["\(row.owners.joined(separator: ", ")) would own \(title) and not serve\(why)"]
        default: return ["\(title) would stay where its service is gone\(why)"]
        }
    }
}

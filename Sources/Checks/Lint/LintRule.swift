import Keepalived

/// One mistake that lint knows, with an identifier that never changes.
///
/// Its documentation comment (Condition, Why, Remedy) becomes its section in docs/Checks.md.
protocol LintRule: Sendable {
    static var id: String { get }
}

/// A mistake within the configuration of one node.
protocol NodeRule: LintRule {
    func check(_ node: LintNode) -> [Finding]
}

/// A mistake between the configurations of nodes that share addresses.
protocol PeerRule: LintRule {
    func check(_ peers: Peers) -> [Finding]
}

/// One instance as the nodes of a cluster configure it.
struct Peers {
    struct Member {
        var node: LintNode
        var instance: Instance

        /// The priority in its adverts while all is well; `nil` when it cannot be MASTER.
        var priority: Int? {
            guard case .priority(let value) = arithmetic.outcome() else { return nil }
            return value
        }

        var arithmetic: PriorityArithmetic { PriorityArithmetic(of: instance, in: node.configuration) }
    }

    var members: [Member]

    var names: [String] { members.map(\.node.name) }

    /// Puts together what belongs together: instances that share an address, a router id or a name.
    static func groups(in nodes: [LintNode]) -> [Peers] {
        var groups: [Peers] = []
        for node in nodes {
            for instance in node.instances {
                let member = Member(node: node, instance: instance)
                let home = groups.indices.first { index in
                    groups[index].members.contains {
                        $0.node.name != node.name && $0.instance.isPeer(of: instance)
                    }
                        && !groups[index].members.contains { $0.node.name == node.name }
                }
                if let home {
                    groups[home].members.append(member)
                } else {
                    groups.append(Peers(members: [member]))
                }
            }
        }
        return groups.filter { $0.members.count > 1 }
    }

    /// A finding about several members: at the first one's place, with every place as evidence.
    func finding(
        _ id: String, _ severity: Finding.Severity, _ members: [Member]? = nil,
        at place: (Instance) -> SourceLocation?, _ message: String, effect: String, fix: String,
        evidence: [String] = []
    ) -> Finding {
        let concerned = members ?? self.members
        var lines: [String] = []
        for member in concerned where !member.node.sources.isEmpty {
            lines.append(
                "\(member.node.name): "
                    + member.node.evidence(at: place(member.instance) ?? member.instance.location))
        }
        let first = concerned.first
        let location = first.map { place($0.instance) ?? $0.instance.location }
        return Finding(
            id: id, severity: severity, nodes: concerned.map(\.node.name), file: location?.file,
            line: location?.line, column: location?.column, message: message, effect: effect, fix: fix,
            evidence: lines + evidence)
    }

    /// Whether any node runs a keepalived for which something is true.
    func anyVersion(_ isTrue: (KeepalivedVersion) -> Bool) -> Bool {
        members.contains { isTrue($0.node.version) }
    }

    /// What follows when adverts are refused.
    static let refusal = "each node refuses the other's adverts and becomes MASTER: the address is held twice"
    /// The same for what only makes 1.x pass them over.
    var refusal: String { anyVersion(\.dropsDisagreeingAdverts) ? Self.refusal : neitherStepsBack }
}

extension Instance {
    fileprivate func isPeer(of other: Instance) -> Bool {
        let mine = Set(allAddresses.map(\.address))
        if other.allAddresses.contains(where: { mine.contains($0.address) }) { return true }
        if let id = virtualRouterID?.value, id == other.virtualRouterID?.value, family == other.family {
            return true
        }
        return name == other.name
    }
}

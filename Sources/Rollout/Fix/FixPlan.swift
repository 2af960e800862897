package import Addresses
package import Checks
package import Inventory
package import Remote

/// What ends a split-brain, clears leftovers, or corrects what others believe; and why it may not be done yet.
package struct FixPlan: Sendable {
    package enum Action: Hashable, Sendable {
        /// Stop keepalived, wait until its addresses are gone, start it again. The reason says why this node.
        case giveWay(HostID, addresses: [Address], reason: String)
        /// Remove exactly these addresses, which no living daemon of the node stands for; start keepalived there
        /// when it should run.
        case clear(HostID, addresses: [Address], starts: Bool, reason: String)
        case start(HostID, reason: String)
        case restart(HostID, reason: String)
        /// Announce an instance's addresses by gratuitous ARP from their true owner: this node, unless another has
        /// taken them over by then.
        case announce(HostID, instance: String, addresses: [Address], reason: String)

        /// It changes no node, and tells the truth whoever needs it.
        package var isAnnouncement: Bool { if case .announce = self { true } else { false } }

        /// Its keepalived ends, and is started again.
        var stopsKeepalived: Bool {
            switch self {
            case .giveWay, .restart: true
            case .clear, .start, .announce: false
            }
        }

        /// Its keepalived reads what stands on its disk.
        var loads: Bool {
            switch self {
            case .giveWay, .restart, .start: true
            case .clear(_, _, let starts, _): starts
            case .announce: false
            }
        }

        package var node: HostID {
            switch self {
            case .giveWay(let node, _, _), .clear(let node, _, _, _), .start(let node, _),
                .restart(let node, _),
                .announce(let node, _, _, _):
                node
            }
        }
    }

    /// An address where it stands.
    package struct Address: Hashable, Sendable {
        package var cidr: CIDR
        package var interface: String

        package init(cidr: CIDR, interface: String) {
            self.cidr = cidr
            self.interface = interface
        }
    }

    package var cluster: Cluster
    /// What is wrong, a verdict and its reason each.
    package var findings: [String]
    /// In order.
    package var actions: [Action]
    /// Why the fight would begin anew: while there is any, nothing is done unless the operator insists.
    package var causes: [String]
    package var unreachable: [HostID: RemoteError]
    /// Doctor's findings, and what becomes of each.
    package var remediations: [Remediation] = []
    /// What is changed on nodes, before the actions, under the gates of apply; `nil` when there is no such thing.
    package var change: ClusterPlan?
    /// Who owns each instance; of several claimants the one that will.
    var owners: [String: HostID] = [:]
    /// What the nodes do by themselves once their keepalived was started or restarted.
    package var returns: [PredictedMove] = []

    /// Which addresses move, and how long nobody answers for them meanwhile.
    package var moves: [PredictedMove] { (change?.moves ?? []) + returns }
    /// What the keepalived that is started or restarted must not read. Nothing is done while there is any.
    var loads: [String] = []

    /// Nobody found anything that is wrong.
    package var isEmpty: Bool { findings.isEmpty && change == nil && !remediations.contains { $0.isError } }

    /// Something can be done here.
    package var hasWork: Bool { change != nil || !actions.isEmpty }

    /// Every node that something is done on.
    package var changedNodes: Set<HostID> {
        Set(actions.map(\.node) + (change?.nodes ?? []).filter { !$0.isEmpty }.map(\.node.id))
    }

    /// Why nothing is done, in sentences with the nodes' names in them; empty when nothing speaks against it.
    ///
    /// - `insists`: the operator has been told of what would bring the fight back, and wants it all the same.
    package func objections(insists: Bool) -> [String] {
        if isEmpty { return [] }
        let obstacles = (change?.obstacles ?? []) + loads.filter { change?.obstacles.contains($0) != true }
        guard obstacles.isEmpty else { return obstacles }
        guard hasWork else {
            let left = remediations.filter(\.isError).map(\.sentence)
            return left.isEmpty ? findings + causes : left + causes
        }
        if insists { return [] }
        let fights = actions.isEmpty ? [] : remediations.filter(\.keepsTheFightGoing).map(\.sentence)
        return fights + causes
    }
}

extension FixPlan {
    /// Takes a change of nodes in; what it turns out not to reach is left to the operator.
    mutating func add(_ change: ClusterPlan) {
        let changed = Set(change.nodes.filter { !$0.isEmpty || !$0.obstacles.isEmpty }.map(\.node.id))
        for (index, remediation) in remediations.enumerated()
        where remediation.means == .change && changed.isDisjoint(with: remediation.desired.keys) {
            remediations[index] = .hand(remediation.finding)
        }
        self.change = changed.isEmpty ? nil : change
    }

    /// What its operator has to do, whatever haops does.
    package var edits: [String] {
        remediations.filter(\.isError).compactMap { remediation in
            remediation.edit.map { remediation.finding.instruction($0) }
        }
    }

    /// What doctor's findings after the work say of it.
    ///
    /// - Returns: what should be gone and is not; what is gone; and what is left to the operator.
    package func proof(in findings: [Finding]) -> (failed: [String], gone: [String], left: [String]) {
        let ended = remediations.filter(\.ends)
        func isSame(_ one: Finding, _ other: Finding) -> Bool {
            one.id == other.id && (one.nodes.isEmpty || !Set(one.nodes).isDisjoint(with: other.nodes))
        }
        func isOurs(_ finding: Finding) -> Bool { ended.contains { isSame($0.finding, finding) } }
        let remaining = findings.filter { $0.severity == .error }
        return (
            remaining.filter(isOurs).map { "still there: \($0.reference): \($0.message)" },
            ended.map(\.finding).filter { finding in !findings.contains { isSame(finding, $0) } }
                .map { "\($0.reference) is gone" },
            remaining.filter { !isOurs($0) }.map { finding in
                let edit = remediations.first { isSame($0.finding, finding) }?.edit ?? finding.fix
                return finding.instruction(edit)
            }
        )
    }
}

extension Finding {
    /// "keepalived-dead: systemctl start keepalived on lb1": with the nodes where the words do not name them.
    fileprivate func instruction(_ edit: String) -> String {
        "\(nodes.contains { edit.contains($0) } ? id : reference): \(edit)"
    }

    /// "leftover-vip on lb1".
    fileprivate var reference: String {
        nodes.isEmpty ? id : "\(id) on \(nodes.joined(separator: ", "))"
    }
}

extension Remediation {
    package var isError: Bool { finding.severity == .error }

    /// "`lb2`: cause-firewall-input: lb2's firewall drops …".
    fileprivate var sentence: String {
        let names = finding.nodes.map { "`\($0)`" }.joined(separator: ", ")
        return [names.isEmpty ? nil : names, finding.id, finding.message].compactMap { $0 }
            .joined(separator: ": ")
    }
}

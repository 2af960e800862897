package import Addresses
package import Checks
package import Inventory
package import Remote

/// What ends a split-brain, clears leftovers or corrects neighbour tables, and the reasons why it may not be done
/// yet.
package struct FixPlan: Sendable {
    package enum Action: Hashable, Sendable {
        /// Stop keepalived, wait until its addresses are gone, start it again. `reason` says why this node was
        /// chosen.
        case giveWay(HostID, addresses: [Address], reason: String)
        /// Remove exactly these addresses, which no running daemon of the node manages; start keepalived there when
        /// it should run.
        case clear(HostID, addresses: [Address], starts: Bool, reason: String)
        case start(HostID, reason: String)
        case restart(HostID, reason: String)
        /// Announce an instance's addresses by gratuitous ARP from their owner: this node, or another that has taken
        /// them over by then.
        case announce(HostID, instance: String, addresses: [Address], reason: String)

        /// Whether it only announces addresses and changes no node.
        package var isAnnouncement: Bool { if case .announce = self { true } else { false } }

        /// Whether it stops and restarts keepalived.
        var stopsKeepalived: Bool {
            switch self {
            case .giveWay, .restart: true
            case .clear, .start, .announce: false
            }
        }

        /// Whether it makes keepalived read the configuration on disk.
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

    /// An address and the interface that has it.
    package struct Address: Hashable, Sendable {
        package var cidr: CIDR
        package var interface: String

        package init(cidr: CIDR, interface: String) {
            self.cidr = cidr
            self.interface = interface
        }
    }

    package var cluster: Cluster
    /// What is wrong: each verdict with its reason.
    package var findings: [String]
    /// The actions, in their order.
    package var actions: [Action]
    /// Why the split-brain would return. While there is any cause, nothing is done unless the operator insists.
    package var causes: [String]
    package var unreachable: [HostID: RemoteError]
    /// Doctor's findings, and what is done about each.
    package var remediations: [Remediation] = []
    /// The change of nodes that precedes the actions, under the gates of apply; `nil` when there is none.
    package var change: ClusterPlan?
    /// Addresses that the actions are to heal.
    var broken: Set<IPAddress> = []
    /// Addresses that another machine would go on to answer for.
    var answeredElsewhere: Set<IPAddress> = []
    /// The owner of each instance; of several claimants, the one that will remain.
    var owners: [String: HostID] = [:]
    /// What the nodes do by themselves once their keepalived was started or restarted.
    package var returns: [PredictedMove] = []

    /// Which addresses move, and for how long no node answers for them meanwhile.
    package var moves: [PredictedMove] { (change?.moves ?? []) + returns }
    /// Errors in the configuration that a started or restarted keepalived would read. Nothing is done while there are
    /// any.
    var loads: [String] = []

    /// Whether nothing is wrong.
    package var isEmpty: Bool { findings.isEmpty && change == nil && !remediations.contains { $0.isError } }

    /// Whether haops can do something.
    package var hasWork: Bool { change != nil || !actions.isEmpty }

    /// Every node that the plan changes.
    package var changedNodes: Set<HostID> {
        Set(actions.map(\.node) + (change?.nodes ?? []).filter { !$0.isEmpty }.map(\.node.id))
    }

    /// Why nothing is done, in sentences that name the nodes; empty when nothing prevents the work.
    ///
    /// - `insists`: the operator knows the causes that would bring the split-brain back, and wants the work done
    ///   anyway.
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
    /// Adds a change of nodes; what it does not reach is left to the operator.
    mutating func add(_ change: ClusterPlan) {
        let changed = Set(change.nodes.filter { !$0.isEmpty || !$0.obstacles.isEmpty }.map(\.node.id))
        for (index, remediation) in remediations.enumerated()
        where remediation.means == .change && changed.isDisjoint(with: remediation.desired.keys) {
            remediations[index] = .hand(remediation.finding)
        }
        self.change = changed.isEmpty ? nil : change
    }

    /// What the operator has to do in any case.
    package var edits: [String] {
        remediations.filter(\.isError).compactMap { remediation in
            remediation.edit.map { remediation.finding.instruction($0) }
        }
    }

    /// Compares doctor's findings after the work with the plan.
    ///
    /// - Returns: findings that should be gone and are not; those that are gone; those that are left to the operator.
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
    /// "keepalived-dead: systemctl start keepalived on lb1": names the nodes when `edit` does not.
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

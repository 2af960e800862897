import Addresses
import Keepalived

/// A problem that was observed and whose cause is not known yet.
///
/// A cause explains symptoms; a symptom without a cause is reported by itself.
enum Symptom: Hashable, Sendable {
    /// Two daemons were MASTER and two kernels had the address, in both samples.
    case splitBrain(IPAddress)
    /// A node has the address although its keepalived is dead or not MASTER, in both samples.
    case orphan(IPAddress)
    case unowned(IPAddress)
    case claimedButAbsent(IPAddress)
    case staleARP(IPAddress)
    /// One owns it, and nobody else gets an answer.
    case dark(IPAddress)
    /// One owns it, and another machine answers for it.
    case contested(IPAddress)
    /// keepalived refused adverts between the samples.
    case refusals(node: String, instance: String)
    case fault(node: String, instance: String)
    case daemonDown(node: String)
    case proxyDown(node: String)
    /// A check with a weight fails on a node, and nothing that it is known to test is down there.
    case checkFails(node: String, check: String)
    /// The two samples have different owners.
    case unsettled(IPAddress)
}

extension Symptom {
    /// The finding for a symptom without a cause.
    func finding(in observation: ClusterObservation) -> Finding {
        let evidence = evidence(in: observation)
        func finding(
            _ id: DoctorID, _ severity: Finding.Severity, _ nodes: [String], _ message: String,
            _ effect: String,
            _ fix: String
        ) -> Finding {
            Finding(
                id, severity: severity, nodes: nodes, message: message, effect: effect, fix: fix,
                evidence: evidence)
        }
        switch self {
        case .splitBrain(let vip):
            return finding(
                .splitBrain, .error, observation.holders(of: vip),
                "\(vip) is held by \(joined(observation.holders(of: vip))), and both keepalived say MASTER",
                "clients reach whichever node answered ARP last, and connections break when that changes",
                paths(in: observation).first?.decision
                    ?? "look at the traffic between the nodes: tcpdump -nni IFACE 'proto 112' on both")
        case .orphan(let vip):
            return finding(
                .orphan, .error, observation.holders(of: vip),
                "\(vip) is on a node whose keepalived does not claim it",
                "two nodes answer for it, or one whose keepalived does not manage it",
                "haops fix")
        case .unowned(let vip):
            return finding(
                .noOwner, .error, [], "no node holds \(vip)", "clients cannot reach the address",
                "start keepalived on a healthy node and look at its journal")
        case .claimedButAbsent(let vip):
            return finding(
                .claimedButAbsent, .error, [],
                "a keepalived says MASTER, but no kernel of such a node has \(vip)",
                "clients cannot reach the address, and no node will take over",
                "restart keepalived on the MASTER, and find out what removed the address")
        case .staleARP(let vip):
            return finding(
                .staleARP, .error, [],
                "a neighbour table has another link-layer address for \(vip) than its owner's",
                "the machine with that entry sends to the wrong machine", "haops fix")
        case .dark(let vip):
            return finding(
                .vipDark, .error, observation.holders(of: vip),
                observation.verdict(on: vip)?.reason.replacing("holds it", with: "holds \(vip)")
                    ?? "\(vip) is dark",
                "the address is dark: its owner has it, and clients get no answer",
                "follow a request from where nobody answers to the owner's interface: tcpdump -nni IFACE host \(vip) on both"
            )
        case .contested(let vip):
            return finding(
                .vipForeignHolder, .error, [],
                "a machine that does not own \(vip) answers for it",
                "clients reach whichever machine answered last",
                "find that machine and take the address from it")
        case .refusals(let node, let instance):
            return finding(
                .advertsRefused, .error, [node], "\(node) refuses adverts that it receives for \(instance)",
                "a node whose adverts are refused does not hold the others back: they take the addresses too",
                "compare the instance's settings on all its nodes; where they agree, another machine sends the adverts: tcpdump -nni IFACE 'proto 112' shows who"
            )
        case .fault(let node, let instance):
            return finding(
                .instanceFault, .error, [node], "\(instance) is in FAULT on \(node)",
                "this node takes over nothing", "journalctl -u keepalived on \(node) says what failed")
        case .daemonDown(let node):
            return finding(
                .keepalivedDead, .error, [node], "keepalived does not run on \(node)",
                "this node takes over nothing",
                "systemctl start keepalived on \(node)")
        case .proxyDown(let node):
            return finding(
                .haproxyDead, .error, [node], "haproxy does not run on \(node)",
                "after a failover to this node, clients would have no service",
                "systemctl start haproxy on \(node)")
        case .checkFails(let node, let check):
            let known = observation.check(check, on: node)
            let although =
                known?.isAboutHAProxy == true && known.map { observation.isProxyRunning(on: $0.node) } == true
                ? ", although haproxy runs there" : ""
            return finding(
                .checkFails, .warning, [node], "the check `\(check)` fails on \(node)\(although)",
                "\(known?.instance ?? "its instance") has \(known?.effect ?? "a lower priority") there",
                "run `\(known?.command.text ?? check)` by hand on \(node), and fix what it tests")
        case .unsettled(let vip):
            return finding(
                .vipUnsettled, .warning, [], "\(vip) changed its owner while doctor was observing",
                "the findings about it may be outdated", "run doctor again")
        }
    }

    /// The evidence about the address, or about the node whose adverts are refused.
    private func evidence(in observation: ClusterObservation) -> [Evidence] {
        if case .checkFails(let node, let check) = self {
            return observation.check(check, on: node)?.evidence ?? []
        }
        guard case .refusals(let node, let instance) = self else {
            let traffic = paths(in: observation).first?.router.members.map {
                $0.traffic(in: observation.seconds)
            }
            return observation.probeResult(on: vip) + (traffic ?? []).compactMap(\.self)
                + paths(in: observation).flatMap { $0.evidence + $0.exclusions }
        }
        return observation.routers.flatMap(\.members)
            .filter { $0.name == node && $0.after?.name == instance }
            .flatMap { [$0.traffic(in: observation.seconds)].compactMap { $0 } + $0.loggedRefusals }
    }

    /// For a split-brain, the ways of adverts that are not accepted.
    private func paths(in observation: ClusterObservation) -> [AdvertPath] {
        guard case .splitBrain(let vip) = self else { return [] }
        return observation.routers.filter { $0.addresses.contains(vip) }.flatMap(AdvertPath.paths)
            .filter { ($0.receiver.received ?? 0) == 0 }
    }

    var isSplitBrain: Bool { if case .splitBrain = self { true } else { false } }

    var vip: IPAddress? {
        switch self {
        case .splitBrain(let vip), .orphan(let vip), .unowned(let vip), .claimedButAbsent(let vip),
            .staleARP(let vip), .dark(let vip), .contested(let vip), .unsettled(let vip):
            vip
        default: nil
        }
    }
}

/// "lb1, lb2 and lb3".
package func joined(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
}

import Addresses
import Facts
import Keepalived

/// One virtual router: the instances of several nodes that form it.
struct VirtualRouter: Sendable {
    /// One node's instance of the router.
    struct Member: Sendable {
        let node: DoctorNode
        /// The instance in the configuration on the node's disk.
        let instance: Instance?
        /// The daemon's state of the instance in the first and in the second sample.
        let before: LiveState.Instance?
        let after: LiveState.Instance?

        var name: String { node.name }
        var isMaster: Bool { node.daemon?.isRunning == true && after?.role == .master }
        var identity: RouterIdentity {
            RouterIdentity(
                node: name, name: instance?.name ?? after?.name, routerID: routerID, interface: interface,
                isIPv6: isIPv6, addresses: addresses)
        }
        var interface: String { instance?.interface?.value ?? after?.interface ?? "" }
        var routerID: Int? { instance?.virtualRouterID?.value ?? after?.routerID }
        var isIPv6: Bool { instance.map { $0.family == .ipv6 } ?? addresses.contains(where: \.isIPv6) }

        var addresses: Set<IPAddress> {
            if let instance { return Set(instance.allAddresses.map(\.address)) }
            return liveAddresses ?? []
        }
        var liveAddresses: Set<IPAddress>? {
            after.map { Set($0.addresses.compactMap { CIDR($0)?.address }) }
        }

        /// Adverts accepted between the two samples; `nil` if a daemon restarted or does not count.
        var received: Int? { difference(\.advertsReceived) }
        var sent: Int? { difference(\.advertsSent) }
        private func difference(_ counter: (LiveState.Counters) -> Int) -> Int? {
            guard let before, let after, node.daemon?.roleSource == .daemon else { return nil }
            guard let before = before.counters, let after = after.counters else { return nil }
            let difference = counter(after) - counter(before)
            return difference < 0 ? nil : difference
        }

        /// Adverts refused between the two samples, by reason.
        var refused: [String: Int] {
            guard let before = before?.counters, let after = after?.counters else { return [:] }
            return after.refused.reduce(into: [:]) { result, entry in
                let more = entry.value - (before.refused[entry.key] ?? 0)
                if more > 0 { result[entry.key] = more }
            }
        }

        /// The source address of its adverts: as configured, else the first address of the interface that is not
        /// virtual.
        func source(besides virtual: Set<IPAddress>) -> IPAddress? {
            if let configured = instance?.sourceAddress?.value { return configured }
            return ownAddresses(besides: virtual).first
        }

        /// The interface's own addresses of the instance's family; link-local ones first in IPv6, as keepalived sends.
        func ownAddresses(besides virtual: Set<IPAddress>) -> [IPAddress] {
            let all = (node.interfaces.first { $0.name == interface }?.addresses ?? [])
                .filter {
                    $0.cidr.address.isIPv6 == isIPv6 && !virtual.contains($0.cidr.address) && !$0.isSecondary
                }
                .map(\.cidr.address)
            return isIPv6 ? all.filter(\.isLinkLocal) + all.filter { !$0.isLinkLocal } : all
        }

        func evidence(at location: ConfigurationLocation?) -> Evidence? { node.evidence(at: location) }

        /// The last log entries about this instance that satisfy a condition.
        func logged(_ isWanted: (JournalEvent.Kind) -> Bool) -> [Evidence] {
            let entries = node.recentJournal.filter { entry in
                isWanted(entry.event.kind)
                    && (entry.event.subject.isEmpty || entry.event.subject == instance?.name
                        || entry.event.subject == after?.name)
            }
            return node.evidence(of: entries.suffix(2))
        }

        /// Whether adverts reach the node, accepted or refused: they are counted, seen by tcpdump, or logged.
        func hears(_ isRefusal: (JournalEvent.Kind) -> Bool) -> Bool {
            !refused.isEmpty || !arrivals.isEmpty || !logged(isRefusal).isEmpty
        }

        /// The last log entries about refused adverts.
        var loggedRefusals: [Evidence] {
            node.evidence(of: node.recentJournal.filter(\.event.isRejection).suffix(2))
        }

        /// "keepalived sent 4 adverts and accepted 0 in 4 s".
        func traffic(in seconds: Int) -> Evidence? {
            guard let sent, let received else { return nil }
            let total = refused.values.reduce(0, +)
            let more =
                total > 0 ? ", and refused \(total) (\(refused.keys.sorted().joined(separator: ", ")))" : ""
            return Evidence(
                .counter, on: name,
                "keepalived sent \(sent) adverts and accepted \(received) in \(seconds) s\(more)")
        }
    }

    var members: [Member]

    var nodes: [String] { members.map(\.name) }
    var masters: [Member] { members.filter { $0.isMaster } }
    var addresses: Set<IPAddress> { members.reduce(into: []) { $0.formUnion($1.addresses) } }
    /// Whether, on every node, a BACKUP that refuses a MASTER's adverts stays BACKUP.
    var toleratesRefusals: Bool { !members.contains { $0.node.version.dropsDisagreeingAdverts } }
    /// The effect when its nodes refuse each other's adverts.
    var refusal: String { toleratesRefusals ? neitherStepsBack : bothBecomeMaster }
    /// The name of the router for operators.
    var title: String {
        members.compactMap { $0.instance?.name ?? $0.after?.name }.first ?? "the virtual router"
    }
    var configured: [(member: Member, instance: Instance)] {
        members.compactMap { member in member.instance.map { (member, $0) } }
    }

    static func routers(of nodes: [DoctorNode]) -> [VirtualRouter] {
        RouterIdentity.grouped(nodes.flatMap(members), by: \.identity).map(VirtualRouter.init(members:))
    }

    private static func members(of node: DoctorNode) -> [Member] {
        let first = node.before?.known(KeepalivedFact.self)?.state?.instances ?? []
        let second = node.daemon?.state?.instances ?? []
        let configured = node.configuration?.instances ?? []
        func live(_ all: [LiveState.Instance], _ name: String, _ id: Int?) -> LiveState.Instance? {
            all.first { $0.name == name }
                ?? all.first { candidate in
                    candidate.routerID == id && !configured.contains { $0.name == candidate.name }
                }
        }
        let onDisk = configured.map { instance in
            let id = instance.virtualRouterID?.value
            return Member(
                node: node, instance: instance, before: live(first, instance.name, id),
                after: live(second, instance.name, id))
        }
        guard configured.isEmpty else { return onDisk }
        return second.map { state in
            Member(node: node, instance: nil, before: first.first { $0.name == state.name }, after: state)
        }
    }
}

import Addresses
import Facts
import Keepalived

/// The nodes of a virtual router cannot reach each other at all.
///
/// Condition: two masters, and no node of them answers another's ping or even its ARP.
/// Why: no advert can pass; each side believes that it is alone.
/// Remedy: mend the network between them: cable, VLAN, switch port, bond.
struct NoPath: Cause {
    static let id = "cause-no-path"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.filter(patient.isDisunited).compactMap { router in
            let pairs = Wire.pairs(of: router, in: patient)
            guard !pairs.isEmpty, pairs.allSatisfy({ $0.reach == .silent }) else { return nil }
            return Diagnosis(
                Self.id, nodes: router.nodes,
                "\(joined(router.nodes)) cannot reach each other on \(router.members[0].interface)",
                effect: bothBecomeMaster,
                fix: "mend the network between them: cable, VLAN, switch port, bond",
                evidence: pairs.map(\.words) + router.members.map { $0.traffic(in: patient.seconds) },
                explains: patient.disunity(of: router))
        }
    }
}

/// Adverts to the multicast group are lost between nodes that reach each other.
///
/// Condition: two masters that send to the group, hear nothing, and answer each other's ping or ARP; no node's
/// packet filter drops adverts.
/// Why: a switch snoops IGMP with no querier, a hypervisor or cloud does not carry multicast, or a port's security
/// drops it.
/// Remedy: unicast adverts, or a querier on the VLAN, or snooping off for 224.0.0.18.
struct MulticastPath: Cause {
    static let id = "cause-multicast-path"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.filter(patient.isDisunited).compactMap { router in
            guard router.configured.allSatisfy({ !$0.instance.isUnicast }) else { return nil }
            let pairs = Wire.pairs(of: router, in: patient)
            guard pairs.contains(where: { $0.reach != .silent }) else { return nil }
            let deaf = router.members.filter { ($0.received ?? 0) == 0 && $0.isMaster }
            guard !deaf.isEmpty else { return nil }
            return Diagnosis(
                Self.id, nodes: router.nodes,
                "the network does not carry the multicast adverts of \(router.title) on \(router.members[0].interface)",
                effect: bothBecomeMaster,
                fix: "let haops use unicast (transport: unicast), or give the VLAN an IGMP querier",
                evidence: pairs.map(\.words) + router.members.map { $0.traffic(in: patient.seconds) }
                    + deaf.filter(\.node.capture.isPossible).map {
                        "\($0.name): tcpdump sees no advert arrive"
                    },
                explains: patient.disunity(of: router))
        }
    }
}

/// The way from one node of a router to another.
private struct Wire {
    var from: String
    var to: String
    var address: IPAddress
    var reach: Reach

    var words: String {
        switch reach {
        case .answers: "\(from): ping to \(to) (\(address)) is answered"
        case .linkOnly: "\(from): \(to) (\(address)) answers ARP, though no ping"
        case .silent: "\(from): \(to) (\(address)) answers neither ping nor ARP"
        }
    }

    static func pairs(of router: VirtualRouter, in patient: Examination) -> [Wire] {
        router.members.flatMap { member in
            router.members.filter { $0.name != member.name }.flatMap { other in
                other.ownAddresses(besides: router.addresses).compactMap { address in
                    patient.reach[member.name]?[address].map {
                        Wire(from: member.name, to: other.name, address: address, reach: $0)
                    }
                }
            }
        }
    }
}

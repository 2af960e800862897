import Addresses
import Facts
import Keepalived

/// The address that an instance is to send from is not on the machine.
///
/// Condition: `unicast_src_ip` or `mcast_src_ip` names an address that no interface of the node has.
/// Why: where the address was lost, keepalived goes on sending from it and stays MASTER or BACKUP, but the kernel delivers
/// no advert that is sent to this address. Where it was never there, keepalived cannot bind its socket and the instance
/// does not begin; with `track_src_ip` it is in FAULT.
/// Remedy: stop keepalived, put the address back on its interface, in the network configuration too, and start keepalived;
/// or name an address that is there. While keepalived has a virtual address of the same network, the kernel makes the one
/// that is put back a secondary of it, and deletes both together.
struct SourceAbsent: Cause {
    static let id = DoctorID.sourceAbsent

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.flatMap { router in
            router.configured.compactMap { member, instance -> Diagnosis? in
                guard member.lacksSource, let setting = instance.sourceAddress else { return nil }
                let source = setting.value
                let keyword = instance.isUnicast ? "unicast_src_ip" : "mcast_src_ip"
                return Diagnosis(
                    Self.id, nodes: [member.name],
                    "\(keyword) \(source) of \(router.title) is on no interface of \(member.name)",
                    effect: Self.effect(on: member, of: source),
                    fix:
                        "on \(member.name): systemctl stop keepalived, put \(source) back on \(member.interface), in its network configuration too, and systemctl start keepalived; or write one of its addresses as \(keyword), and in unicast_peer of the others, then systemctl restart keepalived",
                    evidence: [member.evidence(at: setting.location)]
                        + [
                            Evidence(
                                .kernel, on: member.name,
                                "\(member.interface) has \(Self.addresses(member))")
                        ] + member.arrivalEvidence
                        + router.members.map { $0.traffic(in: observation.seconds) },
                    explains: observation.disunity(of: router).union(
                        observation.unexplained.filter { symptom in
                            if case .fault(member.name, let name) = symptom {
                                name == instance.name
                            } else {
                                false
                            }
                        }),
                    file: setting.location?.file, line: setting.location?.line)
            }
        }
    }

    private static func effect(on member: VirtualRouter.Member, of source: IPAddress) -> String {
        switch member.after?.role {
        case .master:
            "\(member.name) gets no advert that is sent to \(source), and takes the addresses as well"
        case .backup:
            "\(member.name) gets no advert that is sent to \(source), and will take the addresses as well"
        // keepalived cannot bind its socket, or tracks the address.
        case .initial, .fault, nil: "\(member.name) takes over nothing when the others fail"
        }
    }

    private static func addresses(_ member: VirtualRouter.Member) -> String {
        let all = member.node.interfaces.first { $0.name == member.interface }?.addresses ?? []
        return all.isEmpty ? "no address" : joined(all.map { "\($0.cidr)" })
    }
}

import Addresses
import Facts
import Keepalived

/// The kernel drops adverts because their source would be reached by another interface.
///
/// Condition: two masters; tcpdump on one of them sees adverts arrive on the instance's interface, keepalived counts none,
/// `rp_filter` is on there, and the kernel's counter of such drops (`IPReversePathFilter`) rises with the adverts.
/// Why: with `rp_filter` = 1 the best route to the source must lead back through the interface, with 2 any route must exist.
/// tcpdump sees a packet before this check.
/// Remedy: a route to the source by that interface, or `rp_filter` = 2 (0 where there is no route at all).
struct ReversePathDrops: Cause {
    static let id = DoctorID.reversePath

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.filter(observation.isDisunited).flatMap { router in
            router.members.compactMap { member -> Diagnosis? in
                let node = member.node
                let least = max(1, member.expected(in: observation.seconds) / 2)
                guard member.isDeaf, !member.isIPv6, let path = node.after?.known(ReversePathFact.self),
                    path.filters(on: member.interface) > 0, let drops = node.reversePathDrops, drops >= least
                else { return nil }
                let mode = path.filters(on: member.interface)
                let sources = member.arrivals.map(\.description)
                return Diagnosis(
                    Self.id, nodes: [member.name],
                    "rp_filter on \(member.interface) of \(member.name) drops the adverts of \(router.title)",
                    effect: "\(member.name) hears no MASTER, and takes the addresses as well",
                    fix: "give \(member.name) a route to \(joined(sources)) by \(member.interface)"
                        + (mode == 1
                            ? ", or sysctl -w net.ipv4.conf.\(member.interface).rp_filter=2, in /etc/sysctl.d too"
                            : ", or set rp_filter of \(member.interface) and of all to 0"),
                    evidence: [
                        Evidence(.kernel, on: member.name, "rp_filter is \(mode) on \(member.interface)"),
                        Evidence(
                            .kernel, on: member.name,
                            "it has dropped \(drops) packets in \(observation.seconds) s (IPReversePathFilter)"
                        ),
                    ] + member.arrivalEvidence + router.members.map { $0.traffic(in: observation.seconds) },
                    explains: observation.disunity(of: router))
            }
        }
    }
}

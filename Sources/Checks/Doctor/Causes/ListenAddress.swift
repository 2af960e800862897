import Addresses
import Facts
import Keepalived

/// Adverts go to an address that the other node's keepalived does not listen on.
///
/// Condition: two masters; tcpdump on one of them sees adverts of the router arrive, keepalived counts none, and none of
/// its sockets (/proc/net/raw) is bound to their destination.
/// Why: without `unicast_src_ip` keepalived listens on the first address of the interface, in IPv6 the link-local one, and
/// its peers send to another one. With multicast, the groups differ.
/// Remedy: `unicast_src_ip` on every node, the address that the others have in `unicast_peer`; or the same group.
struct ListenAddress: Cause {
    static let id = DoctorID.listenAddress

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.filter(observation.isDisunited).compactMap { router -> Diagnosis? in
            let found = router.members.compactMap { member in Self.gap(member).map { (member, $0) } }
            guard let first = found.first else { return nil }
            let words = found.map { member, gap in
                "\(member.name) listens on \(joined(gap.listens)), and adverts go to \(joined(gap.sent))"
            }
            let isUnicast = first.0.instance?.isUnicast == true
            let sources = found.map { member, gap in
                "\(joined(gap.sent)) on \(member.name)"
            }
            return Diagnosis(
                Self.id, nodes: found.map(\.0.name),
                "\(isUnicast && first.0.instance?.sourceAddress == nil ? "unicast_src_ip of \(router.title) is missing" : "adverts of \(router.title) go to an address that is not listened on"): \(words.joined(separator: "; "))",
                effect: bothBecomeMaster,
                fix: isUnicast
                    ? "write unicast_src_ip in \(router.title): \(sources.joined(separator: ", ")), then systemctl restart keepalived on both"
                    : "write the same multicast group (vrrp_mcast_group4, vrrp_mcast_group6) on \(joined(router.nodes)), then systemctl restart keepalived",
                evidence: found.flatMap { member, gap in
                    gap.sent.map {
                        Evidence(.capture, on: member.name, "tcpdump sees adverts arrive for \($0)")
                    }
                        + [
                            Evidence(
                                .kernel, on: member.name,
                                "keepalived's sockets for adverts are bound to \(joined(gap.listens))")
                        ]
                } + found.map { $0.0.evidence(at: $0.0.instance?.location) }
                    + router.members.map { $0.traffic(in: observation.seconds) },
                explains: observation.disunity(of: router), file: first.0.instance?.location.file,
                line: first.0.instance?.location.line)
        }
    }

    private static func gap(_ member: VirtualRouter.Member) -> (listens: [String], sent: [String])? {
        guard member.isDeaf, let sockets = member.node.advertSockets?.after.sockets else { return nil }
        let bound = Set(sockets.map(\.address).filter { $0.isIPv6 == member.isIPv6 })
        let sent = Set(member.incoming.map(\.destination))
        guard !bound.isEmpty, bound.isDisjoint(with: sent) else { return nil }
        return (bound.sorted().map(\.description), sent.sorted().map(\.description))
    }
}

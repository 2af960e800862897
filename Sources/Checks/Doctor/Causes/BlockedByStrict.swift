import Addresses
import Facts
import Keepalived
import Remote

/// `vrrp_strict` drops packets to the virtual addresses.
///
/// Condition: `vrrp_strict` on a node whose priority is not 255, without `accept`.
/// Why: RFC 5798 lets only the address owner accept packets to the addresses, so keepalived adds rules that drop
/// them: a node holds the address and answers ARP for it, but no other packets.
/// Remedy: remove `vrrp_strict`.
struct BlockedByStrict: Cause {
    static let id = DoctorID.vipBlockedStrict

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            let strict = router.configured.filter {
                !$0.instance.isOwner && !$0.instance.accept.value && $0.instance.strict.value
            }
            guard let first = strict.first else { return nil }
            let names = strict.map(\.member.name)
            return Diagnosis(
                Self.id, nodes: names,
                "vrrp_strict makes \(joined(names)) drop packets to the addresses of \(router.title)",
                effect: "the addresses answer only ARP",
                fix:
                    "remove vrrp_strict from global_defs, and from \(router.title), on \(joined(names)), and restart",
                evidence: strict.map { $0.member.evidence(at: $0.instance.strict.location) }
                    + strict.filter { $0.member.node.hasKeepalivedTable }
                    .map {
                        Evidence(
                            .kernel, on: $0.member.name,
                            "nftables has keepalived's own table, which drops packets to the addresses")
                    },
                explains: Set(router.addresses.map { .dark($0) }), file: first.instance.strict.location?.file,
                line: first.instance.strict.location?.line)
        }
    }
}

import Addresses
import Facts
import Keepalived
import Remote

/// A virtual address is on an interface that does not answer for it in its network.
///
/// Condition: one owner, nobody else gets an answer to ARP, the address is on `lo` or on an interface without another
/// address of its network, and `arp_ignore` is on (IPv6 always behaves so).
/// Why: with `arp_ignore` an interface answers only for its own addresses; `lo` is on no network.
/// Remedy: name the right interface: `dev` behind the address in `virtual_ipaddress`.
struct QuietInterface: Cause {
    static let id = DoctorID.vipQuietInterface

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.darkAddresses.compactMap { ownership, owner, interface in
            let vip = ownership.vip
            let home = owner.interfaces.first { other in
                other.name != interface.name
                    && other.addresses.contains { $0.cidr.address != vip && $0.cidr.contains(vip) }
            }
            let isElsewhere =
                interface.name == "lo"
                || home != nil
                    && !interface.addresses.contains { $0.cidr.address != vip && $0.cidr.contains(vip) }
            let ignore =
                owner.after?.known(ARPSettingsFact.self)?.ignores(on: home?.name ?? interface.name) ?? 0
            guard isElsewhere, vip.isIPv6 || ignore > 0 else { return nil }
            let line = owner.configuration?.instances.flatMap(\.allAddresses).first { $0.address == vip }
            return Diagnosis(
                Self.id, nodes: [owner.name],
                "\(vip) is on \(interface.name) of \(owner.name), where "
                    + (vip.isIPv6 ? "neighbour discovery" : "arp_ignore = \(ignore)")
                    + " keeps it from answering",
                effect: "\(vip) is held and dark: nobody finds its link-layer address",
                fix:
                    "write \"dev \(home?.name ?? "…")\" behind \(vip) in virtual_ipaddress on every node, then systemctl reload keepalived",
                evidence: [
                    owner.evidence(at: line?.location),
                    vip.isIPv6
                        ? nil
                        : Evidence(
                            .kernel, on: owner.name,
                            "arp_ignore is \(ignore) on \(home?.name ?? "its interfaces")"),
                ] + observation.probeResult(on: vip), explains: [.dark(vip)], file: line?.location.file,
                line: line?.location.line)
        }
    }
}

import Addresses
import Facts
import Remote

/// A node answers ARP for an address that it does not have.
///
/// Condition: one owner, and another machine that was asked answers for the address; its `proxy_arp` is on, where that is
/// why. Or another machine sends to a node that would answer: its `proxy_arp` is on, and its own way to the address leaves by
/// another interface.
/// Why: with `proxy_arp` a kernel answers for every address that it would send on through another interface.
/// Remedy: switch `proxy_arp` off on that interface, for the next boot too.
struct AnswersForAnother: Cause {
    static let id = DoctorID.vipProxyARP

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.after.flatMap { ownership -> [Diagnosis] in
            let vip = ownership.vip
            let isHeard = observation.unexplained.contains(.contested(vip))
            guard isHeard || observation.unexplained.contains(.staleARP(vip)) else { return [] }
            let believed = ownership.arp.filter { $0.node != ownership.trueOwner }
                .map { VIPOwnership.Speaker(mac: $0.mac, node: $0.node) }.uniqued()
            return (isHeard ? ownership.intruders : believed).compactMap { speaker in
                guard let host = speaker.node, let facts = observation.facts(of: host),
                    let interface = facts.known(InterfacesFact.self)?.first(where: { $0.mac == speaker.mac })
                else { return nil }
                let isProxy = facts.known(ARPSettingsFact.self)?.isProxy(on: interface.name) == true
                let way = ownership.answers.first { $0.observer == host }?.probe.interface
                // A neighbour entry alone may be of an earlier owner.
                guard isHeard || isProxy && way != nil && way != interface.name else { return nil }
                return Diagnosis(
                    Self.id, nodes: [host.name],
                    "\(host) answers \(ownership.vip.resolution) for \(ownership.vip) on \(interface.name) and does not have it"
                        + (isProxy ? ": proxy_arp is on" : ""),
                    effect:
                        "clients reach \(host) instead of \(ownership.trueOwner?.name ?? "the owner"), by chance",
                    fix: isProxy
                        ? "sysctl -w net.ipv4.conf.\(interface.name).proxy_arp=0 net.ipv4.conf.all.proxy_arp=0 on \(host), and in its sysctl files"
                        : "see why \(host) answers: ip neigh show proxy; ip route get \(ownership.vip)",
                    evidence: [
                        Evidence(
                            .kernel, on: host.name,
                            "proxy_arp is \(isProxy ? 1 : 0) on \(interface.name)"
                                + (way.map { ", and its way to \(vip) leaves by \($0)" } ?? ""))
                    ] + observation.probeResult(on: ownership.vip),
                    explains: [.contested(ownership.vip), .staleARP(ownership.vip)])
            }
        }
    }
}

import Addresses
import Facts
import Keepalived

/// keepalived cannot send its adverts.
///
/// Condition: two masters; keepalived of one of them logged that sending fails, and tcpdump, where it is installed, sees
/// none of its adverts leave.
/// Why: the other nodes hear no MASTER and take the addresses.
/// Remedy: mend what the kernel's error says: a route, an address, an interface, a program or a unit's restriction.
struct SendFails: Cause {
    static let id = DoctorID.sendFails

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.filter(observation.isDisunited).flatMap { router in
            router.masters.compactMap { member -> Diagnosis? in
                let logged = member.sendFailures
                guard !logged.isEmpty, member.departures.isEmpty, let reason = Self.reason(member) else {
                    return nil
                }
                let filter = AdvertFilter(router: router, member: member)
                let doubt = reason.contains("not permitted") ? filter.doubt(.output) : nil
                let path = AdvertPath.paths(of: router).first { $0.sender.name == member.name }
                return Diagnosis(
                    Self.id, nodes: [member.name],
                    "keepalived on \(member.name) cannot send the adverts of \(router.title): \(reason)",
                    effect: "no other node hears it, and one of them takes the addresses as well",
                    fix: doubt.map { filter.acceptance($0, .output) } ?? Self.fix(reason, member, router),
                    evidence: logged
                        + [
                            doubt.map {
                                Evidence(
                                    .kernel, on: member.name,
                                    "may drop adverts, by conditions that haops does not evaluate: \($0.words)"
                                )
                            }
                        ] + (path?.evidence ?? [])
                        + member.programs(.output).map {
                            Evidence(
                                .kernel, on: member.name,
                                "a program (\($0.kind)) on \($0.interface) cannot be read")
                        }
                        + router.members.map { $0.traffic(in: observation.seconds) },
                    explains: observation.disunity(of: router))
            }
        }
    }

    private static func reason(_ member: VirtualRouter.Member) -> String? {
        member.node.recentJournal.reversed().lazy.compactMap { entry in
            guard case .cannotSend(_, let reason) = entry.event.kind,
                [member.instance?.name, member.after?.name, ""].contains(entry.event.subject)
            else { return nil }
            return reason
        }.first
    }

    private static func fix(_ reason: String, _ member: VirtualRouter.Member, _ router: VirtualRouter)
        -> String
    {
        let peer = member.instance?.unicastPeers.first?.address
        let target = peer.map { "\($0)" } ?? "the group"
        switch reason.lowercased() {
        case let words where words.contains("not permitted"):
            return
                "find what forbids it on \(member.name): systemctl show -p IPAddressDeny,RestrictAddressFamilies keepalived; eBPF programs: bpftool net, bpftool cgroup tree"
        case let words
        where words.contains("unreachable") || words.contains("no route")
            || words.contains("permission denied") || words.contains("invalid argument"):
            return
                "give \(member.name) a route to \(target) by \(member.interface): ip route get \(target) shows the one in force"
        case let words where words.contains("assign requested"):
            return "put the source address of \(router.title) back on \(member.interface) of \(member.name)"
        case let words where words.contains("no such device") || words.contains("network is down"):
            return "bring \(member.interface) of \(member.name) up, then systemctl restart keepalived"
        default:
            return "mend on \(member.name) what the kernel's error says: \(reason)"
        }
    }
}

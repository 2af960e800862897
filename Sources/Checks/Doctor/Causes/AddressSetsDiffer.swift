import Addresses
import Keepalived

/// The nodes list different virtual addresses for one virtual router.
///
/// Condition: the sets of `virtual_ipaddress` differ; their order does not matter.
/// Why: keepalived 2.0.0 to 2.3.2 drops an advert that does not list a node's own addresses, so both become MASTER.
/// Since 2.3.3 it logs and accepts the advert, and a BACKUP of 1.x stays BACKUP: then this is a warning that some
/// addresses have no second node. It is an error if the MASTER does not list such an address and no node has it, or
/// if two nodes of 1.x are MASTER, because neither steps back.
/// Remedy: list the same addresses on every node.
struct AddressSetsDiffer: Cause {
    static let id = DoctorID.vipSet

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            guard Set(router.configured.map(\.instance.virtualRouterID?.value)).count == 1 else { return nil }
            let common =
                router.configured.map { Set($0.instance.addresses.map(\.address)) }
                .reduce(nil as Set<IPAddress>?) { $0?.intersection($1) ?? $1 } ?? []
            return ConfigMismatch(
                router, on: { Set($0.addresses.map(\.address)) },
                words: { instance in
                    let own = Set(instance.addresses.map(\.address)).subtracting(common).sorted()
                    return own.isEmpty ? "nothing else" : own.map(\.description).joined(separator: " ")
                }
            )?.diagnose { this in
                // A MASTER of 1.x does not step back for adverts that it refuses, if any reach it.
                let stays = router.masters.contains {
                    !$0.node.version.dropsDisagreeingAdverts && $0.hears(isRefusal)
                }
                let isSplit =
                    router.members.contains { $0.node.version.dropsAdvertsWithOtherAddresses }
                    || stays && router.masters.count > 1
                let unlisted = unlisted(by: router, in: observation)
                let isDark = unlisted.contains { $0.vip.map { observation.holders(of: $0).isEmpty } == true }
                return this.diagnosis(
                    Self.id, severity: isSplit || isDark ? .error : .warning,
                    "\(router.title) does not list the same addresses everywhere: \(this.words)",
                    effect: isSplit
                        ? stays ? neitherStepsBack : bothBecomeMaster
                        : isDark
                            ? "no node has the addresses that the MASTER does not list"
                            : "no node has an address that only one node lists while the other is MASTER",
                    fix: "write the same virtual_ipaddress block on \(joined(router.nodes)), and reload",
                    at: { instance in
                        (instance.addresses.first { !common.contains($0.address) } ?? instance.addresses.first)?
                            .location
                    },
                    isRefusal: isRefusal,
                    explains: unlisted.union(
                        isSplit ? observation.disunity(of: router) : mereRefusals(of: router, in: observation)
                    ),
                    in: observation)
            }
        }
    }

    private func isRefusal(_ event: JournalEvent.Kind) -> Bool {
        switch event {
        case .wrongAddressCount, .addressNotInAdvert: true
        default: false
        }
    }

    /// The addresses that a MASTER does not have because it does not list them.
    private func unlisted(by router: VirtualRouter, in observation: ClusterObservation) -> Set<Symptom> {
        guard !router.masters.isEmpty else { return [] }
        return observation.symptoms(of: router).filter { symptom in
            switch symptom {
            case .unowned(let vip), .claimedButAbsent(let vip):
                router.masters.allSatisfy { !$0.addresses.contains(vip) || $0.node.holds(vip) }
            default: false
            }
        }
    }

    /// Adverts that were counted as wrong only for their addresses.
    private func mereRefusals(of router: VirtualRouter, in observation: ClusterObservation) -> Set<Symptom> {
        observation.disunity(of: router).filter { symptom in
            guard case .refusals(let node, let instance) = symptom else { return false }
            return router.members.contains {
                $0.name == node && $0.after?.name == instance && Set($0.refused.keys) == ["addr_list_err"]
            }
        }
    }
}

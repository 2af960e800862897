import Addresses
import Keepalived

/// The nodes list different virtual addresses for one virtual router.
///
/// Condition: the sets of `virtual_ipaddress` differ; their order does not count.
/// Why: keepalived 2.0.0 to 2.3.2 drops an advert that does not list a node's own addresses, so both become
/// MASTER. Others log it and go on, and some addresses have no second node.
/// Remedy: one list.
struct AddressSetsDiffer: Cause {
    static let id = "cause-vip-set"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.compactMap { router -> Diagnosis? in
            guard Set(router.configured.map(\.instance.virtualRouterID?.value)).count == 1 else { return nil }
            let common =
                router.configured.map { Set($0.instance.addresses.map(\.address)) }
                .reduce(nil as Set<IPAddress>?) { $0?.intersection($1) ?? $1 } ?? []
            return Disagreement(
                router, on: { Set($0.addresses.map(\.address)) },
                words: { instance in
                    let own = Set(instance.addresses.map(\.address)).subtracting(common).sorted()
                    return own.isEmpty ? "nothing else" : own.map(\.description).joined(separator: " ")
                }
            )?.diagnose { this in
                this.diagnosis(
                    Self.id, "\(router.title) does not list the same addresses everywhere: \(this.words)",
                    effect: bothBecomeMaster,
                    fix: "write the same virtual_ipaddress block on \(joined(router.nodes)), and reload",
                    at: { instance in
                        (instance.addresses.first { !common.contains($0.address) } ?? instance.addresses.first)?
                            .location
                    },
                    isRefusal: {
                        switch $0 {
                        case .wrongAddressCount, .addressNotInAdvert: true
                        default: false
                        }
                    }, in: patient)
            }
        }
    }
}

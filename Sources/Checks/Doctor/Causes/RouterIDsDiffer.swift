import Addresses
import Keepalived

/// The nodes use different router ids for one virtual address.
///
/// Condition: the same address with a different `virtual_router_id` on each node.
/// Why: a node ignores adverts of another router id, so every node becomes MASTER.
/// Remedy: give the instance one router id on all nodes, one that no other cluster on the segment uses.
struct RouterIDsDiffer: Cause {
    static let id = DoctorID.routerIDDiffers

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            ConfigMismatch(
                router, on: { $0.virtualRouterID?.value },
                words: { $0.virtualRouterID.map { "\($0.value)" } ?? "none" }
            )?.diagnose { this in
                this.diagnosis(
                    Self.id, "\(router.title) has different router ids: \(this.words)",
                    effect: bothBecomeMaster,
                    fix:
                        "write the same virtual_router_id into \(router.title) on \(joined(router.nodes)), and reload",
                    at: { $0.virtualRouterID?.location }, in: observation)
            }
        }
    }
}

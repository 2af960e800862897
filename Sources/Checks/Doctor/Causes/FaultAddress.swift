/// An instance is in FAULT because its interface has no address to send adverts from.
///
/// Condition: the interface has no address of the instance's family: none in IPv4, no usable link-local one in IPv6 (also
/// while duplicate address detection goes on or has failed), or not the one that `unicast_src_ip` names.
/// Why: keepalived sends adverts from an address of the interface; without one it cannot take part in the election.
/// Remedy: give the interface its address again, or correct `unicast_src_ip`.
struct FaultAddress: Cause {
    static let id = DoctorID.faultAddress

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.faults(Self.id, .address) { reason, node in
            "give \(reason.subject.split(separator: " ").last ?? "the interface") of \(node.name) its address again: ip address show there, and the network configuration"
        }
    }
}

/// An instance is in FAULT because an interface is down.
///
/// Condition: the interface of the instance, or one that it tracks, is down, has no carrier or does not exist.
/// Why: keepalived gives up an instance whose interface fails, and takes over nothing meanwhile.
/// Remedy: bring the interface up; where it is up, the cable or the switch port.
struct FaultInterface: Cause {
    static let id = DoctorID.faultInterface

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.faults(Self.id, .interface) { reason, node in
            "on \(node.name): ip link show \(reason.subject.split(separator: " ").last ?? "") says more; bring it up, or repair its cable or switch port"
        }
    }
}

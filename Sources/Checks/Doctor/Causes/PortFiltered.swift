import Addresses
import Facts
import Remote

/// haproxy serves on the address, and its port is closed to others.
///
/// Condition: one owner, the address answers ARP, a port that haproxy is to serve is silent or refused for everybody else,
/// and the owner itself is served on it.
/// Why: a packet filter on the owner, or between, drops the connections; often only one of the nodes was opened.
/// Remedy: accept the port on every node.
struct PortFiltered: Cause {
    static let id = DoctorID.vipPortFiltered

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.darkAddresses.compactMap { ownership, owner, _ in
            guard let inside = ownership.answers.first(where: \.isOwner) else { return nil }
            let ports = ownership.askers.ports.bad.filter { number, answer in
                (answer == .silent || answer == .refused) && inside.probe.ports[number]?.isGood == true
            }.keys.sorted()
            guard !ports.isEmpty else { return nil }
            let words = joined(ports.map(String.init))
            return Diagnosis(
                Self.id, nodes: [owner.name],
                "port \(words) of \(ownership.vip) is closed to others: \(owner.name) itself is served on it",
                effect: "\(ownership.vip) is dark while \(owner.name) owns it",
                fix:
                    "accept TCP port \(words) in the packet filter of \(owner.name), or between it and \(joined(ownership.askers.map(\.observer.name)))",
                evidence: observation.probeResult(on: ownership.vip), explains: [.dark(ownership.vip)])
        }
    }
}

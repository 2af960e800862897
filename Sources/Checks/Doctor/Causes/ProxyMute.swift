import Addresses
import Facts
import Remote

/// haproxy takes connections and never answers.
///
/// Condition: one owner, haproxy runs there, and a port that speaks HTTP accepts connections and says nothing within a
/// second, to others and to the owner itself.
/// Why: the kernel accepts for a process that stands still, or that has as many connections as `maxconn` lets it have. A
/// check that looks for the process or the port is content.
/// Remedy: see what haproxy does, restart it; and a check that waits for an answer.
struct ProxyMute: Cause {
    static let id = DoctorID.haproxyMute

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.darkAddresses.compactMap { ownership, owner, _ in
            let mute = ownership.askers.ports.bad.filter { $0.value == .mute }.keys.sorted()
            guard let port = mute.first, observation.isProxyRunning(on: owner) else { return nil }
            return Diagnosis(
                Self.id, nodes: [owner.name],
                "haproxy on \(owner.name) accepts connections to \(ownership.vip):\(port) and does not answer them",
                effect: "\(ownership.vip) is dark: every request waits until the client gives up",
                fix:
                    "see what it does (ps -o stat,cmd -C haproxy; show info on its stats socket), then systemctl restart haproxy on \(owner.name); and let keepalived track a script that waits for an answer",
                evidence: [owner.serviceWords("haproxy")] + observation.probeResult(on: ownership.vip),
                explains: [.dark(ownership.vip)])
        }
    }
}

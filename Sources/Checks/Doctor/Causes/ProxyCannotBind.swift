import Addresses
import Facts
import Keepalived
import Remote

/// haproxy cannot listen on its address, and does not run.
///
/// Condition: haproxy is configured, does not run, and its log says that it could not bind.
/// Why: usually the address is virtual and on another node at the moment, and `ip_nonlocal_bind` is 0: then haproxy
/// starts only on the MASTER, and does not run on the node that takes over.
/// Remedy: set `net.ipv4.ip_nonlocal_bind` and `net.ipv6.ip_nonlocal_bind` to 1 in a file under /etc/sysctl.d; or
/// free the port.
struct ProxyCannotBind: Cause {
    static let id = DoctorID.haproxyCannotBind

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { node -> Diagnosis? in
            guard observation.unexplained.contains(.proxyDown(node: node.name)),
                let failure = node.after?.known(HAProxyHealthFact.self)?.bindFailure
            else { return nil }
            let settings = node.after?.known(SysctlFact.self) ?? [:]
            let families = Set(observation.after.map(\.vip.isIPv6)).sorted { !$0 && $1 }
            let off = families.map { "net.\($0 ? "ipv6" : "ipv4").ip_nonlocal_bind" }.filter {
                settings[$0] == "0"
            }
            let values = (off.isEmpty ? ["net.ipv4.ip_nonlocal_bind"] : off).map { "\($0)=1" }
            return Diagnosis(
                Self.id, nodes: [node.name], "haproxy does not run on \(node.name): it cannot bind",
                effect: "after a failover to \(node.name), clients would have no service",
                fix: failure.isTaken
                    ? "ss -ltnp on \(node.name) shows the program that has the port; then systemctl start haproxy"
                    // systemd starts nothing for a while that has failed again and again.
                    : "sysctl -w \(values.joined(separator: " ")) on \(node.name)  (and in /etc/sysctl.d); then systemctl reset-failed haproxy; then systemctl restart haproxy",
                evidence: [Evidence(.journal, on: node.name, failure.message), node.serviceWords("haproxy")]
                    + (failure.isTaken ? [] : off.map { Evidence(.kernel, on: node.name, "\($0) = 0") }),
                explains: Set(
                    [.proxyDown(node: node.name)]
                        + observation.after.filter { $0.trueOwner == node.id }.map { .dark($0.vip) }))
        }
    }
}

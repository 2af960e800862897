import Addresses
import Remote

/// Finds two names for one machine: a node would be its own peer or its own observer.
func machineProblems(in fleet: Fleet) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    var nodes: [Reached: HostID] = [:]
    for node in fleet.clusters.flatMap(\.nodes) {
        guard let other = nodes.updateValue(node.id, forKey: Reached(node.target)) else { continue }
        problems.append(
            Diagnostic(
                .error, at: fleet.location(of: .nodeAddress(node.id), .node(node.id)),
                "`\(node.id)` has the address of `\(other)`, \(node.target.host.visible)",
                remedy: "every node is a machine of its own: correct one of the addresses"))
    }
    var observers: [HostID: Reached] = [:]
    for observer in fleet.clusters.flatMap(\.observers) {
        let reached = Reached(observer.target)
        let place = fleet.location(of: .observer(observer.id))
        if let node = nodes[reached] {
            problems.append(
                Diagnostic(
                    .error, at: place,
                    "the observer `\(observer.id)` is the node `\(node)`: it sees no ARP of its own addresses",
                    remedy: "choose a machine outside the cluster"))
        }
        if let other = observers.updateValue(reached, forKey: observer.id), other != reached {
            problems.append(
                Diagnostic(
                    .error, at: place, "the observer `\(observer.id)` has two addresses",
                    remedy: "give the two machines different names"))
        }
    }
    return problems
}

/// What identifies a machine: one address behind different bastions may be two machines.
private struct Reached: Hashable {
    var host: String
    var port: Int
    var jumps: [String]?

    init(_ target: SSHTarget) {
        host = IPAddress(target.host)?.description ?? target.host.lowercased()
        port = target.port ?? 22
        jumps = target.jumps
    }
}

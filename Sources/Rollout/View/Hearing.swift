import Inventory
import Keepalived
import Remote

/// What was just done to a node's daemons; the gate that follows needs it.
struct Disturbance: Hashable, Sendable {
    var keepalived: DaemonAction = .none
    var haproxy: DaemonAction = .none

    /// Whether its keepalived was started or has read a new configuration. Two things show whether it still hears its
    /// peers: the end of its master-down time, or the adverts that it accepts.
    var listensAnew: Bool { keepalived != .none && keepalived != .stop }
}

extension RolloutTiming {
    /// Until the checks of disturbed nodes have had the time to fail.
    func checked(_ disturbances: some Sequence<Disturbance>) -> Duration {
        disturbances.map { disturbance in
            if disturbance.haproxy != .none { return checks }
            return disturbance.listensAnew ? firstChecks : .zero
        }.max() ?? .zero
    }

    /// Until a restarted or reloaded node that hears no adverts has claimed the addresses. An instance waits for the
    /// first results of its checks before it counts adverts (keepalived 2.x).
    var elected: Duration { masterDown + firstChecks + preemptDelay }
}

/// Collects evidence that nodes hear the owners of their instances. Without it, a gate must wait for the master-down
/// time, when a BACKUP that hears no adverts claims the addresses.
struct Hearing: Sendable {
    let nodes: [HostID]
    /// The counters of the first observation, by node and instance.
    private var first: [HostID: [String: LiveState.Counters]] = [:]

    init(nodes: [HostID]) { self.nodes = nodes }

    /// The number of adverts that must have been accepted: the first one may have reached the daemon before its
    /// change.
    private static let enough = 2

    mutating func add(_ view: ClusterView) {
        for node in nodes {
            for (instance, counters) in view.nodes[node]?.heard ?? [:] {
                let known = first[node]?[instance]
                // A new daemon starts its counters again.
                if known == nil || counters.advertsReceived < known?.advertsReceived ?? 0 {
                    first[node, default: [:]][instance] = counters
                }
            }
        }
    }

    /// Whether each of the nodes, in each of its instances, owns it or has accepted adverts of an owner with a higher
    /// claim.
    func isProven(in view: ClusterView) -> Bool {
        nodes.allSatisfy { node in
            guard let seen = view.nodes[node], !seen.roles.isEmpty else { return false }
            return seen.roles.allSatisfy { isProven($0.key, on: node, seen, in: view) }
        }
    }

    private func isProven(_ instance: String, on node: HostID, _ seen: NodeView, in view: ClusterView) -> Bool
    {
        switch seen.roles[instance] {
        case .backup: break
        // A node that hears this MASTER is BACKUP by now; the view's problems show whether all others are.
        case .master: return true
        case .initial, .fault, nil: return false
        }
        guard let before = first[node]?[instance], let now = seen.heard[instance] else { return false }
        guard now.advertsReceived >= before.advertsReceived + Self.enough, now.refused == before.refused
        else {
            return false
        }
        let owners = view.nodes.filter { $0.key != node && $0.value.roles[instance] == .master }
        guard let owner = owners.first, owners.count == 1, let theirs = owner.value.priorities[instance],
            let mine = seen.priorities[instance]
        else { return false }
        return theirs > mine
    }
}

import Addresses
import Facts
import Keepalived
import Remote

extension ClusterObservation {
    /// Virtual addresses that a node has in both samples although its daemon does not claim them.
    func stayedVIPs(on node: DoctorNode) -> [IPAddress] {
        zip(before, after).compactMap { first, second in
            let wasThere = first.nodes.contains { $0.node == node.id && $0.isLeftover }
            let isThere = second.nodes.contains { $0.node == node.id && $0.isLeftover }
            return wasThere && isThere ? second.vip : nil
        }
    }
}

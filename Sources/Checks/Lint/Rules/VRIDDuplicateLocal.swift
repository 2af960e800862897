import Keepalived

/// Two instances of one node use the same router id on one interface.
///
/// - Condition: Same `virtual_router_id`, address family, interface and transport; for unicast, a peer in
///   common.
/// - Why: keepalived refuses to run (`both use VRID`).
/// - Remedy: Give each instance an id of its own. Another family, another multicast group or other peers
///   are fine.
struct VRIDDuplicateLocal: NodeRule {
    static let id = "vrid-dup-local"

    func check(_ node: LintNode) -> [Finding] {
        var findings: [Finding] = []
        for (index, first) in node.instances.enumerated() {
            for second in node.instances[(index + 1)...] where clash(first, second) {
                findings.append(
                    node.finding(
                        Self.id, .error, at: second.virtualRouterID?.location ?? second.location,
                        "\(first.name) and \(second.name) both use router id \(second.virtualRouterID?.value ?? 0) on \(second.interface?.value ?? "one interface")",
                        effect: "keepalived refuses to run",
                        fix: "give \(second.name) a router id of its own",
                        also: [first.virtualRouterID?.location ?? first.location]))
            }
        }
        return findings
    }

    private func clash(_ first: Instance, _ second: Instance) -> Bool {
        guard let id = first.virtualRouterID?.value, id == second.virtualRouterID?.value,
            first.family == second.family, first.isUnicast == second.isUnicast,
            first.interface?.value == second.interface?.value
        else { return false }
        if first.isUnicast {
            guard first.sourceAddress?.value == second.sourceAddress?.value else { return false }
            let peers = Set(first.unicastPeers.map(\.address))
            return second.unicastPeers.contains { peers.contains($0.address) }
        }
        return first.multicastGroup?.value == second.multicastGroup?.value
    }
}

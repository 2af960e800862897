internal import Remote

/// What doctor says of a fleet in which it finds nothing: "no problems: 2 nodes, 1 VIP; lb1 owns 203.0.113.50".
package struct DoctorSummary: Hashable, Sendable, CustomStringConvertible {
    private var clusters: [String] = []
    private var nodes: Set<String> = []
    private var addresses = 0
    /// The owners of one cluster's addresses, in words; of several clusters `who` lists them.
    private var owners: [String] = []
    /// Clusters of whose addresses nothing is known.
    private var unknown: [String] = []

    package init(_ observations: [ClusterObservation]) {
        for observation in observations {
            clusters.append(observation.cluster)
            nodes.formUnion(observation.nodes.map(\.name))
            addresses += observation.after.count
            if observation.after.isEmpty {
                unknown.append(
                    "\(observation.cluster): no virtual address is known on \(joined(observation.nodes.map(\.name)))"
                )
            }
            owners += Self.owners(of: observation.after)
        }
    }

    private static func owners(of addresses: [VIPOwnership]) -> [String] {
        let owned = Dictionary(grouping: addresses.filter { $0.trueOwner != nil }) {
            $0.trueOwner?.name ?? ""
        }
        let ownerless = addresses.filter { $0.trueOwner == nil }.map { "\($0.vip): \($0.reason)" }
        return owned.keys.sorted().map { name in
            let vips = owned[name, default: []].map { "\($0.vip)" }
            return "\(name) owns \(vips.count > 4 ? "\(vips.count) of them" : joined(vips))"
        } + ownerless
    }

    package var description: String {
        func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
        let counts = [count(nodes.count, "node"), count(addresses, "VIP")]
        let isOne = clusters.count == 1
        let scope = (isOne ? counts : [count(clusters.count, "cluster")] + counts).joined(separator: ", ")
        let whose = isOne && !owners.isEmpty ? "; " + owners.joined(separator: ", ") : ""
        return (["no problems: \(scope)\(whose)"] + unknown).joined(separator: "\n")
    }
}

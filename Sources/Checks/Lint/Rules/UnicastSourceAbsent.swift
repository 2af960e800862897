import Addresses
import Keepalived

/// The source address of unicast adverts is not on the node.
///
/// - Condition: No interface has `unicast_src_ip`.
/// - Why: keepalived logs `bind unicast_src … failed` and sends no adverts, so every node becomes MASTER; with
///   `track_src_ip` the instance is in FAULT.
/// - Remedy: Use an address of the node.
struct UnicastSourceAbsent: NodeRule {
    static let id = "unicast-src-absent"

    func check(_ node: LintNode) -> [Finding] {
        guard let interfaces = node.facts?.interfaces else { return [] }
        let own = interfaces.flatMap(\.addresses).map(\.address)
        return node.instances.compactMap { instance in
            guard instance.isUnicast, let source = instance.sourceAddress, !own.contains(source.value) else {
                return nil
            }
            return node.finding(
                Self.id, .error, at: source.location ?? instance.location,
                "\(instance.name): the node does not have the address \(source.value)",
                effect: instance.tracksSourceAddress
                    ? "the instance stays in FAULT" : "its adverts are not sent, and peers become MASTER too",
                fix: "use an address of the node",
                evidence: interfaces.flatMap { interface in
                    interface.addresses.map { Evidence(.kernel, "\(interface.name): \($0)") }
                })
        }
    }
}

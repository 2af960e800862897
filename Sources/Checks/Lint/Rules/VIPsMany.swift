import Keepalived

/// More addresses than an advert can carry.
///
/// - Condition: More than 255 addresses; more than 20 on keepalived 1.2.13 and before.
/// - Why: keepalived treats the rest as excluded addresses (1.2.13 drops them), so nodes of different releases
///   advertise different addresses.
/// - Remedy: Move the rest to `virtual_ipaddress_excluded`.
struct VIPsMany: NodeRule {
    static let id = "vips-many"

    func check(_ node: LintNode) -> [Finding] {
        let limit = node.version < KeepalivedVersion(1, 2, 14) ? 20 : 255
        return node.instances.filter { $0.addresses.count > limit }.map { instance in
            node.finding(
                Self.id, .info, at: instance.addresses[limit].location,
                "\(instance.name) lists \(instance.addresses.count) addresses, and an advert takes \(limit)",
                effect: limit == 20
                    ? "keepalived \(node.version) drops the rest" : "the rest are not advertised",
                fix: "list all but one in `virtual_ipaddress_excluded`")
        }
    }
}

import Keepalived

/// The configuration names an interface that the node does not have.
///
/// - Condition: `interface`, a `dev` or a `track_interface` names an interface that does not exist, without
///   `dynamic_interfaces`; or an alias such as `eth0:1`, which is the label of an address and never an interface.
/// - Why: keepalived ends (`Non-existent interface specified in configuration`), at start and at reload.
/// - Remedy: Correct the name; `label eth0:1` behind a virtual address makes an alias.
struct InterfaceMissing: NodeRule {
    static let id = "iface-missing"

    func check(_ node: LintNode) -> [Finding] {
        let nameless = node.problems(["interface"], [.required]).map { problem in
            node.finding(
                Self.id, .error, at: problem.location, "\(problem.owner) has no `interface`",
                effect: "keepalived ends: Unknown interface!", fix: "add `interface NAME`")
        }
        let aliases = uses(in: node).filter { $0.name.contains(":") }
        let wrong =
            nameless
            + aliases.map { use in
                let interface = String(use.name.prefix { $0 != ":" })
                return node.finding(
                    Self.id, .error, at: use.location,
                    "\(use.owner): `\(use.name)` is an alias, not an interface",
                    effect: node.configuration.global.dynamicInterfaces.value
                        ? "the instance waits for an interface that never comes"
                        : "keepalived ends: Non-existent interface specified in configuration",
                    fix: "write `\(interface)`; an address gets the alias by `label \(use.name)`")
            }
        guard let interfaces = node.facts?.interfaces, !node.configuration.global.dynamicInterfaces.value
        else {
            return wrong
        }
        let names = Set(interfaces.map(\.name))
        let created = Set(
            node.instances.compactMap { $0.vmac?.value.interface }
                + node.instances.map { "vrrp.\($0.virtualRouterID?.value ?? 0)" })
        return wrong
            + uses(in: node).filter {
                !names.contains($0.name) && !created.contains($0.name) && !$0.name.contains(":")
            }.map { use in
                node.finding(
                    Self.id, .error, at: use.location,
                    "\(use.owner): there is no interface `\(use.name)` on the node",
                    effect: "keepalived ends: Non-existent interface specified in configuration",
                    fix: "use one of \(names.filter { $0 != "lo" }.sorted().joined(separator: ", "))")
            }
    }

    private func uses(in node: LintNode) -> [(owner: String, name: String, location: ConfigurationLocation)] {
        node.instances.flatMap { instance in
            var uses: [(String, String, ConfigurationLocation)] = []
            if let interface = instance.interface {
                uses.append((instance.name, interface.value, interface.location ?? instance.location))
            }
            for address in instance.allAddresses {
                if let device = address.device { uses.append((instance.name, device, address.location)) }
            }
            return uses + instance.trackInterfaces.map { (instance.name, $0.name, $0.location) }
        }
    }
}

import Addresses
import Keepalived

/// A duplicate address.
///
/// - Condition: The same address is in two instances, or twice in one, as virtual and as excluded address.
/// - Why: When one of the two changes state, keepalived removes the address that the other still needs. Instances of one
///   sync group change state together: there it is only a remark.
/// - Remedy: Remove one of them.
struct VIPDuplicate: NodeRule {
    static let id = "vip-dup-instances"

    func check(_ node: LintNode) -> [Finding] {
        var seen: [IPAddress: (owner: String, location: ConfigurationLocation)] = [:]
        let groups = Dictionary(
            node.configuration.syncGroups.flatMap { group in group.members.map { ($0.text, group.name) } }
        ) { first, _ in first }
        var findings: [Finding] = []
        for instance in node.instances {
            for address in instance.allAddresses {
                if let first = seen[address.address] {
                    let movesAlong =
                        first.owner != instance.name && groups[first.owner] != nil
                        && groups[first.owner] == groups[instance.name]
                    findings.append(
                        node.finding(
                            Self.id, movesAlong ? .info : first.owner == instance.name ? .warning : .error,
                            at: address.location,
                            "\(address.address) is in \(first.owner) and again in \(instance.name)",
                            effect: first.owner == instance.name
                                ? "the node can hold it only once"
                                : movesAlong
                                    ? "both instances are in one sync group and move together, so once would do"
                                    : "a change of state of one of them removes the address that the other needs",
                            fix: "remove one of the two", also: [first.location]))
                } else {
                    seen[address.address] = (instance.name, address.location)
                }
            }
        }
        return findings
    }
}

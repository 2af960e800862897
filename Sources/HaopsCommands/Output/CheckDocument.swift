import Addresses
import Inventory
import Remote

/// What `check` says of an inventory.
struct CheckDocument: OutputDocument, Codable {
    struct ClusterEntry: Codable, Sendable {
        var cluster: String
        var nodes: [String]
        /// The same as ``addresses``, without their instances.
        var vips: [String]
        var addresses: [Address]
    }

    struct Address: Codable, Sendable {
        var vip: String
        var instance: String
        /// The node that has it while all are well.
        var preferred: String
    }

    struct Problem: Codable, Sendable {
        @Word<Diagnostic.Severity> var severity: String
        var file: String
        var line: Int
        var column: Int
        var message: String
        var hint: String?

        init(_ diagnostic: Diagnostic) {
            severity = diagnostic.severity.rawValue
            file = diagnostic.location.file
            line = diagnostic.location.line
            column = diagnostic.location.column
            message = diagnostic.message
            hint = diagnostic.remedy
        }
    }

    var valid: Bool
    var clusters: [ClusterEntry] = []
    var problems: [Problem]

    init(_ fleet: Fleet) {
        valid = true
        clusters = fleet.clusters.map { cluster in
            let addresses = cluster.virtualAddresses.map { instance, vip in
                Address(
                    vip: vip.cidr.description, instance: instance.name, preferred: instance.preferred.name)
            }
            return ClusterEntry(
                cluster: cluster.name, nodes: cluster.nodes.map(\.id.name), vips: addresses.map(\.vip),
                addresses: addresses)
        }
        problems = fleet.warnings.map(Problem.init)
    }

    init(_ error: InventoryError) {
        valid = false
        problems = error.diagnostics.map(Problem.init)
    }

    var table: Table {
        guard valid else { return Table(columns: []) }
        return Table(
            columns: ["cluster", "nodes", "virtual ip", "instance", "preferred"],
            rows: clusters.flatMap { entry in
                entry.addresses.map {
                    [entry.cluster, NodeRange.folded(entry.nodes), $0.vip, $0.instance, $0.preferred]
                        .map { Table.Cell($0) }
                }
            })
    }
}

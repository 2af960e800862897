import Addresses
import ArgumentParser
import Inventory
import Remote

struct Check: HaopsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validate the inventory: every mistake at once, each with its place.",
        discussion: "Exit: 0 it is valid, 64 it is not.")

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { try fleetOptions.requireInventory() }

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet: Fleet
        do {
            fleet = try fleetOptions.selected(console).fleet
        } catch let error as InventoryError {
            if [.json, .yaml].contains(output.output) {
                Report(
                    command: "check",
                    members: [
                        ("valid", false), ("clusters", []),
                        ("problems", .array(error.diagnostics.map(Self.document))),
                    ], text: "", tsv: Table(columns: [], rows: [])
                ).print(output.output, on: console)
            }
            throw error
        }
        let table = Table(
            columns: ["cluster", "nodes", "virtual ip", "instance", "preferred"],
            rows: fleet.clusters.flatMap { cluster in
                cluster.virtualAddresses.map { instance, vip in
                    [
                        Table.Cell(cluster.name), Table.Cell(NodeRange.folded(cluster.nodes.map(\.id))),
                        Table.Cell(vip.cidr.description), Table.Cell(instance.name),
                        Table.Cell(instance.preferred.name),
                    ]
                }
            })
        let clusters: [OutputValue] = fleet.clusters.map { cluster in
            [
                "cluster": .text(cluster.name), "nodes": OutputValue(cluster.nodes.map(\.id.name)),
                "vips": OutputValue(cluster.virtualAddresses.map(\.vip.cidr.description)),
            ]
        }
        let count = fleet.clusters.reduce(0) { $0 + $1.nodes.count }
        Report(
            command: "check",
            members: [
                ("valid", true), ("clusters", .array(clusters)),
                ("problems", .array(fleet.warnings.map(Self.document))),
            ],
            text: table.text(console.out)
                + "\n\(console.out(.good, "valid")): \(fleet.clusters.count) cluster\(fleet.clusters.count == 1 ? "" : "s"), \(count) nodes\n",
            tsv: table
        ).print(output.output, on: console)
        return .done
    }

    private static func document(_ diagnostic: Diagnostic) -> OutputValue {
        [
            "severity": .text(diagnostic.severity.rawValue), "file": .text(diagnostic.location.file),
            "line": .int(diagnostic.location.line), "column": .int(diagnostic.location.column),
            "message": .text(diagnostic.message), "hint": OutputValue(diagnostic.remedy),
        ]
    }
}

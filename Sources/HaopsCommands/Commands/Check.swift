import ArgumentParser
import Inventory

struct Check: HaopsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validate the inventory: every mistake at once, each with its place.",
        usage: "haops check <options>",
        discussion: "Exit: 0 it is valid, 64 it is not.")

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { try fleetOptions.requireInventory() }

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet: Fleet
        do {
            fleet = try fleetOptions.selected(console).fleet
        } catch let error as InventoryError {
            if output.output.isDocument {
                Report(command: "check", CheckDocument(error), text: "").print(output.output, on: console)
            }
            throw error
        }
        let document = CheckDocument(fleet)
        let count = fleet.clusters.reduce(0) { $0 + $1.nodes.count }
        Report(
            command: "check", document,
            text: document.table.text(console.out)
                + "\n\(console.out(.good, "valid")): \(fleet.clusters.count) cluster\(fleet.clusters.count == 1 ? "" : "s"), \(count) node\(count == 1 ? "" : "s")\n"
        ).print(output.output, on: console)
        return .done
    }
}

import ArgumentParser
import Inventory
import Remote

/// Which machines: an inventory with a selection, or the nodes of `--nodes`.
struct FleetOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The inventory; else $HAOPS_INVENTORY, else ./haops.yaml.", valueName: "file"),
        completion: .file())
    var inventory: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Only this cluster, or those of `web[01-20]` or a glob; may be given several times.",
            valueName: "name"),
        completion: .custom { _, _, _ in InventoryCompletion.clusters() })
    var cluster: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Only these nodes: `lb[01-20]`, globs, `!not`.", valueName: "nodes"),
        completion: .custom { _, _, _ in InventoryCompletion.nodes() })
    var limit: String?

    @Option(help: ArgumentHelp("No inventory: `root@198.51.100.11,198.51.100.12:2222`.", valueName: "node,…"))
    var nodes: String?

    func validate() throws {
        if nodes != nil, inventory != nil {
            throw ValidationError("--nodes and --inventory exclude each other")
        }
    }

    /// Refuses `--nodes`, for verbs that make nodes match an inventory: `--nodes` only names machines.
    func requireInventory() throws {
        if nodes != nil {
            throw ValidationError("--nodes has no inventory to go by: name one with --inventory")
        }
    }

    /// The inventory where nothing names another one.
    static let usualInventory = "haops.yaml"

    /// The inventory's path: `--inventory`, else `$HAOPS_INVENTORY`, else the configuration file's, else `haops.yaml`.
    var inventoryPath: String { inventory ?? Settings.inventory ?? Self.usualInventory }

    /// The same selection as when a plan was recorded; `--inventory` names the inventory where it is now.
    func selecting(by plan: PlanFile) -> FleetOptions {
        var options = self
        options.inventory = inventory ?? plan.inventory
        options.cluster = plan.clusters
        options.limit = plan.limit
        return options
    }

    /// The selected nodes and their fleet.
    struct Selected: Sendable {
        /// The clusters that have a selected node, with all of their nodes: a verdict on a virtual address needs
        /// every node of its cluster.
        var fleet: Fleet
        /// The selected nodes alone.
        var nodes: [Node]
    }

    /// Reads the inventory, or `--nodes`, and selects from it.
    ///
    /// - Throws: ``Failure`` and `InventoryError`, both of exit code 64.
    /// - `observers`: whether `--limit` may name observers, too.
    func selected(_ console: Console, observers: Bool = false) throws -> Selected {
        do {
            var fleet = try nodes.map { try Fleet.adHoc(nodes: [$0]) } ?? readInventory(console)
            let chosen = try Selection(clusters: cluster, limits: limit.map { [$0] } ?? [])
                .nodes(of: fleet, observers: observers)
            let names = Set(chosen.map(\.id))
            fleet.clusters.removeAll { cluster in
                !(cluster.nodes.map(\.id) + cluster.observers.map(\.id)).contains { names.contains($0) }
            }
            return Selected(fleet: fleet, nodes: chosen)
        } catch let error as AdHocError {
            throw Failure(.usage, error.description, hint: error.hint)
        } catch let error as SelectionError {
            throw Failure(.usage, error.description, hint: error.hint)
        }
    }

    private func readInventory(_ console: Console) throws -> Fleet {
        let fleet = try readFleet(at: inventoryPath)
        console.report(fleet.warnings, from: fleet.text)
        return fleet
    }
}

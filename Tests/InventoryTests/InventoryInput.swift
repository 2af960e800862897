import Inventory
import Remote

/// Any bytes as an inventory: for the fuzzer (fuzz/FuzzInventory.swift) and for tests.
enum InventoryInput {
    /// Either a fleet, or at least one error; what is said of it steers no terminal.
    static func read(_ bytes: [UInt8]) {
        let said: String
        do {
            let fleet = try readFleet(yaml: bytes, file: "haops.yaml", directory: "/nonexistent")
            said = fleet.warnings.flatMap { $0.rendered(from: fleet.text) }.map(\.plain).joined(
                separator: "\n")
            for cluster in fleet.clusters {
                precondition(
                    isPlainWord(cluster.name) && cluster.nodes.allSatisfy { isPlainWord($0.id.name) })
                for node in cluster.nodes {
                    for file in cluster.files(on: node) { precondition(mayShip(to: file.path), file.path) }
                }
            }
        } catch {
            precondition(error.diagnostics.contains { $0.severity == .error })
            said = error.description
        }
        precondition(
            !said.unicodeScalars.contains {
                $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
            }, said)
    }
}

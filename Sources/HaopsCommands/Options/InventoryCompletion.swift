import Addresses
import Checks
import Inventory
import Remote

/// Shell completion with the names in the inventory that would be used.
enum InventoryCompletion {
    static func clusters() -> [String] { fleet?.clusters.map(\.name) ?? [] }

    static func nodes() -> [String] { fleet?.clusters.flatMap { $0.nodes.map(\.id.name) } ?? [] }

    static func virtualAddresses() -> [String] {
        fleet?.clusters.flatMap { $0.virtualAddresses.map(\.vip.cidr.address.description) } ?? []
    }

    static func servers() -> [String] {
        (fleet?.clusters ?? []).flatMap { $0.haproxy?.backends ?? [] }.flatMap { backend in
            backend.servers.map { "\(backend.name)/\($0.name)" }
        }.uniqued()
    }

    /// A completion must never complain: an inventory that cannot be read completes nothing.
    private static var fleet: Fleet? {
        let arguments = CommandLine.arguments
        let flagged = arguments.firstIndex { $0 == "-i" || $0 == "--inventory" }
            .flatMap { arguments.indices.contains($0 + 1) ? arguments[$0 + 1] : nil }
        let path = flagged ?? Settings.inventory ?? FleetOptions.usualInventory
        return try? readFleet(at: path)
    }
}

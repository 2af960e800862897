import FoundationEssentials
import Import
import Inventory
import Keepalived
import Remote
import Rendering
import Testing

/// What haops has rendered, it takes over again without a loss.
@Suite struct RoundTripTests {
    static let project = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static let inventories: [String] = {
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: project + "/inventories/examples")) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted().map { "inventories/examples/\($0)" }
            + ["inventories/lab.yaml"]
    }()

    @Test(arguments: inventories)
    func `every cluster of a shipped inventory, rendered, is imported with the same meaning`(_ path: String)
        throws
    {
        let fleet = try readFleet(at: Self.project + "/" + path)
        #expect(!fleet.clusters.isEmpty)
        for cluster in fleet.clusters {
            let sets = try render(cluster) { _ in Secret("s3cr-t") }
            var surveyed = Surveyed()
            for set in sets {
                let files = set.files.map { ($0.path, String(decoding: $0.contents, as: UTF8.self)) }
                surveyed.add(
                    set.node.id.name,
                    address: "\(set.node.vrrpAddress.map { "\($0)" } ?? set.node.target.host)",
                    Dictionary(files) { first, _ in first },
                    modes: Dictionary(set.files.map { ($0.path, $0.mode) }) { first, _ in first })
            }
            let imported = surveyed.imported
            #expect(imported.refusals.map(\.description) == [], "\(cluster.name):\n\(imported.inventory)")
            #expect(!imported.inventory.contains("s3cr-t"))
            // Of haops' own there is nothing to be added: it is all there.
            #expect(imported.additions.map(\.description) == [])
            let again = try imported.rendered()
            for (set, text) in zip(sets, again) {
                let before = try #require(set.files.first { $0.path == conf })
                #expect(
                    difference(
                        from: read(String(decoding: before.contents, as: UTF8.self), set.node.id.name),
                        to: read(text, set.node.id.name)
                    ).map(\.description) == [])
            }
        }
    }

    private func read(_ text: String, _ id: String) -> Configuration {
        ConfigurationReader(path: conf, bytes: Array(text.utf8), configID: id).read(path: conf)
    }
}

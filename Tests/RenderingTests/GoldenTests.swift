import FoundationEssentials
import Inventory
import Remote
import Rendering
import Testing

/// Whole files, as a node gets them. `HAOPS_REWRITE_GOLDEN=1 swift test --filter GoldenTests` writes them anew:
/// commit only differences that you understand.
@Suite struct GoldenTests {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden")
    static let rewrites = ProcessInfo.processInfo.environment["HAOPS_REWRITE_GOLDEN"] != nil

    @Test(arguments: Topology.all)
    func `every file is what it was`(topology: Topology) throws {
        try compare(topology.rendered(), with: topology.name)
    }

    @Test func `on Red Hat's kin, keepalived's options and haproxy's socket have their own places`() throws {
        let families = Dictionary(
            uniqueKeysWithValues: Topology.lab.cluster.nodes.map { ($0.id, NodeFamily.redhat) })
        try compare(Topology.lab.rendered(families: families), with: "lab-redhat")
    }

    private func compare(_ nodes: [RenderedNode], with name: String) throws {
        let directory = Self.directory.appendingPathComponent(name)
        if Self.rewrites {
            try? FileManager.default.removeItem(at: directory)
            for node in nodes {
                for file in node.files {
                    let target = directory.appendingPathComponent(node.node.id.name + file.path)
                    try FileManager.default.createDirectory(
                        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try Data(file.contents).write(to: target)
                }
            }
        }
        var expected: Set<String> = []
        for node in nodes {
            for file in node.files {
                let path = node.node.id.name + file.path
                expected.insert(path)
                let golden = try [UInt8](Data(contentsOf: directory.appendingPathComponent(path)))
                #expect(
                    String(decoding: file.contents, as: UTF8.self) == String(decoding: golden, as: UTF8.self)
                        && file.contents == golden, "\(name)/\(path)")
            }
        }
        let present = try FileManager.default.subpathsOfDirectory(atPath: directory.path).filter { path in
            var isDirectory = false
            return FileManager.default.fileExists(
                atPath: directory.appendingPathComponent(path).path, isDirectory: &isDirectory)
                && !isDirectory
        }
        #expect(Set(present) == expected)
    }
}

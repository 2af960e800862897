import Addresses
import FoundationEssentials
import Keepalived
import Testing

@testable import Checks

/// Configurations as published guides print them, with mistakes that their authors did not see.
@Suite struct DocumentsTests {
    private func node(
        _ name: String, _ file: String, version: KeepalivedVersion = .assumed, facts: NodeFacts? = nil
    ) throws -> LintNode {
        let bytes = try Data(contentsOf: URL(filePath: "\(Corpus.folder)/documents/\(file)"))
        return LintNode(
            name: name, path: file, files: FileSet([file: ConfigurationFile(Array(bytes))]), configID: name,
            version: version, facts: facts)
    }

    private func lines(_ nodes: [LintNode]) -> Set<String> {
        Set(
            Linter().run(nodes).findings.filter { !Corpus.advice.contains($0.id) }
                .map { "\($0.id) \($0.file ?? ""):\($0.line ?? 0)" })
    }

    @Test func `the lab: a state that does not exist, a truncated password, another interface`() throws {
        var facts = NodeFacts()
        facts.interfaces = [
            NodeFacts.Interface(name: "ens33", addresses: [try #require(CIDR("192.168.6.132/24"))])
        ]
        let found = lines([
            try node("server1", "failover-server1.conf", facts: facts),
            try node("server2", "failover-server2.conf", facts: facts),
        ])
        #expect(
            found.isSuperset(of: [
                "auth-long failover-server1.conf:11", "auth-long failover-server2.conf:11",
                "state-invalid failover-server2.conf:5", "iface-missing failover-server1.conf:7",
                "iface-missing failover-server1.conf:14", "iface-missing failover-server2.conf:7",
                "track-own-if failover-server1.conf:20",
            ]))
        // On the interface that the node has, the address belongs to another network.
        var renamed = facts
        renamed.interfaces?[0].name = "enp0s8"
        #expect(
            lines([try node("server1", "failover-server1.conf", facts: renamed)])
                .contains("vip-off-subnet failover-server1.conf:14"))
    }

    @Test func `the interface article: equal priorities on both hosts`() throws {
        #expect(
            lines([try node("a", "interface-a.conf"), try node("b", "interface-b.conf")]) == [
                "x-prio-equal interface-a.conf:5"
            ])
    }

    @Test func `the API server: a check that can never move the owner, and a search that matches too much`()
        throws
    {
        let script = String(
            decoding: try Data(contentsOf: URL(filePath: "\(Corpus.folder)/documents/apiserver-check.sh")),
            as: UTF8.self)
        var facts = NodeFacts()
        let path = "/etc/keepalived/check_apiserver.sh"
        facts.paths = [path: NodeFacts.Path(path: path, mode: 0o744, contents: script)]
        let found = lines([
            try node("lb1", "apiserver-1.conf", facts: facts),
            try node("lb2", "apiserver-2.conf", facts: facts),
        ])
        #expect(
            found == [
                "prio-255-weights apiserver-1.conf:27", "vip-grep-unanchored apiserver-1.conf:7",
                "vip-grep-unanchored apiserver-2.conf:7",
            ])
    }

    @Test func `the wiki: a trailing comma, a relative script, no advertised address`() throws {
        for version in [KeepalivedVersion(1, 2, 13), .assumed] {
            let found = lines([try node("lb1", "wiki.conf", version: version)])
            #expect(
                found.isSuperset(of: [
                    "vrid-syntax wiki.conf:13", "script-missing wiki.conf:6", "vip-none wiki.conf:11",
                ]))
            #expect(
                found.contains("syntax-unknown-keyword wiki.conf:2")
                    == (version < KeepalivedVersion(1, 2, 20)))
        }
    }
}

/// Configurations without a mistake give no error.
@Suite struct HealthyTests {
    /// The clusters that haops itself renders in its own tests.
    private static let golden = Corpus.folder + "/../RenderingTests/Golden"

    private static func directories(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    @Test func `rendered clusters of many kinds`() throws {
        let clusters = Self.directories(in: Self.golden)
        #expect(clusters.count >= 10)
        for cluster in clusters {
            let nodes = try Self.directories(in: "\(Self.golden)/\(cluster)").compactMap {
                name -> LintNode? in
                let path = "\(Self.golden)/\(cluster)/\(name)/etc/keepalived/keepalived.conf"
                guard FileManager.default.fileExists(atPath: path) else { return nil }
                let bytes = Array(try Data(contentsOf: URL(filePath: path)))
                return LintNode(
                    name: name, path: "keepalived.conf",
                    files: FileSet(["keepalived.conf": ConfigurationFile(bytes)]),
                    configID: name)
            }
            let errors = Linter().run(nodes).findings.filter { $0.severity == .error }
            #expect(errors.isEmpty, "\(cluster): \(errors.map { "\($0.id) \($0.message)" })")
        }
    }

    private static let samples = Corpus.root + "/usr/share/doc/keepalived/samples"

    @Test(
        .enabled(
            if: !HealthyTests.directories(in: HealthyTests.samples).isEmpty || Corpus.mustBeThere,
            "needs keepalived's package"))
    func `the samples of the keepalived package`() throws {
        let names = Self.directories(in: Self.samples).filter { $0.hasPrefix("keepalived.conf") }
        #expect(!names.isEmpty)
        for name in names {
            let bytes = Array(try Data(contentsOf: URL(filePath: "\(Self.samples)/\(name)")))
            let node = LintNode(
                name: "lb1", path: name, files: FileSet([name: ConfigurationFile(bytes)]), configID: "low")
            let errors = Linter().run([node]).findings.filter { $0.severity == .error }
            #expect(errors.isEmpty, "\(name): \(errors.map { "\($0.line ?? 0) \($0.id) \($0.message)" })")
        }
    }
}

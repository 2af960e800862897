import Addresses
import FoundationEssentials
import HaopsTestSupport
import Inventory
import Remote
import Rendering
import Testing

/// From YAML to the daemons: every inventory that haops ships is read, rendered and accepted.
@Suite(.enabled(if: RealDaemons.found != nil, "\(RealDaemons.reason)"))
struct InventoriesTests {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../inventories").standardized.path

    static let files: [String] = ((try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? [])
        .filter { $0.hasSuffix(".yaml") }.sorted()

    @Test func `there are inventories to try`() {
        #expect(Self.files.contains("example.yaml") && Self.files.contains("lab.yaml"))
    }

    @Test(arguments: files)
    func `what an inventory says is accepted by both daemons, without a word`(file: String) async throws {
        let daemons = try #require(RealDaemons.found)
        let path = "\(Self.directory)/\(file)"
        let fleet = try readFleet(
            yaml: Array(Data(contentsOf: URL(fileURLWithPath: path))), file: file, directory: Self.directory)
        for cluster in fleet.clusters {
            for node in try render(cluster, secret: { _ in Secret("s#cret!1") }) {
                let verdict = try await daemons.run(
                    """
                    for f in /etc/keepalived/keepalived.conf; do [ ! -e $f ] || keepalived -t || echo "status $?"; done
                    [ ! -e /etc/haproxy/ours ] || haproxy -c -q -dW -f /etc/haproxy/haproxy.cfg || echo "status $?"
                    """,
                    files: standIns(cluster)
                        + node.files.map {
                            RealDaemons.File(path: $0.path, contents: $0.contents, mode: $0.mode)
                        },
                    interfaces: cards(of: node.node, in: cluster))
                #expect(verdict.said == "", "\(file), \(cluster.name), \(node.node.id)")
            }
        }
    }

    /// The operator's own check scripts, and a mark that haproxy.cfg is not the distribution's.
    private func standIns(_ cluster: Cluster) -> [RealDaemons.File] {
        let scripts = (cluster.keepalived?.scripts ?? []).compactMap { $0.run.split(separator: " ").first }
            .filter { $0.hasPrefix("/etc/") || $0.hasPrefix("/usr/local/") }
            .map { RealDaemons.File(path: String($0), contents: Array("#!/bin/sh\n".utf8), mode: 0o755) }
        guard cluster.haproxy != nil else { return scripts }
        return scripts + [RealDaemons.File(path: "/etc/haproxy/ours", contents: [], mode: 0o644)]
    }

    /// Every card that the cluster names, with the node's own address where its adverts leave.
    private func cards(of node: Node, in cluster: Cluster) -> [String: [String]] {
        guard let keepalived = cluster.keepalived else { return [:] }
        var cards: [String: [String]] = [:]
        for instance in keepalived.instances {
            let own = keepalived.interface(of: instance, on: node)
            // Adverts need an address of the family, whichever it is.
            cards[own] = ["198.51.100.200/24", "fe80::200/64"]
            for name in instance.trackInterfaces { cards[name, default: []] += [] }
            for vip in instance.addresses + instance.excluded {
                cards[vip.interface ?? own, default: []] += []
            }
        }
        if let first = keepalived.instances.first, let address = node.vrrpAddress {
            cards[keepalived.interface(of: first, on: node), default: []].append(
                "\(address)/\(address.isIPv6 ? 64 : 24)")
        }
        return cards
    }
}

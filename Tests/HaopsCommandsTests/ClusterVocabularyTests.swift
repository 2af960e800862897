import Addresses
import Inventory
import Remote
import Testing

@testable import HaopsCommands

/// When two clusters' texts are the same but for their own words.
@Suite struct ClusterVocabularyTests {
    private func cluster(_ number: Int) throws -> Cluster {
        let cidr = try #require(CIDR("10.2.\(number).50/24"))
        let nodes = [1, 2].map { place in
            let id = HostID("c\(number)-lb\(place)")
            return Node(id: id, target: SSHTarget(id: id, host: "10.1.\(number).1\(place)"))
        }
        return Cluster(
            name: "c\(number)", nodes: nodes,
            keepalived: KeepalivedSettings(
                interface: "eth0",
                instances: [
                    VRRPInstance(
                        name: "VI_\(number)", routerID: 50 + number,
                        addresses: [VirtualAddress(cidr: cidr)], preferred: nodes[0].id, priorities: [:])
                ]))
    }

    private func isAlike(_ one: String, _ other: String) throws -> Bool {
        let left = ClusterVocabulary(try cluster(1)).pattern(of: one).text
        return left == ClusterVocabulary(try cluster(2)).pattern(of: other).text
    }

    @Test(arguments: [
        ("c1-lb1: reload", "c2-lb1: reload"), ("bind 10.2.1.50:80", "bind 10.2.2.50:80"),
        ("-c1-lb1 10.1.1.11", "-c2-lb1 10.1.2.11"),
        ("    10.2.1.50/24 dev eth1", "    10.2.2.50/24 dev eth1"),
        ("`VI_1` leaves `c1-lb2`.", "`VI_2` leaves `c2-lb2`."),
        ("+    virtual_router_id 51", "+    virtual_router_id 52"),
        ("cluster c1: apply", "cluster c2: apply"), ("for cluster `c1`; local", "for cluster `c2`; local"),
        ("backend web", "backend web"),
    ])
    func `own words in the same places make no difference`(one: String, other: String) throws {
        #expect(try isAlike(one, other))
    }

    @Test(arguments: [
        // Another part, another number, a word inside of another, somebody else's address.
        ("c1-lb1: reload", "c2-lb2: reload"), ("weight 51", "weight 52"), ("10.1.1.110", "10.1.2.110"),
        ("xc1-lb1", "xc2-lb1"), ("10.9.1.11", "10.9.2.11"), ("10.2.1.50/24", "10.2.2.50/25"),
        ("virtual_router_id 61", "virtual_router_id 62"), ("c1-lb1", "c1-lb1"), ("backend c1", "backend c2"),
    ])
    func `everything else does`(one: String, other: String) throws {
        #expect(try !isAlike(one, other))
    }

    @Test func `a group says in which words its members differ`() throws {
        let texts = [
            (try cluster(1), "c1-lb1 binds 10.2.1.50"), (try cluster(2), "c2-lb1 binds 10.2.2.50"),
            (try cluster(3), "c3-lb1 binds nothing"),
        ]
        let groups = AlikeClusters(texts) { ($0.0, $0.1) }.groups
        #expect(groups.map(\.members.count) == [2, 1])
        #expect(groups[0].differing == [.nodeName, .virtualAddress])
    }
}

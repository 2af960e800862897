import Addresses
import Testing

@testable import Checks

/// Which instances of several nodes are one virtual router.
@Suite struct RouterIdentityTests {
    private func identity(
        _ node: String, _ name: String, id: Int? = 51, on interface: String = "eth0", isIPv6: Bool = false,
        _ addresses: String...
    ) -> RouterIdentity {
        RouterIdentity(
            node: node, name: name, routerID: id, interface: interface, isIPv6: isIPv6,
            addresses: Set(addresses.compactMap { IPAddress($0) }))
    }

    private func groups(_ members: RouterIdentity...) -> [[String]] {
        RouterIdentity.grouped(members) { $0 }.map { group in group.map { "\($0.node) \($0.name ?? "-")" } }
    }

    @Test func `an address counts before a router id, and that before a name`() {
        #expect(
            groups(
                identity("lb1", "A", id: 1, "203.0.113.50"), identity("lb1", "B", id: 2, "203.0.113.60"),
                identity("lb2", "B", id: 1, "203.0.113.60"), identity("lb2", "A", id: 2, "203.0.113.50"))
                == [["lb1 A", "lb2 A"], ["lb1 B", "lb2 B"]])
        #expect(
            groups(identity("lb1", "A", id: 1), identity("lb1", "B", id: 2), identity("lb2", "B", id: 1))
                == [["lb1 A", "lb2 B"], ["lb1 B"]])
        #expect(groups(identity("lb1", "A", id: 1), identity("lb2", "A", id: 2)) == [["lb1 A", "lb2 A"]])
    }

    @Test func `instances of two clusters with one name are two routers`() {
        #expect(
            groups(identity("lb1", "A", id: 1, "203.0.113.50"), identity("lb3", "A", id: 2, "203.0.113.90"))
                .count
                == 2)
        // What one of them does not say is no difference.
        #expect(groups(identity("lb1", "A", id: 1, "203.0.113.50"), identity("lb2", "A", id: 2)).count == 1)
    }

    @Test func `a router id of one interface counts before that of another`() {
        #expect(
            groups(
                identity("lb1", "A", on: "eth0"), identity("lb1", "B", on: "eth1"),
                identity("lb2", "C", on: "eth1")) == [["lb1 A"], ["lb1 B", "lb2 C"]])
        #expect(
            groups(identity("lb1", "A", on: "eth0"), identity("lb2", "C", on: "ens3")) == [
                ["lb1 A", "lb2 C"]
            ])
        #expect(groups(identity("lb1", "A"), identity("lb2", "C", isIPv6: true)).count == 2)
    }

    @Test func `a node has one share in a router`() {
        #expect(
            groups(identity("lb1", "A", "203.0.113.50"), identity("lb1", "B", "203.0.113.50")).count == 2)
    }

    @Test(arguments: [(0, 2, false), (2, 1, false), (1, 2, false), (2, 2, true), (3, 2, true)])
    func `a split-brain has two holders and two claimants`(holders: Int, claimants: Int, expected: Bool) {
        #expect(VIPOwnership.isSplitBrain(holders: holders, claimants: claimants) == expected)
    }
}

import Addresses
import Remote
import Testing

@testable import Inventory

@Suite struct NetworkRulesTests {
    private func report(_ inventory: String, _ facts: [String: [String: [String]]]) throws -> String {
        let fleet = try readFleet(yaml: Array(inventory.utf8), file: "haops.yaml", directory: "")
        let networks = Dictionary(
            uniqueKeysWithValues: facts.map { node, interfaces in
                (HostID(node), interfaces.mapValues { $0.compactMap { CIDR($0) } })
            })
        return problems(in: fleet, interfaceNetworks: networks)
            .flatMap { $0.rendered(from: fleet.text) }.map(\.plain).joined(separator: "\n")
    }

    @Test func `addresses within the networks of their interfaces are accepted`() throws {
        let lab = try LocalFile(path: "\(inventories)/lab.yaml", limit: 1 << 20)
        let facts = { (host: Int) in
            ["lo": ["127.0.0.1/8"], "eth0": ["198.51.100.\(host)/24"], "eth1": ["203.0.113.\(host)/24"]]
        }
        #expect(
            try report(String(decoding: lab.bytes, as: UTF8.self), ["lb1": facts(11), "lb2": facts(12)]) == ""
        )
    }

    /// The sound inventory with a second cluster beside the first.
    private static func neighbours(_ id: Int, _ vip: String, _ node: String = "198.51.100.2") -> String {
        soundInventory + """
              mail:
                nodes:
                  m1: { address: \(node)1, priority: 150 }
                  m2: { address: \(node)2, priority: 100 }
                keepalived:
                  interface: eth0
                  auth_pass: { secret: vrrp }
                  instances: { VI_M: { router_id: \(id), addresses: [\(vip)] } }

            """
    }

    @Test func `two clusters with one router id on one segment are refused`() throws {
        let said = reportOf(Self.neighbours(51, "203.0.113.60/24"))
        #expect(
            said.contains(
                "error: `VI_M` has the router id 51, which `VI_1` of cluster `web` has on the same network segment"
            ))
        #expect(reportOf(Self.neighbours(52, "203.0.113.60/24")) == "")
        // Another network, or another family.
        #expect(reportOf(Self.neighbours(51, "192.0.2.60/24")) == "")
        #expect(!reportOf(Self.neighbours(51, "2001:db8::60/64")).contains("router id"))
    }

    /// As in the lab: adverts on eth0, addresses on eth1.
    @Test(arguments: [("198.51.100.2", true), ("192.0.2.2", false)])
    func `addresses on another interface say so with the machines' own`(node: String, isRefused: Bool) throws
    {
        let inventory = Self.neighbours(51, "{ vip: 203.0.113.60/24, interface: eth1 }", node)
            .replacing("[203.0.113.50/24]", with: "[{ vip: 203.0.113.50/24, interface: eth1 }]")
        #expect(reportOf(inventory).contains("same network segment") == isRefused)
    }

    @Test func `what the interfaces are connected to decides where an inventory does not say`() throws {
        let inventory = Self.neighbours(51, "192.0.2.60/24")
        func networks(_ other: String) -> [String: [String: [String]]] {
            [
                "lb1": ["eth0": ["198.51.100.11/24", "203.0.113.11/24"]],
                "m1": ["eth0": ["192.0.2.21/24", other]],
            ]
        }
        let said = try report(inventory, networks("198.51.100.21/24"))
        #expect(said.contains("same network segment: `eth0` of `m1` is in 198.51.100.0/24"))
        #expect(try report(inventory, networks("10.0.0.21/24")) == "")
    }

    @Test func `an address outside the networks of its interface is refused on the nodes where it is`() throws
    {
        #expect(
            try report(
                soundInventory,
                ["lb1": ["eth0": ["198.51.100.11/24"]], "lb2": ["eth0": ["198.51.100.12/24", "fe80::1/64"]]])
                    == """
                    haops.yaml:16:23: error: `lb[1-2]`: 203.0.113.50 is outside the networks of `eth0`, which has 198.51.100.0/24
                       16 |           addresses: [203.0.113.50/24]
                          |                       ^^^^^^^^^^^^^^^
                    hint: choose an address of that network, or the interface that has the address's own; `outside: true` beside the `vip` says that it is meant
                    """)
    }

    @Test func `that a node holds the address already does not make it fit`() throws {
        let said = try report(soundInventory, ["lb1": ["eth0": ["198.51.100.11/24", "203.0.113.50/24"]]])
        #expect(
            said.contains("`lb1`: 203.0.113.50 is outside the networks of `eth0`, which has 198.51.100.0/24"))
    }

    @Test func `an interface that a node does not have is refused with what it has`() throws {
        let inventory = soundInventory.replacing(
            "[203.0.113.50/24]",
            with: "[{ vip: 203.0.113.50/24, interface: eth1 }]\n          track_interfaces: [bond7]")
        #expect(
            try report(
                inventory,
                [
                    "lb1": ["lo": [], "eth0": ["203.0.113.11/24"]],
                    "lb2": ["lo": [], "ens1": ["203.0.113.12/24"]],
                ])
                    == """
                    haops.yaml:17:30: error: `lb1`: there is no interface `bond7`
                       17 |           track_interfaces: [bond7]
                          |                              ^^^^^
                    hint: the interfaces are eth0
                    haops.yaml:17:30: error: `lb2`: there is no interface `bond7`
                       17 |           track_interfaces: [bond7]
                          |                              ^^^^^
                    hint: the interfaces are ens1
                    haops.yaml:14:9: error: `lb2`: there is no interface `eth0`
                       14 |         VI_1:
                          |         ^^^^
                    hint: the interfaces are ens1
                    haops.yaml:16:30: error: `lb1`: there is no interface `eth1`
                       16 |           addresses: [{ vip: 203.0.113.50/24, interface: eth1 }]
                          |                              ^^^^^^^^^^^^^^^
                    hint: did you mean `eth0`?
                    haops.yaml:16:30: error: `lb2`: there is no interface `eth1`
                       16 |           addresses: [{ vip: 203.0.113.50/24, interface: eth1 }]
                          |                              ^^^^^^^^^^^^^^^
                    hint: the interfaces are ens1
                    """)
    }

    @Test func `with unicast a node must have the address its adverts come from`() throws {
        let inventory = soundInventory.replacing(
            "interface: eth0", with: "interface: eth0\n      transport: unicast")
        let said = try report(
            inventory,
            ["lb1": ["eth0": ["203.0.113.11/24"]], "lb2": ["eth0": ["203.0.113.12/24", "198.51.100.12/24"]]])
        #expect(
            said.contains(
                "haops.yaml:6:23: error: `lb1` does not have the address 198.51.100.11 that its adverts are to come from"
            ))
        #expect(!said.contains("`lb2`"))
    }

    @Test func `of nodes that did not answer nothing is said`() throws {
        #expect(try report(soundInventory, [:]) == "")
    }

    @Test func `IPv6 addresses are compared with IPv6 networks`() throws {
        let six = try LocalFile(path: "\(inventories)/examples/ipv6.yaml", limit: 1 << 20)
        let said = try report(
            String(decoding: six.bytes, as: UTF8.self),
            ["lb1": ["eth0": ["fe80::11/64", "2001:db8:0:1::11/64", "198.51.100.11/24"], "eth1": []]])
        #expect(
            said.contains(
                "2001:db8::50 is outside the networks of `eth0`, which has 2001:db8:0:1::/64, fe80::/64"))
        #expect(!said.contains("fe80::50 is outside"))
    }
}

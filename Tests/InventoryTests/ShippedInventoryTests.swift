import Addresses
import Remote
import Testing

@testable import Inventory

/// Where the shipped inventories are.
let inventories = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/inventories"

@Suite struct ShippedInventoryTests {
    static let examples = [
        "active-active", "dual-stack", "ipv6", "ipv6-unicast", "many-addresses", "nopreempt",
        "seed-api-server", "seed-server-pair", "seed-vip-card", "shared-checks", "three-nodes", "unicast",
    ]

    @Test(
        arguments: ["lab", "example", "apiserver-pair", "on-master-pair"] + examples.map { "examples/\($0)" })
    func `a shipped inventory reads without a diagnostic`(name: String) throws {
        let fleet = try readFleet(at: "\(inventories)/\(name).yaml")
        #expect(fleet.warnings.flatMap { $0.rendered(from: fleet.text) }.map(\.plain) == [])
        #expect(!fleet.clusters.isEmpty)
    }

    @Test func `the example shows every key that the reader knows`() throws {
        let file = try LocalFile(path: "\(inventories)/example.yaml", limit: 1 << 20)
        var keys: Set<String> = []
        collectKeys(of: try #require(readYAML(file.bytes).root), into: &keys)
        let known = [
            InventoryReader.rootKeys, InventoryReader.defaultsKeys, InventoryReader.clusterKeys,
            InventoryReader.nodeKeys, InventoryReader.observerKeys, InventoryReader.firewallKeys,
            InventoryReader.sshKeys, InventoryReader.secretKeys, InventoryReader.keepalivedKeys,
            InventoryReader.scriptKeys, InventoryReader.instanceKeys, InventoryReader.addressKeys,
            InventoryReader.haproxyKeys, InventoryReader.frontendKeys, InventoryReader.backendKeys,
            InventoryReader.serverKeys, InventoryReader.fileKeys, InventoryReader.notifyKeys,
        ].joined()
        #expect(Set(known).subtracting(keys).sorted() == [])
    }

    @Test func `overrides, ranges and defaults of the example end where they belong`() throws {
        let fleet = try readFleet(at: "\(inventories)/example.yaml")
        #expect(fleet.clusters.map(\.name) == ["web", "intern", "mail"])
        let (web, intern, mail) = (fleet.clusters[0], fleet.clusters[1], fleet.clusters[2])

        #expect(web.nodes[0].target.port == 22)
        #expect(web.nodes[0].target.jumps == ["ops@bastion.example.net:2222"])
        #expect(web.nodes[1].target.port == 2222)
        #expect(web.nodes[1].target.jumps == [])
        #expect(web.nodes[1].target.host == "lb2.example.net")
        #expect(web.nodes[1].vrrpAddress == IPAddress("198.51.100.12"))
        let keepalived = try #require(web.keepalived)
        #expect(keepalived.instances.map(\.preferred.name) == ["lb1", "lb2", "lb2"])
        #expect(
            keepalived.instances.map { [$0.priorities[HostID("lb1")], $0.priorities[HostID("lb2")]] }
                == [[150, 100], [100, 150], [90, 140]])
        #expect(keepalived.interface(of: keepalived.instances[0], on: web.nodes[1]) == "eth2")
        #expect(keepalived.interface(of: keepalived.instances[1], on: web.nodes[1]) == "ens192")
        #expect(keepalived.interface(of: keepalived.instances[1], on: web.nodes[0]) == "eth0")
        let servers = try #require(web.haproxy?.backends.first?.servers)
        #expect(
            servers.map { "\($0.name) \($0.endpoint) \($0.options ?? "")" } == [
                "web1 203.0.113.21:80 ", "web2 203.0.113.22:80 ", "web3 203.0.113.23:80 ",
                "web4 203.0.113.24:80 ", "spare 203.0.113.29:80 backup",
            ])

        #expect(intern.nodes.map(\.id.name) == ["lb03", "lb04", "lb05"])
        #expect(intern.nodes.map(\.target.host) == ["198.51.100.13", "198.51.100.14", "198.51.100.15"])
        #expect(intern.nodes.map(\.target.user) == ["admin", "admin", "admin"])
        #expect(intern.keepalived?.interface == "eth0")
        #expect(intern.sysctl.count == 2)
        #expect(intern.firewall == FirewallSettings(allow: [.vrrp, .icmp]))
        #expect(intern.packages == ["keepalived", "haproxy"])
        #expect(intern.templates == "\(inventories)/templates")

        #expect(mail.keepalived?.interface == "bond0")
        #expect(
            mail.keepalived?.instances[0].priorities == [HostID("mx1"): 150, HostID("mx2"): 140])
        #expect(mail.nodes.map(\.target.user) == ["root", "root"])
        #expect(mail.firewall?.backend == .nftables)
        #expect(mail.firewall?.allow == [.vrrp, .icmp])
        #expect(mail.packages == ["keepalived"])
        #expect(mail.templates == "\(inventories)/templates/mail")
        #expect(
            mail.keepalived?.authPass
                == .reference(name: "mail", source: .command(["pass", "show", "vrrp/mail"])))
    }

    @Test(arguments: [
        ("198.51.100.11", "198.51.100.12"), ("lb1.example.net", "lb2.example.net"),
        ("2001:db8::11", "2001:db8::12"), ("203.0.113.50", "203.0.113.51"),
    ])
    func `what init writes reads back without a diagnostic`(first: String, second: String) throws {
        let text = exampleInventory(first: first, second: second)
        let fleet = try readFleet(yaml: Array(text.utf8), file: "haops.yaml", directory: "")
        #expect(fleet.warnings.map(\.message) == [])
        #expect(fleet.clusters.first?.nodes.map(\.target.host) == [first, second])
    }

    private func collectKeys(of node: YAMLNode, into keys: inout Set<String>) {
        for entry in node.entries ?? [] {
            keys.insert(entry.key)
            collectKeys(of: entry.value, into: &keys)
        }
        if case .sequence(let items) = node.content {
            for item in items { collectKeys(of: item, into: &keys) }
        }
    }
}

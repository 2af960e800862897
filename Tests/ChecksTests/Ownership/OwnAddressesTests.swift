import Addresses
import Facts
import Keepalived
import Remote
import Testing

@testable import Checks

/// Whose an address is, and that what keepalived set is nobody's own.
@Suite struct OwnAddressesTests {
    private func machine(
        _ name: String, has addresses: [String], live: [String]? = nil, writes: [String] = [],
        more: String = "", master: String? = nil
    ) throws -> (name: String, facts: HostFacts) {
        var facts = HostFacts(host: HostID(name))
        let held = try addresses.map { Interface.Held(cidr: try #require(CIDR($0))) }
        facts.set(InterfacesFact.self, to: [Interface(name: "eth0", addresses: held)])
        let text = """
            vrrp_instance VI_1 {
            interface eth0
            virtual_router_id 51
            \(more)
            virtual_ipaddress {
            \(writes.joined(separator: "\n"))
            }
            }
            """
        facts.set(
            ConfigurationFilesFact.self,
            to: ConfigurationEvidence(files: [
                ConfigurationEvidence.usualMainFile: FileState(
                    kind: .regular, contents: Array(text.utf8))
            ]))
        if let live {
            facts.set(
                KeepalivedFact.self,
                to: KeepalivedDaemon(
                    pid: 7, hasChild: true,
                    state: LiveState(instances: [
                        LiveState.Instance(
                            name: "VI_1", role: .backup, addresses: live, masterAddress: master)
                    ]), roleSource: .daemon))
        }
        return (name, facts)
    }

    private func owner(
        _ address: String, of machines: [(name: String, facts: HostFacts)], virtual: Set<String> = []
    ) throws -> String? {
        var own = OwnAddresses()
        own.add(machines, virtual: Set(virtual.compactMap { IPAddress($0) }))
        return own.owner(of: try #require(IPAddress(address)))
    }

    @Test func `an address that no keepalived stands for is its machine's own`() throws {
        let vip = "203.0.113.50/24"
        let pair = [
            try machine("lb1", has: ["198.51.100.11/24", vip], live: [vip], writes: [vip]),
            try machine("lb2", has: ["198.51.100.12/24"], live: [vip], writes: [vip, "198.51.100.11/24"]),
        ]
        #expect(try owner("198.51.100.11", of: pair) == "lb1's own, on eth0")
        #expect(try owner("203.0.113.50", of: pair) == nil)
        #expect(try owner("203.0.113.99", of: pair) == nil, "nobody has it")
    }

    @Test func `what a dead keepalived left behind is not its machine's own`() throws {
        let vip = "203.0.113.50/24"
        #expect(try owner("203.0.113.50", of: [machine("lb1", has: [vip], writes: [vip])]) == nil)
        #expect(
            try owner(
                "203.0.113.50", of: [machine("lb1", has: [vip]), machine("lb2", has: [], live: [vip])])
                == nil)
    }

    @Test func `what an inventory calls virtual is so, whoever has it`() throws {
        let pair = [try machine("lb1", has: ["203.0.113.60/24"], live: [])]
        #expect(try owner("203.0.113.60", of: pair, virtual: ["203.0.113.60"]) == nil)
        #expect(try owner("203.0.113.60", of: pair) != nil)
    }

    @Test func `where adverts come from and go to are machines`() throws {
        let pair = [
            try machine(
                "lb1", has: [], live: [],
                more: "unicast_src_ip 198.51.100.11\nunicast_peer {\n198.51.100.12\n}"),
            try machine("lb2", has: [], live: [], master: "198.51.100.13"),
        ]
        for address in ["198.51.100.11", "198.51.100.12", "198.51.100.13"] {
            #expect(try owner(address, of: pair) != nil, "\(address)")
        }
    }

    @Test func `loopback and link-local addresses are everybody's`() throws {
        let machines = [try machine("lb1", has: ["127.0.0.1/8", "fe80::1/64", "::1/128"], live: [])]
        for address in ["127.0.0.1", "fe80::1", "::1"] {
            #expect(try owner(address, of: machines) == nil, "\(address)")
        }
    }
}

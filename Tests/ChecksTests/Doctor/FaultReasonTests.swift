import Addresses
import Facts
import Keepalived
import Remote
import Testing

@testable import Checks

/// Why one node's instance is in FAULT, and whose path to the servers is broken.
@Suite struct FaultReasonTests {
    private struct Machine {
        var name: String
        var role = LiveState.Role.backup
        var interfaces: [Interface]
        var journal: [String] = []
        var stat: [String] = []
        var settings = ""

        private var priority: Int { role == .master ? 150 : 100 }

        private func facts() throws -> HostFacts {
            var facts = HostFacts(host: HostID(name))
            facts.set(InterfacesFact.self, to: interfaces)
            let text = """
                vrrp_instance VI_1 {
                interface eth0
                virtual_router_id 51
                priority \(priority)
                \(settings)
                virtual_ipaddress {
                203.0.113.50/24
                }
                }
                """
            let proxy = """
                listen web
                  bind :80
                  server web1 203.0.113.21:80 check
                """
            let files = [
                ConfigurationEvidence.usualMainFile: FileState(kind: .regular, contents: Array(text.utf8)),
                ConfigurationEvidence.haproxyFile: FileState(kind: .regular, contents: Array(proxy.utf8)),
            ]
            facts.set(ConfigurationFilesFact.self, to: ConfigurationEvidence(files: files))
            facts.set(FilesFact.self, to: files)
            var daemon = KeepalivedDaemon(pid: 7, hasChild: true)
            daemon.roleSource = .daemon
            daemon.state = LiveState(instances: [
                LiveState.Instance(
                    name: "VI_1", role: role, interface: "eth0", routerID: 51, basePriority: priority,
                    effectivePriority: priority, addresses: ["203.0.113.50/24"], version: 2,
                    advertInterval: 100)
            ])
            facts.set(KeepalivedFact.self, to: daemon)
            facts.set(
                JournalFact.self,
                to: try JournalFact().parse(
                    SectionOutput(
                        journal.map { "1795251249.4 lb Keepalived_vrrp[22]: \($0)" }.joined(separator: "\n")))
            )
            facts.set(
                HAProxyHealthFact.self,
                to: try HAProxyHealthFact().parse(
                    SectionOutput(
                        (["stat=# pxname,svname,status"] + stat.map { "stat=\($0)" }).joined(separator: "\n"))
                ))
            facts.set(
                ServicesFact.self,
                to: ["haproxy": ServiceState(isRunning: true, isEnabled: true, detail: "running")])
            return facts
        }

        var node: DoctorNode {
            get throws {
                let facts = try facts()
                return DoctorNode(id: HostID(name), before: .success(facts), after: .success(facts))
            }
        }
    }

    private static func card(
        _ name: String, _ addresses: [String], isUp: Bool = true, unused: Interface.Held.Unused? = nil
    ) -> Interface {
        Interface(
            name: name, isUp: isUp, hasCarrier: isUp,
            addresses: addresses.compactMap { CIDR($0) }.map { Interface.Held(cidr: $0, unused: unused) })
    }

    private static let eth0 = card("eth0", ["198.51.100.12/24"])
    private static let eth1 = card("eth1", ["203.0.113.12/24"])

    private func owner(_ stat: [String] = []) -> Machine {
        Machine(
            name: "lb1", role: .master,
            interfaces: [
                Self.card("eth0", ["198.51.100.11/24"]),
                Self.card("eth1", ["203.0.113.11/24", "203.0.113.50/24"]),
            ], stat: stat)
    }

    private func findings(_ machines: [Machine]) throws -> [Finding] {
        RootCauses.findings(
            in: ClusterObservation(
                cluster: "web", vips: [], nodes: try machines.map { try $0.node }, observersBefore: [],
                observersAfter: [], seconds: 4))
    }

    @Test func `an interface that is down is the reason, whatever the journal says`() throws {
        let standby = Machine(
            name: "lb2", role: .fault,
            interfaces: [Self.eth0, Self.card("eth1", ["203.0.113.12/24"], isUp: false)],
            journal: ["(VI_1): entering FAULT state due to script web"],
            settings: "track_interface {\neth1\n}")
        let found = try findings([owner(), standby])
        #expect(found.map(\.id) == ["fault-interface"])
        #expect(found.first?.message == "VI_1 is in FAULT on lb2: interface eth1 is down")
        #expect(found.first?.severity == .error && found.first?.nodes == ["lb2"])
    }

    @Test(arguments: [
        ("(VI_1): entering FAULT state due to script web", "fault-check"),
        ("(VI_1) entering FAULT state (tracked process proxy quorum not achieved", "fault-process"),
        ("(VI_1): entering FAULT state (tracked file manual has status -254)", "fault-file"),
        ("(VI_1): entering FAULT state (interface eth7 down)", "fault-interface"),
        ("(VI_1) entering FAULT state (no IPv4 address for interface)", "fault-address"),
        ("(VI_1) Entering FAULT STATE", "instance-fault"),
    ])
    func `the journal's own words are the reason where nothing else shows it`(line: String, id: String) throws
    {
        let standby = Machine(
            name: "lb2", role: .fault, interfaces: [Self.eth0, Self.eth1],
            journal: [line, "(VI_1) Entering FAULT STATE"])
        #expect(try findings([owner(), standby]).map(\.id) == [id])
    }

    @Test func `without an address of its own family nothing can be sent`() throws {
        var standby = Machine(name: "lb2", role: .fault, interfaces: [Self.card("eth0", []), Self.eth1])
        #expect(try findings([owner(), standby]).map(\.id) == ["fault-address"])
        standby.interfaces[0] = Self.eth0
        standby.settings = "unicast_src_ip 198.51.100.99\nunicast_peer {\n198.51.100.11\n}"
        // What the node is to send from has a cause of its own.
        let found = try findings([owner(), standby]).map(\.id)
        #expect(found.contains("cause-source-absent") && !found.contains("fault-address"), "\(found)")
    }

    @Test func `a balancer that alone sees no server is at fault itself`() throws {
        let up = ["web,web1,UP", "web,BACKEND,UP"]
        let down = ["web,web1,DOWN", "web,BACKEND,DOWN"]
        var standby = Machine(name: "lb2", interfaces: [Self.eth0, Self.eth1], stat: down)
        #expect(try findings([owner(up), standby]).map(\.id) == ["backend-path"])
        #expect(try findings([owner(down), standby]).map(\.id) == ["backend-all-down"])
        // Its own interface says so where nobody can be compared.
        standby.interfaces[1] = Self.card("eth1", ["203.0.113.12/24"], isUp: false)
        var silent = owner()
        silent.stat = []
        let found = try findings([silent, standby])
        #expect(found.map(\.id) == ["backend-path"])
        #expect(found.first?.evidence.first?.text == "eth1, in the network of 203.0.113.21, is down")
        standby.stat = ["web,web1,UP", "web,web2,DOWN 1/2", "web,BACKEND,UP"]
        standby.interfaces[1] = Self.eth1
        let one = try findings([owner(["web,web1,UP", "web,web2,DOWN", "web,BACKEND,UP"]), standby])
        #expect(one.map(\.id) == ["backend-last-server"] && one.first?.severity == .warning)
        #expect(one.first?.message == "`web1` is the last server of backend `web`, as lb1 and lb2 see it")
    }

    @Test func `what balancers disagree on, and what they agree on, are told apart`() throws {
        let three = ["web,web1,UP", "web,web2,UP", "web,web3,UP", "web,BACKEND,UP"]
        let oneDown = three.map { $0.replacing("web2,UP", with: "web2,DOWN") }
        let interfaces = [Self.eth0, Self.eth1]
        func found(_ first: [String], _ second: [String]) throws -> [Finding] {
            try findings([owner(first), Machine(name: "lb2", interfaces: interfaces, stat: second)])
        }
        #expect(try found(three, three).isEmpty)
        #expect(try found(oneDown, oneDown).map(\.id) == ["backend-server-down"])
        let apart = try found(three, oneDown)
        #expect(apart.map(\.id) == ["backend-seen-differently"] && apart.first?.severity == .warning)
        #expect(
            apart.first?.message
                == "the balancers disagree on server `web2` of backend `web`: UP on lb1, DOWN on lb2")
        #expect(apart.first?.fix == "check the path from lb2 to it: the other balancers see it otherwise")
        let drained = three.map { $0.replacing("web2,UP", with: "web2,DRAIN") }
        #expect(try found(drained, three).first?.message.contains("DRAIN on lb1, UP on lb2") == true)
        let absent = try found(three, three.filter { !$0.contains("web2") })
        #expect(absent.first?.message.hasSuffix("UP on lb1, unknown to lb2") == true)
        // "no check" counts as up, as haproxy has it.
        #expect(try found(three, three.map { $0.replacing("web2,UP", with: "web2,no check") }).isEmpty)
    }

    @Test func `an address that duplicate detection took away is not held`() throws {
        let line = "    inet6 2001:db8::50/64 scope global dadfailed tentative \n       valid_lft forever"
        let link = "3: eth1: <UP,LOWER_UP> mtu 1500\n"
        func held(_ line: String) throws -> HostFacts {
            var facts = HostFacts(host: "lb1")
            facts.set(InterfacesFact.self, to: try InterfacesFact().parse(SectionOutput(link + line)))
            return facts
        }
        let vip = try #require(IPAddress("2001:db8::50"))
        #expect(try held(line).interface(holding: vip) == nil)
        #expect(try held(line).unused(vip)?.why == .dadfailed)
        let optimistic = line.replacing("dadfailed tentative", with: "optimistic tentative")
        #expect(try held(optimistic).interface(holding: vip)?.name == "eth1")
        let tentative = line.replacing("dadfailed tentative", with: "tentative")
        #expect(try held(tentative).unused(vip)?.why == .tentative)
    }
}

import Addresses
import Facts
import Keepalived
import Remote
import Testing

@testable import Checks

/// What follows from what, without any machine.
@Suite struct RootCausesTests {
    /// One made-up node with one instance.
    struct Machine {
        var name: String
        var holds = false
        var role: LiveState.Role? = .backup
        var priority = 100
        var settings: [String] = []
        var livePriority: Int?
        var liveInterface = "eth0"
        var refused: [String: Int] = [:]
        var adverts: Set<Capture.Advert> = []

        private var configuration: String {
            """
            vrrp_instance VI_1 {
            interface eth0
            virtual_router_id 51
            priority \(priority)
            virtual_ipaddress {
            203.0.113.50/24
            }
            \(settings.joined(separator: "\n"))
            }
            """
        }

        private func facts(received: Int, isLater: Bool) -> HostFacts {
            var facts = HostFacts(host: HostID(name))
            var addresses = [
                Interface.Held(cidr: .parsed(name == "lb1" ? "198.51.100.11/24" : "198.51.100.12/24"))
            ]
            if holds { addresses.append(Interface.Held(cidr: .parsed("203.0.113.50/24"))) }
            facts.set(InterfacesFact.self, to: [Interface(name: "eth0", addresses: addresses)])
            facts.set(
                ConfigurationFilesFact.self,
                to: ConfigurationEvidence(files: [
                    ConfigurationEvidence.usualMainFile: FileState(
                        kind: .regular, contents: Array(configuration.utf8))
                ]))
            var daemon = KeepalivedDaemon(version: .assumed)
            if let role {
                daemon.pid = 7
                daemon.witness = .daemon
                daemon.state = LiveState(instances: [
                    LiveState.Instance(
                        name: "VI_1", role: role, interface: liveInterface, routerID: 51,
                        basePriority: livePriority ?? priority, effectivePriority: livePriority ?? priority,
                        addresses: ["203.0.113.50/24"], version: 2, advertInterval: 100,
                        counters: .init(
                            advertsReceived: received, advertsSent: received, refused: isLater ? refused : [:]
                        ))
                ])
            }
            facts.set(KeepalivedFact.self, to: daemon)
            facts.set(ListenFact.self, to: Capture(isPossible: !adverts.isEmpty, adverts: adverts))
            return facts
        }

        var node: DoctorNode {
            DoctorNode(
                id: HostID(name), before: .success(facts(received: 0, isLater: false)),
                after: .success(facts(received: 0, isLater: true)))
        }
    }

    private func errors(_ machines: [Machine]) -> [String] {
        let examination = Examination(
            cluster: "web", vips: [], nodes: machines.map(\.node), observersBefore: [], observersAfter: [],
            seconds: 4)
        return RootCauses.findings(in: examination).filter { $0.severity == .error }.map(\.id)
    }

    private let owner = Machine(name: "lb1", holds: true, role: .master, priority: 150)
    private let other = Machine(name: "lb2")
    private var rival: Machine { Machine(name: "lb2", holds: true, role: .master) }

    @Test func `a pair with one owner has no errors`() { #expect(errors([owner, other]) == []) }

    @Test func `a split-brain that nothing explains is reported by itself`() {
        #expect(errors([owner, rival]) == ["split-brain"])
    }

    @Test func `a cause takes the place of the split-brain that comes of it`() {
        var stranger = rival
        stranger.settings = ["authentication {\nauth_type PASS\nauth_pass other\n}"]
        stranger.refused = ["authtype_mismatch": 3]
        #expect(errors([owner, stranger]) == ["cause-auth"])
    }

    @Test func `a daemon with a MAC of its own runs what is written`() {
        var owner = owner
        owner.liveInterface = "vrrp.51"
        #expect(errors([owner, other]) == ["written-not-loaded"])
        owner.settings = ["use_vmac"]
        #expect(errors([owner, other]) == [])
    }

    @Test func `a dead daemon is one thing, and a dead daemon's address another`() {
        let stopped = Machine(name: "lb2", role: nil)
        #expect(errors([owner, stopped]) == ["keepalived-dead"])
        let killed = Machine(name: "lb2", holds: true, role: nil)
        #expect(errors([owner, killed]) == ["leftover-vip"])
    }

    @Test func `an address on a BACKUP was put there by other hands`() {
        #expect(errors([owner, Machine(name: "lb2", holds: true)]) == ["static-vip"])
    }

    @Test func `adverts from a stranger's address are a foreign cluster's`() {
        var owner = owner
        owner.adverts = [
            Capture.Advert(
                interface: "eth0", source: .v4(0xC633_6409), destination: .v4(0xE000_0012), version: 2,
                routerID: 51,
                priority: 90)
        ]
        #expect(errors([owner, other]) == ["cause-foreign-vrid"])
        owner.adverts = [
            Capture.Advert(
                interface: "eth0", source: .v4(0xC633_640C), destination: .v4(0xE000_0012), version: 2,
                routerID: 51,
                priority: 100)
        ]
        #expect(errors([owner, other]) == [])
    }

    @Test func `a node that does not answer makes nobody a stranger`() {
        var owner = owner
        owner.adverts = [
            Capture.Advert(
                interface: "eth0", source: .v4(0xC633_640C), destination: .v4(0xE000_0012), version: 2,
                routerID: 51,
                priority: 100)
        ]
        let silent = DoctorNode(
            id: HostID("lb2"), before: .failure(.unasked(HostID("lb2"))),
            after: .failure(.unasked(HostID("lb2"))))
        let examination = Examination(
            cluster: "web", vips: [], nodes: [owner.node, silent], observersBefore: [], observersAfter: [],
            seconds: 4)
        #expect(RootCauses.findings(in: examination).isEmpty)
    }

    @Test func `no finding shows a password`() {
        var rival = rival
        rival.settings = ["authentication {\nauth_type PASS\nauth_pass hunter22\n}"]
        let examination = Examination(
            cluster: "web", vips: [], nodes: [owner.node, rival.node], observersBefore: [],
            observersAfter: [],
            seconds: 4)
        let text = RootCauses.findings(in: examination).map { "\($0)" }.joined()
        #expect(text.contains("cause-auth"))
        #expect(!text.contains("hunter22"))
    }
}

extension CIDR {
    fileprivate static func parsed(_ text: String) -> CIDR {
        guard let cidr = CIDR(text) else { preconditionFailure("\(text) is no address") }
        return cidr
    }
}

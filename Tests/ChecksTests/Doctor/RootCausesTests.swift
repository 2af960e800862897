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
        /// Whether there is a tcpdump although it heard nothing.
        var listens = false
        var counts = true
        var address: String?
        var addresses = ["203.0.113.50/24"]
        var interval = 1
        var version = KeepalivedVersion.assumed
        /// What every other address answers to it.
        var reach: Reach?
        var filter: PacketFilter?
        var preamble = ""
        /// As the node itself tells of them.
        var scripts = ""
        /// What the log has of the scripts behind `notify`.
        var notified: [NotifyFailure] = []
        /// What runs of haops have left undone.
        var pending = PendingWork()
        /// In both samples.
        var sockets: AdvertSockets?
        var reversePath: (before: ReversePath, after: ReversePath)?
        /// In the first sample; without one there is only the second.
        var earlierFilter: PacketFilter?
        var hasCarrier = true
        /// Entries of keepalived's log.
        var log: [String] = []
        /// Adverts that it has sent when it is asked again.
        var sends = 0
        /// Its clock; entries of the log are written at 1.
        var now: Int?

        private var configuration: String {
            """
            \(preamble)
            vrrp_instance VI_1 {
            interface eth0
            virtual_router_id 51
            priority \(priority)
            advert_int \(interval)
            virtual_ipaddress {
            \(addresses.joined(separator: "\n"))
            }
            \(settings.joined(separator: "\n"))
            }
            """
        }

        private func facts(received: Int, isLater: Bool) -> HostFacts {
            var facts = HostFacts(host: HostID(name))
            let own = address ?? (name == "lb1" ? "198.51.100.11/24" : "198.51.100.12/24")
            let held = ([own] + (holds ? addresses : [])).map { Interface.Held(cidr: .parsed($0)) }
            facts.set(
                InterfacesFact.self, to: [Interface(name: "eth0", hasCarrier: hasCarrier, addresses: held)])
            facts.set(
                ConfigurationFilesFact.self,
                to: ConfigurationEvidence(files: [
                    ConfigurationEvidence.usualMainFile: FileState(
                        kind: .regular, contents: Array(configuration.utf8))
                ]))
            var daemon = KeepalivedDaemon(version: version)
            if let role {
                daemon.pid = 7
                daemon.roleSource = .daemon
                daemon.state = LiveState(instances: [
                    LiveState.Instance(
                        name: "VI_1", role: role, interface: liveInterface, routerID: 51,
                        basePriority: livePriority ?? priority, effectivePriority: livePriority ?? priority,
                        addresses: addresses, nopreempt: settings.contains("nopreempt"),
                        version: settings.contains("version 3") ? 3 : 2, advertInterval: interval * 100,
                        counters: counts
                            ? .init(
                                advertsReceived: received, advertsSent: isLater ? sends : 0,
                                refused: isLater ? refused : [:]) : nil)
                ])
            }
            facts.set(KeepalivedFact.self, to: daemon)
            facts.set(
                ListenFact.self, to: Capture(isPossible: listens || !adverts.isEmpty, adverts: adverts))
            if let reach {
                let others: [IPAddress] = [.v4(0xC633_640B), .v4(0xC633_640C)]
                facts.set(ReachFact.self, to: Dictionary(uniqueKeysWithValues: others.map { ($0, reach) }))
            }
            if let filter = isLater ? filter : earlierFilter ?? filter {
                facts.set(FirewallFact.self, to: filter)
            }
            if let now { facts.set(SystemFact.self, to: SystemInfo(hostname: name, now: now)) }
            if let sockets { facts.set(AdvertSocketsFact.self, to: sockets) }
            if let reversePath {
                facts.set(ReversePathFact.self, to: isLater ? reversePath.after : reversePath.before)
            }
            facts.set(
                JournalFact.self,
                to: log.compactMap { line in
                    JournalEvent(message: line).map { JournalEntry(at: 1, event: $0, message: line) }
                })
            if let states = try? ScriptsFact([]).parse(SectionOutput(scripts)) {
                facts.set(ScriptsFact.self, to: states)
            }
            facts.set(NotifyLogFact.self, to: notified)
            facts.set(PendingFact.self, to: pending)
            return facts
        }

        var node: DoctorNode {
            DoctorNode(
                id: HostID(name), before: .success(facts(received: 0, isLater: false)),
                after: .success(facts(received: 0, isLater: true)))
        }
    }

    private func findings(_ machines: [Machine]) -> [Finding] {
        RootCauses.findings(
            in: ClusterObservation(
                cluster: "web", vips: [], nodes: machines.map(\.node), observersBefore: [],
                observersAfter: [],
                seconds: 4))
    }

    private func errors(_ machines: [Machine]) -> [String] {
        findings(machines).filter { $0.severity == .error }.map(\.id)
    }

    /// Two masters between whom no wire is left.
    private func cut(_ change: (inout Machine) -> Void) -> [Machine] {
        [owner, rival].map { machine in
            var machine = machine
            machine.priority = 100
            machine.reach = .silent
            change(&machine)
            return machine
        }
    }

    private let owner = Machine(name: "lb1", holds: true, role: .master, priority: 150)
    private let other = Machine(name: "lb2")
    private var rival: Machine { Machine(name: "lb2", holds: true, role: .master) }

    @Test func `a pair with one owner has no errors`() { #expect(errors([owner, other]) == []) }

    @Test func `a script behind notify that failed is a warning for each kind of transition`() {
        var owner = owner
        owner.notified = [
            NotifyFailure(instance: "VI_1", state: "MASTER", message: "/opt/a: exit 7"),
            NotifyFailure(instance: "VI_1", state: "MASTER", message: "/opt/b: exit 1"),
            NotifyFailure(instance: "VI_1", state: "STOP", message: "/opt/a: exit 7"),
        ]
        let found = findings([owner, other]).filter { $0.id == "notify-failed" }
        #expect(found.map(\.severity) == [.warning, .warning])
        #expect(found.first?.nodes == ["lb1"])
        #expect(
            found.first?.evidence.map(\.description) == [
                "lb1: VI_1 MASTER: /opt/a: exit 7", "lb1: VI_1 MASTER: /opt/b: exit 1",
            ])
    }

    @Test func `a run that did not end is run-pending, and is no error`() {
        var other = other
        other.pending.unfinished = PendingWork.UnfinishedRun(run: "20261129T054000Z-k3x9f2")
        let found = findings([owner, other]).filter { $0.id == "run-pending" }
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.nodes == ["lb2"])
        #expect(findings([owner, self.other]).allSatisfy { $0.id != "run-pending" })
    }

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

    @Test func `two masters of one cluster are no stranger's doing`() {
        var machines = cut { $0.priority = $0.name == "lb1" ? 150 : 100 }
        machines[0].adverts = [.multicast(from: .v4(0xC633_6409))]
        machines[0].counts = false
        #expect(errors(machines) == ["cause-foreign-vrid", "cause-no-path"])
    }

    @Test func `nodes that wait for a stranger to fall silent leave their address to nobody`() {
        var owner = owner
        (owner.holds, owner.role) = (false, .backup)
        owner.adverts = [.multicast(from: .v4(0xC633_6409))]
        let unexplained = ["cause-foreign-vrid", "no-owner"]
        #expect(errors([owner, other]) == unexplained, "it accepts none of the adverts")
        owner.counts = false
        #expect(errors([owner, other]) == unexplained, "its own priority is higher")
        owner.priority = 90
        #expect(errors([owner, other]) == ["cause-foreign-vrid"])
        owner.priority = 150
        owner.version = KeepalivedVersion(1, 3, 9)
        #expect(errors([owner, other]) == ["cause-foreign-vrid"])
        owner.role = .fault
        #expect(errors([owner, other]) == unexplained + ["instance-fault"], "it waits for nobody")
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
        let observation = ClusterObservation(
            cluster: "web", vips: [], nodes: [owner.node, silent], observersBefore: [], observersAfter: [],
            seconds: 4)
        #expect(RootCauses.findings(in: observation).map(\.id) == ["node-unreachable"])
    }

    @Test func `no finding shows a password`() {
        var rival = rival
        rival.settings = ["authentication {\nauth_type PASS\nauth_pass hunter22\n}"]
        let observation = ClusterObservation(
            cluster: "web", vips: [], nodes: [owner.node, rival.node], observersBefore: [],
            observersAfter: [],
            seconds: 4)
        let text = RootCauses.findings(in: observation).map { "\($0)" }.joined()
        #expect(text.contains("cause-auth"))
        #expect(!text.contains("hunter22"))
    }

    // MARK: - Disagreements that do not keep two masters

    @Test func `what is only a warning leaves a lasting split-brain to its cause`() {
        let meant = cut { $0.settings = ["nopreempt"] }
        #expect(errors(meant) == ["cause-no-path"])
        var unknown = meant
        for index in unknown.indices { unknown[index].reach = nil }
        #expect(errors(unknown) == ["split-brain"])
        let intervals = cut {
            $0.settings = ["version 3"]
            $0.interval = $0.name == "lb1" ? 1 : 2
            $0.priority = $0.name == "lb1" ? 150 : 100
        }
        #expect(errors(intervals) == ["cause-no-path"])
    }

    @Test func `equal priorities keep two masters only where their addresses are equal too`() {
        #expect(errors(cut { _ in }) == ["cause-same-priority", "cause-no-path"])
        let twins = cut {
            $0.settings = ["nopreempt"]
            $0.address = "198.51.100.11/24"
        }
        #expect(errors(twins) == ["cause-same-priority"])
    }

    @Test func `a filter that lets replies in explains no lasting split-brain`() throws {
        let filter = try FirewallFact().parse(
            SectionOutput(
                """
                @save iptables
                *filter
                :INPUT DROP [0:0]
                :OUTPUT ACCEPT [0:0]
                -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
                COMMIT
                @end
                """))
        var machines = cut {
            $0.priority = $0.name == "lb1" ? 150 : 100
            $0.settings = ["unicast_peer {\n198.51.100.\($0.name == "lb1" ? 12 : 11)\n}"]
        }
        machines[1].filter = filter
        #expect(errors(machines) == ["cause-conntrack-unicast", "cause-no-path"])
        machines[1].adverts = [.multicast(from: .v4(0xC633_640B))]
        #expect(errors(machines) == ["cause-conntrack-unicast"])
    }

    @Test func `other addresses make two masters only of releases that drop such adverts`() {
        let machines = cut {
            $0.priority = $0.name == "lb1" ? 150 : 100
            if $0.name == "lb2" { $0.addresses.append("203.0.113.51/24") }
        }
        #expect(errors(machines) == ["cause-vip-set"])
        for version in [KeepalivedVersion(1, 3, 9), KeepalivedVersion(2, 3, 3)] {
            let others = machines.map { machine in
                var machine = machine
                machine.version = version
                return machine
            }
            #expect(errors(others) == ["cause-no-path"])
            #expect(findings(others).contains { $0.id == "cause-vip-set" && $0.severity == .warning })
        }
    }

    @Test func `what nodes of 1x disagree about makes no second master and keeps one that hears it`() {
        func effects(
            _ settings: String = "", more: [String] = [], role: LiveState.Role, refused: [String: Int] = [:]
        ) -> [String] {
            var other = other
            (other.role, other.holds, other.refused) = (role, role == .master, refused)
            other.settings = [settings]
            other.addresses += more
            let machines = [owner, other].map { machine in
                var machine = machine
                machine.version = KeepalivedVersion(1, 3, 9)
                return machine
            }
            return findings(machines).filter { $0.severity == .error }.map { "\($0.id): \($0.effect)" }
        }
        func causes(_ effects: [String]) -> [String] { effects.map { String($0.prefix { $0 != ":" }) } }
        let differences = [
            ("cause-auth", "authentication {\nauth_type PASS\nauth_pass other\n}", "authtype_mismatch"),
            ("cause-vrrp-version", "version 3", "vers_err"),
        ]
        for (cause, settings, reason) in differences {
            let said = "\(cause): \(neitherStepsBack)"
            #expect(effects(settings, role: .backup) == [said])
            #expect(effects(settings, role: .master, refused: [reason: 3]) == [said])
            #expect(causes(effects(settings, role: .master)) == [cause, "split-brain"])
        }
        let more = ["203.0.113.51/24"]
        #expect(
            effects(more: more, role: .master, refused: ["addr_list_err": 3])
                == ["cause-vip-set: \(neitherStepsBack)"])
        #expect(causes(effects(more: more, role: .master)) == ["split-brain"])
    }

    @Test func `another interval makes two masters of 1x as well`() {
        let machines = [owner, other].enumerated().map { index, machine in
            var machine = machine
            machine.version = KeepalivedVersion(1, 3, 9)
            machine.interval = 1 + 4 * index
            return machine
        }
        #expect(findings(machines).map(\.effect) == [bothBecomeMaster])
    }

    @Test func `an address that the MASTER does not list is dark for that, and another one is not`() {
        var longer = other
        longer.addresses.append("203.0.113.51/24")
        longer.version = KeepalivedVersion(2, 3, 3)
        var owner = owner
        owner.version = longer.version
        #expect(errors([owner, longer]) == ["cause-vip-set"])
        owner.holds = false
        owner.role = .backup
        #expect(errors([owner, longer]) == ["no-owner", "no-owner"])
    }

    @Test func `adverts that are refused are nobody else's until somebody else is seen`() {
        var other = other
        other.refused = ["ip_ttl_err": 3]
        #expect(errors([owner, other]) == ["adverts-refused"])
        #expect(
            findings([owner, other])[0].evidence.contains {
                $0.source == .counter && $0.text.contains("refused 3 (ip_ttl_err)")
            })
    }

    @Test func `the network is blamed for lost multicast only when nothing is known to arrive`() {
        func pair(_ change: (inout Machine) -> Void) -> [Machine] {
            cut {
                $0.priority = $0.name == "lb1" ? 150 : 100
                $0.reach = .answers
                change(&$0)
            }
        }
        let unheard = "tcpdump sees no advert arrive"
        func own(_ machine: Machine) -> Capture.Advert {
            .multicast(from: .v4(machine.name == "lb1" ? 0xC633_640B : 0xC633_640C), isOutgoing: true)
        }
        #expect(errors(pair { $0.counts = false }) == ["split-brain"])
        #expect(errors(pair { $0.listens = true }) == ["split-brain"], "none is seen to leave")
        let deaf = pair { $0.adverts = [own($0)] }
        #expect(errors(deaf) == ["cause-multicast-path"])
        #expect(findings(deaf)[0].evidence.filter { $0.text == unheard }.count == 2)
        let half = pair {
            $0.adverts = [own($0)]
            if $0.name == "lb1" {
                $0.counts = false
                $0.adverts.insert(.multicast(from: .v4(0xC633_640C)))
            }
        }
        #expect(errors(half) == ["cause-multicast-path"])
        #expect(
            findings(half)[0].evidence.filter { $0.text == unheard } == [
                Evidence(.capture, on: "lb2", unheard)
            ])
    }

    @Test func `a check is disabled for its path only when root runs it and others can write there`() {
        func found(_ facts: String) -> [String] {
            var machine = owner
            machine.preamble = """
                global_defs {
                enable_script_security
                }
                vrrp_script check {
                script /opt/check
                }
                """
            machine.settings = ["track_script {\ncheck\n}"]
            machine.scripts = "script=check\n\(facts)\nexecutable=1\npath=755 0 0 d|/"
            return errors([machine, other])
        }
        #expect(found("uid=0\npath=777 0 0 regular file|/opt/check") == ["check-disabled"])
        #expect(found("uid=0\npath=775 0 7 regular file|/opt/check") == ["check-disabled"])
        #expect(found("uid=0\npath=775 0 0 regular file|/opt/check") == [])
        #expect(found("uid=7\npath=777 7 7 regular file|/opt/check") == [])
    }
}

extension Capture.Advert {
    static func multicast(
        from source: IPAddress, on interface: String = "eth0", isOutgoing: Bool? = nil,
        addresses: [IPAddress] = [], priority: Int = 100
    ) -> Self {
        Self(
            interface: interface, isOutgoing: isOutgoing, source: source, destination: .v4(0xE000_0012),
            version: 2, routerID: 51, priority: priority, addresses: addresses)
    }
}

extension CIDR {
    fileprivate static func parsed(_ text: String) -> CIDR {
        guard let cidr = CIDR(text) else { preconditionFailure("\(text) is no address") }
        return cidr
    }
}

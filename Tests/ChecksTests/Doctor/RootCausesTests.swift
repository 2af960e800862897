import Addresses
import Facts
import Keepalived
import Remote
import Testing

@testable import Checks

/// What follows from what, without any machine.
@Suite struct RootCausesTests {
    typealias Machine = ObservedMachine

    private let owner = Machine.owner
    private let other = Machine.other
    private let rival = Machine.rival

    private func findings(_ machines: [Machine]) -> [Finding] { machines.findings }
    private func errors(_ machines: [Machine]) -> [String] { machines.errors }
    private func cut(_ change: (inout Machine) -> Void) -> [Machine] { Machine.cut(change) }

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

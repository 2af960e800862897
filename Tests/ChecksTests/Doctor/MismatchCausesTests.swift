import Addresses
import Facts
import Keepalived
import Remote
import Testing

@testable import Checks

/// What nodes disagree about, and whether that keeps two masters.
@Suite struct MismatchCausesTests {
    typealias Machine = ObservedMachine

    private let owner = Machine.owner
    private let other = Machine.other

    private func findings(_ machines: [Machine]) -> [Finding] { machines.findings }
    private func errors(_ machines: [Machine]) -> [String] { machines.errors }
    private func cut(_ change: (inout Machine) -> Void) -> [Machine] { Machine.cut(change) }

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
}

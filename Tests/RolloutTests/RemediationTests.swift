import Addresses
import Checks
import Facts
import Inventory
import Keepalived
import Remote
import Testing

@testable import Rollout

/// What fix does about each of doctor's findings, and what it leaves to its operator.
@Suite struct RemediationTests {
    private let vip = "203.0.113.50/24"
    private var owner: ObservedCluster.Machine { .init("lb1", holds: vip, .master, priority: 150) }
    private var backup: ObservedCluster.Machine { .init("lb2", .backup) }
    private var rival: ObservedCluster.Machine { .init("lb2", holds: vip, .master) }

    // MARK: - Firewalls

    @Test(arguments: [("DROP", []), ("ACCEPT", ["-A INPUT -p tcp -j ACCEPT", "-A INPUT -j DROP"])])
    func `adverts dropped by what drops everything else too are accepted`(
        policy: String, rules: [String]
    ) throws {
        var deaf = rival
        (deaf.policy, deaf.rules) = (policy, rules)
        let observation = try ObservedCluster([owner, deaf])
        #expect(try observation.remediation(of: "cause-firewall-input").means == .change)
        let wish = try #require(try observation.desired("lb2").firewall)
        #expect(wish.passages.allSatisfy { $0.packet.protocolNumber == 112 })
        #expect(Remediations.desired(by: observation.plan.remediations)["lb1"] == nil)
        #expect(observation.plan.remediations.allSatisfy { !$0.keepsTheFightGoing })
    }

    @Test(arguments: [
        "-A INPUT -p vrrp -j DROP", "-A INPUT -s 198.51.100.11/32 -j DROP",
    ])
    func `a rule that names VRRP, or where it comes from, is left alone, with doctor's own remedy`(
        rule: String
    ) throws {
        var deaf = rival
        deaf.rules = [rule]
        let observation = try ObservedCluster([owner, deaf])
        let remediation = try observation.remediation(of: "cause-firewall-input")
        #expect(remediation.means == .hand)
        #expect(remediation.edit?.hasPrefix("iptables -I INPUT -p 112 -j ACCEPT") == true)
        #expect(remediation.edit?.hasPrefix(remediation.finding.fix) == true)
        #expect(remediation.keepsTheFightGoing)
        #expect(!observation.plan.objections(insists: false).isEmpty)
        #expect(observation.plan.objections(insists: true).isEmpty)
    }

    @Test func `what haops opened before stays open, and an inventory that keeps its hands off is heard`()
        throws
    {
        var deaf = rival
        deaf.policy = "DROP"
        deaf.rules = ["-A INPUT -p icmp -m comment --comment haops -j ACCEPT"]
        let wish = try #require(try ObservedCluster([owner, deaf]).desired("lb2").firewall)
        #expect(wish.passages.contains { $0.packet.protocolNumber == 1 })
        let off = try ObservedCluster(
            [owner, deaf], firewall: FirewallSettings(backend: .none, allow: [.vrrp]))
        #expect(try off.remediation(of: "cause-firewall-input").means == .hand)
    }

    // MARK: - Files and daemons

    @Test func `a file that is not loaded is loaded by a reload`() throws {
        var late = backup
        (late.priority, late.livePriority) = (120, 100)
        let observation = try ObservedCluster([owner, late])
        #expect(try observation.remediation(of: "written-not-loaded").means == .change)
        #expect(try observation.desired("lb2").services["keepalived"]?.told == .reload)
    }

    @Test func `what would divide the nodes for a while is loaded on all of them at once`() throws {
        var (first, second) = (owner, backup)
        (first.routerID, first.liveRouterID) = (52, 51)
        (second.routerID, second.liveRouterID) = (52, 51)
        let observation = try ObservedCluster([first, second])
        let desired = Remediations.desired(by: observation.plan.remediations)
        #expect(desired.count == 2)
        #expect(desired.values.allSatisfy { $0.services["keepalived"]?.breaksPeerCompatibility == true })
    }

    @Test func `a file that would make the nodes fight is not loaded`() throws {
        var late = backup
        (late.routerID, late.liveRouterID) = (52, 51)
        let observation = try ObservedCluster([owner, late])
        let remediation = try observation.remediation(of: "written-not-loaded")
        #expect(remediation.means == .hand)
        #expect(remediation.why?.contains("cause-vrid-differs") == true)
        #expect(Remediations.desired(by: observation.plan.remediations).isEmpty)
    }

    @Test func `haproxy may bind to the address in its own family, and what the file says else stays`() throws
    {
        var mute = backup
        mute.haproxyRuns = false
        mute.haproxyLog = ["[ALERT] Starting frontend web: cannot bind socket [203.0.113.50:80]"]
        mute.sysctls = ["net.ipv4.ip_nonlocal_bind": "0", "net.ipv6.ip_nonlocal_bind": "0"]
        mute.sysctlFile = "# ours\nnet.ipv4.ip_nonlocal_bind=0\nnet.ipv4.ip_forward = 1"
        let desired = try ObservedCluster([owner, mute]).desired("lb2")
        #expect(desired.sysctls == [SysctlSetting(key: "net.ipv4.ip_nonlocal_bind", value: "1")])
        #expect(
            desired.files.map { String(decoding: $0.contents ?? [], as: UTF8.self) } == [
                "# ours\nnet.ipv4.ip_forward = 1\nnet.ipv4.ip_nonlocal_bind = 1\n"
            ])
        #expect(desired.services["haproxy"]?.runs == true)
    }

    @Test func `a port that somebody else has is left to the operator`() throws {
        var mute = backup
        mute.haproxyRuns = false
        mute.haproxyLog = ["cannot bind socket (Address already in use) [203.0.113.50:80]"]
        mute.sysctls = ["net.ipv4.ip_nonlocal_bind": "0"]
        #expect(try ObservedCluster([owner, mute]).remediation(of: "haproxy-cannot-bind").means == .hand)
    }

    @Test func `a dead daemon is not started, and the command is named`() throws {
        let observation = try ObservedCluster([owner, .init("lb2", nil)])
        let remediation = try observation.remediation(of: "keepalived-dead")
        #expect(remediation.means == .hand)
        #expect(remediation.edit == "systemctl start keepalived on lb2")
        #expect(!observation.plan.hasWork && !observation.plan.isEmpty)
        #expect(!observation.plan.objections(insists: true).isEmpty)
    }

    // MARK: - Addresses

    @Test func `an address beside a dead daemon, and one that others put there, are removed`() throws {
        let killed = try ObservedCluster([owner, .init("lb2", holds: vip, nil)])
        #expect(try killed.remediation(of: "leftover-vip").means == .action)
        let put = try ObservedCluster([owner, .init("lb2", holds: "203.0.113.50/32", .backup)])
        let remediation = try put.remediation(of: "static-vip")
        #expect(remediation.means == .action && remediation.ends)
    }

    @Test func `a machine's own address is nobody's to remove, whatever a file calls it`() throws {
        let own = "198.51.100.11"
        var (first, second) = (owner, backup)
        let line = try #require(
            NetworkConfiguration.Line(
                path: "/etc/network/interfaces", number: 6, text: "address \(own)/24"))
        first.bootLines = [line]
        second.more = """
            vrrp_instance VI_X {
            interface eth0
            virtual_router_id 77
            priority 200
            virtual_ipaddress {
            \(own)/24
            }
            }
            """
        let observation = try ObservedCluster([first, second])
        #expect(observation.findings.contains { $0.id == "vip-machine-address" && $0.nodes == ["lb2"] })
        #expect(try observation.remediation(of: "vip-machine-address").means == .hand)
        #expect(try observation.remediation(of: "written-not-loaded").means == .hand)
        let said =
            observation.findings.map { "\($0.id) \($0.fix)" }
            + observation.plan.remediations.compactMap(\.edit)
        #expect(!said.contains { $0.contains("static-vip") || $0.contains(line.path) }, "\(said)")
        #expect(observation.plan.actions.isEmpty && observation.plan.changedNodes.isEmpty)
    }

    @Test func `a line that brings the address back at the next boot is left to the operator`() throws {
        var written = ObservedCluster.Machine("lb2", holds: "203.0.113.50/32", .backup)
        written.bootLines = [
            try #require(
                .init(path: "/etc/network/interfaces", number: 9, text: "address 203.0.113.50/32"))
        ]
        let remediation = try ObservedCluster([owner, written]).remediation(of: "static-vip")
        #expect(remediation.means == .action && !remediation.ends)
        #expect(
            remediation.edit == "on lb2: remove line 9 of /etc/network/interfaces: address 203.0.113.50/32")
        written.holds = nil
        #expect(try ObservedCluster([owner, written]).remediation(of: "static-vip").means == .hand)
    }

    @Test func `what is left to a hand says where, by file and line of every node`() throws {
        var other = backup
        other.routerID = 52
        let edit = try #require(
            try ObservedCluster([owner, other]).remediation(of: "cause-vrid-differs").edit)
        #expect(edit.contains("lb1: /etc/keepalived/keepalived.conf:3"), "\(edit)")
        #expect(edit.contains("lb2: /etc/keepalived/keepalived.conf:3"), "\(edit)")
    }

    // MARK: - Proof

    @Test func `a cluster that is well needs nothing`() throws {
        let observation = try ObservedCluster([owner, backup])
        #expect(observation.plan.isEmpty && observation.plan.objections(insists: false).isEmpty)
    }

    @Test func `what is still found has failed, what is not is gone, and the rest is left`() throws {
        let sick = try ObservedCluster([owner, .init("lb2", holds: vip, nil)])
        let well = try ObservedCluster([owner, backup])
        let dead = try ObservedCluster([owner, .init("lb2", nil)])
        #expect(sick.plan.proof(in: well.findings).gone == ["leftover-vip on lb2 is gone"])
        #expect(sick.plan.proof(in: sick.findings).failed.count == 1)
        let proof = sick.plan.proof(in: dead.findings)
        #expect(proof.failed.isEmpty)
        #expect(proof.left == ["keepalived-dead: systemctl start keepalived on lb2"])
    }
}

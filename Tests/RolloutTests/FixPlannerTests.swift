import Addresses
import Checks
import Facts
import Inventory
import Keepalived
import Remote
import Testing

@testable import Rollout

/// Who gives way, what is cleared, and what is waited for.
@Suite struct FixPlannerTests {
    private let vip = "203.0.113.50/24"
    private var owner: ObservedCluster.Machine { .init("lb1", holds: vip, .master, priority: 150) }
    private var rival: ObservedCluster.Machine { .init("lb2", holds: vip, .master, priority: 100) }

    private func actions(_ machines: [ObservedCluster.Machine]) throws -> [FixPlan.Action] {
        try ObservedCluster(machines).plan.actions
    }

    private func held(_ cidr: String) throws -> [FixPlan.Address] {
        [FixPlan.Address(cidr: try #require(CIDR(cidr)), interface: "eth0")]
    }

    @Test func `what was to be healed and is not owned afterwards is not healed`() throws {
        let plan = try ObservedCluster([owner, rival]).plan
        func verdicts(_ machines: [ObservedCluster.Machine]) throws -> [VIPOwnership] {
            try ObservedCluster(machines).observation.after
        }
        #expect(plan.unhealed(in: try verdicts([owner, .init("lb2", .backup)])) == [])
        let still = plan.unhealed(in: try verdicts([owner, rival]))
        #expect(still.count == 1 && still.first?.hasPrefix("not healed: 203.0.113.50 is split-brain") == true)
        // The one that gave way was started, and runs no more.
        let dead = plan.unhealed(in: try verdicts([owner, .init("lb2", nil)]))
        #expect(dead == ["not healed: keepalived on `lb2` was started, and something has stopped it again"])
    }

    @Test func `one owner and a backup need nothing`() throws {
        #expect(try actions([owner, .init("lb2", .backup)]).isEmpty)
    }

    @Test func `of two owners the lower priority gives way, and the other announces`() throws {
        let actions = try actions([owner, rival])
        #expect(
            actions == [
                .giveWay("lb2", addresses: try held(vip), reason: "priority 100 against 150 of `lb1`"),
                .announce(
                    "lb1", instance: "VI_1", addresses: try held(vip), reason: "`lb1` is the owner of `VI_1`"),
            ])
    }

    @Test func `nothing is announced against a machine that would go on to answer`() throws {
        let observed = try ObservedCluster([owner, rival])
        var proxy = Finding(
            .vipProxyARP, severity: .error, nodes: ["lb2"], message: "lb2 answers for it", effect: "", fix: ""
        )
        proxy.vips = [try #require(CIDR(vip)).address]
        let plan = FixPlanner(
            cluster: observed.cluster, observation: observed.observation, findings: [proxy]
        ).plan()
        #expect(!plan.actions.isEmpty && !plan.actions.contains(where: \.isAnnouncement))
    }

    @Test func `the priorities that count are those that the daemons go by`() throws {
        var lowered = owner
        lowered.livePriority = 90
        #expect(try actions([lowered, rival]).first?.node == "lb1")
    }

    @Test func `two owners of which one hears nothing would fight again`() throws {
        var hearing = owner
        hearing.hears = 9
        #expect(
            try ObservedCluster([hearing, rival]).plan.causes == [
                "`lb2` hears no advert of `VI_1` from `lb1`"
            ])
        var deaf = rival
        deaf.policy = "DROP"
        #expect(
            try ObservedCluster([hearing, deaf]).plan.causes.first
                == "`lb2` drops VRRP on input: the policy of INPUT")
    }

    @Test func `of a daemon that does not count, nobody knows what it hears`() throws {
        var (first, second) = (owner, rival)
        first.hears = 9
        second.counts = false
        #expect(try ObservedCluster([first, second]).plan.causes.isEmpty)
        first.hears = 0
        #expect(
            try ObservedCluster([first, second]).plan.causes == ["`lb1` hears no advert of `VI_1` from `lb2`"]
        )
    }

    @Test func `two owners that hear each other again would not fight on`() throws {
        var (first, second) = (owner, rival)
        (first.hears, second.hears) = (9, 9)
        #expect(try ObservedCluster([first, second]).plan.causes.isEmpty)
    }

    @Test(arguments: [true, false])
    func `a leftover is removed, and its daemon started where it starts at boot too`(isEnabled: Bool) throws {
        var killed = ObservedCluster.Machine("lb2", holds: vip, nil)
        killed.isEnabled = isEnabled
        #expect(
            try actions([owner, killed]).first
                == .clear(
                    "lb2", addresses: try held(vip), starts: isEnabled, reason: "its keepalived does not run")
        )
    }

    @Test func `nothing is taken from a node whose daemon may own it`() throws {
        var mute = rival
        mute.isMute = true
        let plan = try ObservedCluster([owner, mute]).plan
        #expect(plan.actions.isEmpty, "\(plan.actions)")
        #expect(plan.findings.first?.hasPrefix("203.0.113.50: unknown: ") == true, "\(plan.findings)")
        #expect(plan.objections(insists: true) == plan.findings)
    }

    @Test func `what is removed is what stands there, with the length that it has`() throws {
        let put = ObservedCluster.Machine("lb2", holds: "203.0.113.50/32", .backup)
        #expect(
            try actions([owner, put]).first
                == .clear(
                    "lb2", addresses: try held("203.0.113.50/32"), starts: false,
                    reason: "its keepalived is not MASTER"))
    }

    @Test func `nothing is taken from the only node that answers`() throws {
        let last = ObservedCluster.Machine("lb1", holds: vip, nil, priority: 150)
        let actions = try actions([last, .init("lb2", .fault)])
        #expect(
            actions == [
                .start("lb1", reason: "its keepalived does not run, and no other node owns what it holds")
            ])
    }

    @Test func `where nobody owns it, the daemons that do not run are started, the preferred node first`()
        throws
    {
        let actions = try actions([.init("lb1", nil, priority: 150), .init("lb2", nil)])
        #expect(actions.map(\.node) == ["lb1", "lb2"])
        let faults = try ObservedCluster([.init("lb1", .fault, priority: 150), .init("lb2", .fault)]).plan
        #expect(faults.actions.isEmpty && !faults.causes.isEmpty)
    }

    @Test func `a parent that has lost its children is restarted: it is started already`() throws {
        var left = ObservedCluster.Machine("lb1", nil, priority: 150)
        left.lacksChild = true
        let observation = try ObservedCluster([left, .init("lb2", .fault)])
        #expect(
            observation.plan.actions == [
                .restart("lb1", reason: "no node owns `VI_1` and its keepalived does not run")
            ])
        let finding = try #require(observation.findings.first { $0.id == "keepalived-dead" })
        #expect(finding.fix.hasPrefix("systemctl restart keepalived on lb1"))
    }

    @Test func `a MASTER without its address is restarted, but not for one that it has never heard of`()
        throws
    {
        let bare = ObservedCluster.Machine("lb1", .master, priority: 150)
        #expect(
            try actions([bare, .init("lb2", .backup)]) == [
                .restart("lb1", reason: "its daemon is MASTER without 203.0.113.50")
            ])
        var ignorant = bare
        ignorant.addresses = ["203.0.113.99/24"]
        #expect(try actions([ignorant, .init("lb2", .backup)]).isEmpty)
    }
}

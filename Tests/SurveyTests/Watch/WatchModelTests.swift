import Addresses
import Checks
import Events
import Facts
import HaopsTestSupport
import Inventory
import Keepalived
import Remote
import Survey
import Testing

/// What a watch knows and tells, by what its nodes say.
struct WatchModelTests {
    private static let (lb1, lb2): (HostID, HostID) = ("web1-lb1", "web1-lb2")
    private static let removed = "@ Deleted 3: eth1    inet 10.2.1.50/24 scope global secondary eth1"
    private static let added = "@ 3: eth1    inet 10.2.1.50/24 scope global secondary eth1"
    private static let master = "lb Keepalived_vrrp[7]: (VI_1) Entering MASTER STATE"
    private static let backup = "lb Keepalived_vrrp[7]: (VI_1) Entering BACKUP STATE"

    private func verdicts(_ pair: WatchedPairs) -> [VIPOwnership.Verdict] {
        pair.model.clusters[0].shown.map(\.ownership.verdict)
    }

    @Test func `the first look says what is so, and nothing as a change`() throws {
        var pair = try WatchedPairs()
        let events = pair.begin()
        #expect(events.map(\.kind) == [.verdict])
        #expect(events.first?.isFirst == true)
        #expect(events.first?.words == "10.2.1.50 and 1 more owned by web1-lb1, for 10 min")
        #expect(verdicts(pair) == [.owned, .owned])
        #expect(pair.wait(5000) == [])
    }

    @Test func `an address is told as soon as its kernel tells, and the verdict once the daemons have`()
        throws
    {
        var pair = try WatchedPairs()
        _ = pair.begin()
        _ = pair.wait(1000)
        #expect(
            pair.tell(Self.lb1, Self.removed).map(\.words) == ["no longer has 10.2.1.50 (eth1)"])
        #expect(pair.model.clusters[0].isChanging)
        #expect(pair.tell(Self.lb2, Self.added).map(\.words) == ["has 10.2.1.50 on eth1"])
        // The daemons' words come a quarter of a second later.
        #expect(pair.wait(300) == [])
        #expect(pair.tell(Self.lb2, Self.master).map(\.words) == ["VI_1: MASTER, was BACKUP"])
        #expect(pair.tell(Self.lb1, Self.backup).map(\.words) == ["VI_1: BACKUP, was MASTER"])
        _ = pair.tell(Self.lb1, Self.removed.replacing(".50/", with: ".51/"))
        _ = pair.tell(Self.lb2, Self.added.replacing(".50/", with: ".51/"))
        let told = pair.wait(100)
        #expect(told.map(\.kind) == [.verdict])
        #expect(told.first?.from == "owned" && told.first?.to == "owned")
        #expect(told.first?.owners == [Self.lb2])
        #expect(told.first?.addresses.map(\.description) == ["10.2.1.50", "10.2.1.51"])
        #expect(!pair.model.clusters[0].isChanging)
    }

    @Test func `how long nobody had an address is told with the verdict`() throws {
        var pair = try WatchedPairs()
        _ = pair.begin()
        _ = pair.wait(1000)
        _ = pair.tell(Self.lb1, Self.removed)
        _ = pair.wait(350)
        _ = pair.tell(Self.lb2, Self.added)
        _ = pair.tell(Self.lb2, Self.master)
        _ = pair.tell(Self.lb1, Self.backup)
        let told = pair.wait(100) + pair.wait(600) + pair.wait(600)
        #expect(told.contains { $0.words.hasSuffix("nobody had it for 350 ms") }, "\(told.map(\.words))")
    }

    @Test func `two holders that both say MASTER are a split-brain`() throws {
        var pair = try WatchedPairs()
        _ = pair.begin()
        _ = pair.wait(1000)
        _ = pair.tell(Self.lb2, Self.added)
        _ = pair.tell(Self.lb2, Self.master)
        let told = pair.wait(2000)
        // It claims the other address too, and does not have it.
        #expect(told.map(\.to) == ["split-brain", "claimed-but-absent"])
        #expect(told.first?.weight == .bad)
        #expect(told.first?.addresses.map(\.description) == ["10.2.1.50"])
    }

    @Test func `a silent node makes its cluster unknown at once, and a heard one is looked at`() throws {
        var pair = try WatchedPairs()
        _ = pair.begin()
        _ = pair.wait(1000)
        let error = RemoteError.timedOut(
            host: Self.lb2, operation: "hear from it", after: .milliseconds(1800), changes: false)
        let told = pair.model.apply(.silent(Self.lb2, error), at: pair.now) + pair.model.settle(at: pair.now)
        #expect(told.map(\.kind) == [.node, .verdict])
        #expect(told.first?.words == "is silent: no answer within 1.8 s")
        #expect(verdicts(pair) == [.unknown, .unknown])
        // It is not asked what it does not answer, and not told twice.
        #expect(pair.model.silences.keys.map(\.name) == [Self.lb2.name])
        #expect(pair.model.apply(.silent(Self.lb2, error), at: pair.now) == [])
        _ = pair.wait(3000)
        #expect(
            pair.model.apply(.heard(Self.lb2), at: pair.now).map(\.words)
                == ["is heard again after 3.0 s"])
        _ = pair.wait(500)
        #expect(pair.model.looksToBegin(at: pair.now).map(\.name) == ["web1"])
        #expect(verdicts(pair) == [.owned, .owned])
    }

    @Test func `what a node has told is newer than a look that began before`() throws {
        var pair = try WatchedPairs()
        _ = pair.begin()
        _ = pair.wait(1000)
        let began = pair.now
        _ = pair.wait(100)
        _ = pair.tell(Self.lb1, Self.removed)
        _ = pair.wait(100)
        // It has still seen the address.
        #expect(pair.look([:], began: began) == [])
        #expect(pair.model.nodes[Self.lb1]?.sight.held.count == 1)
        // And it is looked at again.
        _ = pair.wait(500)
        #expect(pair.model.looksToBegin(at: pair.now).count == 1)
    }

    @Test func `a look tells what no stream has told`() throws {
        var pair = try WatchedPairs()
        _ = pair.begin()
        _ = pair.wait(1000)
        let told =
            pair.look([Self.lb2: .success(pair.facts(of: Self.lb2, nil, holds: false))]) + pair.wait(500)
        #expect(told.map(\.words) == ["keepalived does not run"])
        #expect(told.first?.kind == .service && told.first?.weight == .bad)
    }

    @Test func `a look at a daemon that is stopping does not bring its last role back`() throws {
        var pair = try WatchedPairs()
        _ = pair.begin()
        _ = pair.wait(1000)
        _ = pair.tell(Self.lb1, "lb Keepalived[6]: Stopping")
        _ = pair.wait(100)
        var facts = pair.facts(of: Self.lb1, .master, holds: false)
        var daemon = try #require(facts.known(KeepalivedFact.self))
        daemon.roleSource = .journal(age: 600)
        facts.set(KeepalivedFact.self, to: daemon)
        let told = pair.look([Self.lb1: .success(facts)])
        #expect(told.map(\.kind) == [.address, .address])
        #expect(pair.model.nodes[Self.lb1]?.sight.keepalivedRuns == false)
    }

    @Test func `a daemon that stops and starts again is understood by its own words`() throws {
        var pair = try WatchedPairs()
        _ = pair.begin()
        _ = pair.wait(1000)
        #expect(
            pair.tell(Self.lb2, "lb Keepalived[6]: Stopping").map(\.words) == ["keepalived does not run"])
        _ = pair.look([Self.lb2: .success(pair.facts(of: Self.lb2, nil, holds: false))])
        _ = pair.wait(1000)
        let started = pair.tell(Self.lb2, "lb Keepalived[8]: Starting Keepalived v2.2.7 (01/16,2022)")
        #expect(started.map(\.words) == ["keepalived runs"])
        #expect(
            pair.tell(Self.lb2, "lb Keepalived_vrrp[9]: (VI_1) Entering BACKUP STATE (init)").map(\.words)
                == ["VI_1: BACKUP, was INIT"])
    }

    @Test func `checks, priorities, links and servers are told as they change`() throws {
        var pair = try WatchedPairs()
        _ = pair.begin()
        _ = pair.wait(1000)
        func tell(_ line: String) -> [String] { pair.tell(Self.lb1, line).map(\.words) }
        #expect(
            tell("lb Keepalived_vrrp[7]: VRRP_Script(check_haproxy) failed (exited with status 1)")
                == ["check check_haproxy fails"])
        #expect(
            tell("lb Keepalived_vrrp[7]: (VI_1) Changing effective priority from 150 to 90")
                == ["VI_1: priority 90, was 150"])
        #expect(tell("@ 3: eth1@if8: <NO-CARRIER,BROADCAST,UP> mtu 1500 state DOWN") == ["eth1: link down"])
        #expect(
            tell("lb haproxy[9]: Server web/web2 is DOWN, reason: Layer4 connection problem, info: \"x\"")
                == ["server web/web2 is DOWN, was UP"])
        // Its own table says it again, and that is no news.
        var health = HAProxyHealth(rows: [
            .init(proxy: "web", server: "web1", status: "UP 1/3"),
            .init(proxy: "web", server: "web2", status: "DOWN"),
        ])
        #expect(pair.model.apply(.servers(Self.lb1, health), at: pair.now) == [])
        health.rows[1].status = "UP"
        #expect(
            pair.model.apply(.servers(Self.lb1, health), at: pair.now).map(\.words)
                == ["server web/web2 is UP, was DOWN"])
        #expect(pair.model.nodes[Self.lb1]?.sight.failingChecks == ["check_haproxy"])
    }

    @Test func `a change that waits for a person is told, and that it no longer waits`() throws {
        var pair = try WatchedPairs()
        _ = pair.begin()
        _ = pair.wait(1000)
        #expect(pair.model.apply(.pending(Self.lb1), at: pair.now) == [])
        _ = pair.wait(500)
        #expect(pair.model.looksToBegin(at: pair.now).map(\.name) == ["web1"])
        var facts = pair.facts(of: Self.lb1, .master, holds: true)
        var rollback = PendingWork.ArmedRollback(run: "20261129T054000Z-k3x9f2", secondsLeft: 600)
        rollback.held = PendingWork.HeldChange(who: "ops@desk", what: "apply", since: "2026-11-29T05:40:00Z")
        facts.set(PendingFact.self, to: PendingWork(rollback: rollback))
        let told = pair.look([Self.lb1: .success(facts)])
        #expect(told.map(\.words) == ["`apply` by ops@desk waits for haops confirm"])
        #expect(told.first?.kind == .pending && told.first?.weight == .warning)
        // The time that is left is no news.
        rollback.secondsLeft = 590
        facts.set(PendingFact.self, to: PendingWork(rollback: rollback))
        #expect(pair.look([Self.lb1: .success(facts)]) == [])
        #expect(pair.look([:]).map(\.words) == ["no change waits for haops confirm"])
    }

    @Test func `an unfinished run is told once nobody is at work`() throws {
        var pair = try WatchedPairs()
        _ = pair.begin()
        _ = pair.wait(1000)
        var facts = pair.facts(of: Self.lb2, .backup, holds: false)
        var work = PendingWork(
            lock: LockHolder("ops@desk\trun1\tapply\t7\t2026-11-29T05:40:00Z"),
            unfinished: PendingWork.UnfinishedRun(run: "run1"))
        facts.set(PendingFact.self, to: work)
        #expect(pair.look([Self.lb2: .success(facts)]) == [])
        work.lock = nil
        facts.set(PendingFact.self, to: work)
        #expect(
            pair.look([Self.lb2: .success(facts)]).map(\.words)
                == ["an unfinished run, which the next one finishes: run1"])
    }

    @Test func `what a log says besides is told once`() throws {
        var pair = try WatchedPairs()
        _ = pair.begin()
        _ = pair.wait(1000)
        let line =
            "lb Keepalived_vrrp[7]: (VI_1) received an invalid passwd!"
        #expect(pair.tell(Self.lb1, line).map(\.kind) == [.log])
        _ = pair.wait(1000)
        #expect(pair.tell(Self.lb1, line) == [])
        _ = pair.wait(100_000)
        #expect(pair.tell(Self.lb1, line).count == 1)
    }

    @Test func `news that are lost are told, and every cluster is looked at again`() throws {
        var pair = try WatchedPairs(3)
        _ = pair.begin()
        _ = pair.wait(1000)
        #expect(pair.model.apply(.lost(3), at: pair.now).map(\.weight) == [.warning])
        _ = pair.wait(500)
        #expect(pair.model.looksToBegin(at: pair.now).count == 3)
        // One that never ends is forgotten.
        pair.model.requestLook(at: "web1", at: pair.now)
        #expect(pair.model.looksToBegin(at: pair.now).isEmpty)
        _ = pair.wait(130_000)
        #expect(pair.model.looksToBegin(at: pair.now).map(\.name) == ["web1"])
    }

    @Test func `looks are few at once, and what is not well is looked at again and again`() throws {
        var pair = try WatchedPairs(20)
        _ = pair.begin()
        _ = pair.wait(1000)
        #expect(pair.model.looksToBegin(at: pair.now).isEmpty)
        for number in 1...20 { pair.model.requestLook(at: "web\(number)", at: pair.now) }
        #expect(pair.model.looksToBegin(at: pair.now).count == 8)
        #expect(pair.model.looksToBegin(at: pair.now).isEmpty)

        var ill = try WatchedPairs()
        _ = ill.begin()
        _ = ill.wait(1000)
        _ = ill.look([
            Self.lb2: .success(ill.facts(of: Self.lb2, .master, holds: true))
        ])
        _ = ill.wait(2000)
        #expect(verdicts(ill) == [.splitBrain, .splitBrain])
        _ = ill.wait(70_000)
        #expect(ill.model.looksToBegin(at: ill.now).count == 1)
    }
}

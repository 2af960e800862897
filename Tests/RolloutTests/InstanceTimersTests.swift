import Inventory
import Keepalived
import Remote
import Testing

@testable import Rollout

/// Which timers count: the daemon's own, else what the inventory makes of them.
@Suite struct InstanceTimersTests {
    private let lb1 = TestCluster.lb1
    private let lb2 = TestCluster.lb2

    private func cluster(
        version: Int = 2, interval: Int = 100, preempt: Bool = true, extra: String? = nil
    ) throws -> (Cluster, VRRPInstance) {
        var cluster = try TestCluster.make(preempt: preempt)
        cluster.keepalived?.version = version
        cluster.keepalived?.advertInterval = interval
        cluster.keepalived?.instances[0].extra = extra
        return (cluster, try #require(cluster.keepalived?.instances.first))
    }

    @Test(arguments: [
        (2, 100, Duration.nanoseconds(3_609_375_000)), (2, 300, .nanoseconds(9_609_375_000)),
        (3, 100, .nanoseconds(3_609_375_000)), (3, 300, .nanoseconds(10_828_125_000)),
        // 0.2 s, and what version 2 makes of it: whole seconds.
        (3, 20, .nanoseconds(721_875_000)), (2, 20, .nanoseconds(3_609_375_000)),
        // 0.05 s: the hundredths are no tenths.
        (3, 5, .nanoseconds(180_468_750)),
    ])
    func `master-down times of an inventory`(version: Int, interval: Int, expected: Duration) throws {
        let (cluster, instance) = try cluster(version: version, interval: interval)
        #expect(cluster.masterDownTime(of: instance, on: lb2).value == expected)
    }

    @Test func `raw lines of an instance count, and what contradicts itself does not`() throws {
        let (cluster, instance) = try cluster(
            extra: "advert_int 2\ndown_timer_adverts 5\npreempt_delay 7.5\npreempt_delay 9")
        let timers = cluster.timers(of: instance, on: lb2)
        #expect(timers.advertInterval == .seconds(2) && timers.adverts == 5)
        #expect(timers.preemptDelay == .seconds(9) && timers.preempts)
        // It starts as MASTER, which does not go with a delay.
        #expect(cluster.timers(of: instance, on: lb1).preemptDelay == .zero)
        let (quiet, other) = try self.cluster(preempt: false)
        #expect(!quiet.timers(of: other, on: lb1).preempts && !quiet.timers(of: other, on: lb2).preempts)
    }

    @Test func `the longest wait is that of a node whose checks all fail`() throws {
        let (cluster, _) = try cluster(version: 3, interval: 500)
        #expect(RolloutTiming(cluster).masterDown == .seconds(15) + .seconds(5) * 255 / 256)
        var bare = cluster
        bare.keepalived = nil
        #expect(RolloutTiming(bare).masterDown == .seconds(3) + .seconds(1) * 255 / 256)
    }

    @Test func `a gate waits for the delay that some node really has`() throws {
        #expect(RolloutTiming(try cluster(extra: "preempt_delay 7.5").0).preemptDelay == .milliseconds(7500))
        #expect(RolloutTiming(try cluster(preempt: false).0).preemptDelay == .zero)
    }

    @Test func `a live daemon's word counts before the inventory's, and in version 3 the owner's interval`()
        throws
    {
        let (cluster, instance) = try cluster(extra: "down_timer_adverts 4")
        var view = try TestCluster.view(owner: lb1)
        view.nodes[lb2]?.timers["VI_1"] = LiveTimers(
            of: .init(name: "VI_1", role: .backup, nopreempt: true, version: 3, advertInterval: 20))
        view.nodes[lb1]?.timers["VI_1"] = LiveTimers(
            of: .init(name: "VI_1", role: .master, version: 3, advertInterval: 500))
        #expect(!view.timers(of: instance, on: lb2, in: cluster).preempts)
        #expect(
            view.masterDownTime(of: instance, on: lb2, in: cluster)
                == MasterDownTime(version: 3, priority: 100, advertInterval: .seconds(5), adverts: 4))
        // Whoever is lowered waits longer.
        view.nodes[lb2]?.priorities["VI_1"] = 40
        #expect(view.masterDownTime(of: instance, on: lb2, in: cluster).skew == .seconds(5) * 216 / 256)
    }
}

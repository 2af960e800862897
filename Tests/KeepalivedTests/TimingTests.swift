import Testing

@testable import Keepalived

@Suite struct TimingTests {
    /// 3414062 µs for 150 and 3609375 µs for 100 are what keepalived 2.2.7 printed of itself.
    @Test(arguments: [
        (2, 150, Duration.seconds(1), Duration.nanoseconds(3_414_062_500)),
        (2, 100, .seconds(1), .nanoseconds(3_609_375_000)),
        (2, 254, .seconds(1), .nanoseconds(3_007_812_500)),
        (2, 100, .seconds(4), .nanoseconds(12_609_375_000)),
        (3, 150, .milliseconds(500), .nanoseconds(1_707_031_250)),
    ])
    func `master-down times`(version: Int, priority: Int, interval: Duration, expected: Duration) {
        let time = MasterDownTime(version: version, priority: priority, advertInterval: interval)
        #expect(time.value == expected)
    }

    @Test func `how long an address is silent`() {
        let successor = MasterDownTime(version: 2, priority: 100, advertInterval: .seconds(1))
        #expect(OutagePrediction(of: .stop, successor: successor).longest == .nanoseconds(609_375_000))
        let kill = OutagePrediction(of: .kill, successor: successor)
        #expect(kill.shortest == .nanoseconds(2_609_375_000))
        #expect(kill.longest == .nanoseconds(3_609_375_000))
        #expect(OutagePrediction(of: .reload, successor: successor).longest == .zero)
        #expect(OutagePrediction(of: .handover, successor: successor).longest == .zero)
    }

    private func tracked(_ name: String, _ weight: Int, reversed: Bool = false) -> PriorityArithmetic.Weight {
        PriorityArithmetic.Weight(name, weight, isReversed: reversed)
    }

    @Test func `what is reached before the sum is clamped`() {
        let sum = PriorityArithmetic(
            base: 250, tracked: [tracked("a", -60), tracked("b", 20), tracked("c", 30, reversed: true)])
        #expect(sum.reach == 160...270)
        #expect(
            PriorityArithmetic.clamped(sum.reach.upperBound) == 254 && PriorityArithmetic.clamped(-3) == 1)
    }

    @Test func `weights are added, clamped, and spare the owner`() {
        let sum = PriorityArithmetic(
            base: 150, tracked: [tracked("a", -60), tracked("b", 20), tracked("c", -200)])
        #expect(sum.outcome() == .priority(170))
        #expect(sum.outcome(failing: ["a"]) == .priority(110))
        #expect(sum.outcome(failing: ["a", "b"]) == .priority(90))
        #expect(sum.outcome(failing: ["a", "b", "c"]) == .priority(1))
        #expect(PriorityArithmetic(base: 250, tracked: [tracked("b", 20)]).outcome() == .priority(254))
        #expect(
            PriorityArithmetic(base: 255, tracked: [tracked("b", -20)]).outcome(failing: ["b"])
                == .priority(255))
    }

    @Test func `without a weight a failure is FAULT`() {
        let sum = PriorityArithmetic(base: 100, tracked: [tracked("a", 0), tracked("b", -1)])
        #expect(sum.outcome(failing: ["a", "b"]) == .fault(causes: ["a"]))
        #expect(sum.outcome(failing: ["b"]) == .priority(99))
    }

    @Test func `a tracked file multiplies, and -254 or a number without weight is FAULT`() {
        let sum = PriorityArithmetic(base: 100, tracked: [], files: [tracked("drain", 1), tracked("off", 0)])
        #expect(sum.outcome(fileValues: ["drain": 60]) == .priority(160))
        #expect(sum.outcome(fileValues: ["drain": -60]) == .priority(40))
        #expect(sum.outcome(fileValues: ["drain": -254]) == .fault(causes: ["drain"]))
        #expect(sum.outcome(fileValues: ["off": 1]) == .fault(causes: ["off"]))
        #expect(sum.outcome(fileValues: ["drain": Int.min]) != .priority(100))
    }

    @Test func `reverse turns a weight round`() {
        let sum = PriorityArithmetic(base: 100, tracked: [tracked("a", 10, reversed: true)])
        #expect(sum.outcome() == .priority(90))
        #expect(sum.outcome(failing: ["a"]) == .priority(100))
    }
}

import Remote
import Testing

@testable import Inventory

/// An instance's priority by the inventory, where all its checks pass.
@Suite struct HealthyPriorityTests {
    private func priority(_ base: Int, priorityOverride: Int = 0, weights: [Int], others: [Int] = []) -> Int?
    {
        let own = weights.enumerated().map { TrackScript(name: "own\($0)", run: "true", weight: $1) }
        let foreign = others.enumerated().map { TrackScript(name: "other\($0)", run: "true", weight: $1) }
        let instance = VRRPInstance(
            name: "VI_1", routerID: 51, addresses: [], trackScripts: own.map(\.name),
            preferred: HostID("lb1"),
            priorities: [:])
        let settings = KeepalivedSettings(interface: "eth0", scripts: own + foreign, instances: [instance])
        return settings.healthyPriority(of: instance, base: base, priorityOverride: priorityOverride)
    }

    @Test func `what an instance tracks counts, clamped, and a number of -254 is FAULT`() {
        #expect(priority(100, weights: [20, -30, 0], others: [40]) == 120)
        #expect(priority(100, priorityOverride: 51, weights: [20]) == 171)
        #expect(priority(250, weights: [20]) == 254 && priority(10, priorityOverride: -60, weights: []) == 1)
        #expect(priority(100, priorityOverride: -254, weights: []) == nil)
    }
}

import Addresses
import Inventory
import Remote
import Rollout
import Survey
import Testing

@testable import Checks
@testable import HaopsCommands

/// What `status` makes of verdicts.
struct StatusTests {
    private func statuses(_ verdicts: VIPOwnership.Verdict...) throws -> [ClusterStatus] {
        let vip = try #require(IPAddress("203.0.113.50"))
        let ownerships = verdicts.map {
            VIPOwnership(
                vip: vip, cluster: "web", instance: "VI_1", verdict: $0, nodes: [], arp: [],
                reason: "lb2's | bar")
        }
        let cluster = Cluster(name: "web", nodes: [])
        return [
            ClusterStatus(
                survey: OwnershipSurvey.Outcome(
                    cluster: cluster, ownerships: ownerships, nodes: [], observers: []))
        ]
    }

    @Test func `an address whose owner is not known is not well`() throws {
        let unknown = try statuses(.owned, .unknown)
        #expect(Status.exit(unknown) == .unreachable)
        #expect(PluginAnswer.status(unknown).state == .unknown)
        #expect(
            PluginAnswer.status(unknown).line
                == "HAOPS UNKNOWN - 203.0.113.50 unknown: lb2's / bar | nodes=0 unreachable=0 drifted=0\n")
        #expect(Status.exit(try statuses(.owned)) == .done)
        #expect(PluginAnswer.status(try statuses(.owned)).state == .ok)
        #expect(Status.exit(try statuses(.unknown, .orphan)) == .badState)
        #expect(PluginAnswer.status(try statuses(.unknown, .orphan)).state == .critical)
    }
}

import Keepalived
import Testing

@testable import Checks

/// What doctor says where it finds nothing.
@Suite struct DoctorSummaryTests {
    private let observation = ClusterObservation(
        cluster: "web", vips: [],
        nodes: [
            ObservedMachine(name: "lb1", holds: true, role: .master, priority: 150).node,
            ObservedMachine(name: "lb2").node,
        ], observersBefore: [], observersAfter: [], seconds: 4)

    @Test func `one cluster has its owners in the line`() {
        #expect("\(DoctorSummary([observation]))" == "no problems: 2 nodes, 1 VIP; lb1 owns 203.0.113.50")
    }

    @Test func `several clusters are counted`() {
        #expect("\(DoctorSummary([observation, observation]))" == "no problems: 2 clusters, 2 nodes, 2 VIPs")
    }
}

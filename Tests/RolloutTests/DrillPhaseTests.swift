import Addresses
import Keepalived
import Remote
import Survey
import Testing
import Timeline

@testable import Rollout

struct DrillPhaseTests {
    private static let start = 1_796_095_743_000_000
    private let vip: IPAddress
    private let old: MACAddress
    private let new: MACAddress

    init() throws {
        vip = try #require(IPAddress("203.0.113.50"))
        old = try #require(MACAddress("02:00:00:00:01:0b"))
        new = try #require(MACAddress("02:00:00:00:01:0c"))
    }

    private func event(_ line: String, on host: String) -> WitnessEvent? {
        WitnessLines(host: HostID(host), clock: ClockOffset()).event(of: line)
    }

    @Test func `phases are in their order, from failure to service`() {
        let lines: [(String, String)] = [
            ("client", "now 203.0.113.50 dev eth1 lladdr 02:00:00:00:01:0b REACHABLE"),
            ("lb1", "1796095742.500000 lb1 Keepalived_vrrp[1]: (VI_1) Entering MASTER STATE"),
            ("client", "[2026-12-01T03:29:03.100000] 203.0.113.50 dev eth1 lladdr 02:00:00:00:01:0b DELAY"),
            (
                "lb2",
                "1796095743.004000 lb2 Keepalived_vrrp[1]: (VI_1) Backup received priority 0 advertisement"
            ),
            ("lb2", "1796095743.619000 lb2 Keepalived_vrrp[1]: (VI_1) Entering MASTER STATE"),
            ("lb2", "1796095743.618000 lb2 Keepalived_vrrp[1]: (VI_2) Entering MASTER STATE"),
            ("lb2", "[2026-12-01T03:29:03.620000] 3: eth1    inet 203.0.113.50/24 scope global"),
            (
                "client",
                "[2026-12-01T03:29:03.621000] 203.0.113.50 dev eth1 lladdr 02:00:00:00:01:0c REACHABLE"
            ),
        ]
        let answers = (0..<200).filter { !(0..<63).contains($0) }.map {
            ProbeAnswer(number: $0, sent: Self.start + $0 * 10_000, received: Self.start + $0 * 10_000 + 500)
        }
        let time = Self.start..<(Self.start + 2_000_000)
        let before = ProbeAnswer(number: -1, sent: Self.start - 10_000, received: Self.start - 9_500)
        let measurement = DrillResult.Measurement(
            address: vip, instance: "VI_1", observer: HostID("client"), probe: .icmp, interval: 10_000,
            resolution: 20_000, failover: Outage([before] + answers, interval: 10_000, within: time),
            reversion: Outage(), duplicates: 0, clockBound: 0)
        let phases = DrillPhases(
            events: lines.compactMap { event($0.1, on: $0.0) }.sorted { $0.time < $1.time },
            measurements: [measurement], nodes: [HostID("lb1"), HostID("lb2")],
            owners: [old: HostID("lb1"), new: HostID("lb2")]
        ).phases(of: "VI_1", [vip], within: time, \.failover)
        #expect(phases.map(\.name) == [.noticed, .elected, .assigned, .announced, .answering])
        #expect(phases.map(\.at) == [4_000, 619_000, 620_000, 621_000, 630_500])
        #expect(phases.map(\.host.name) == ["lb2", "lb2", "lb2", "client", "client"])
        #expect(phases[3].what == "client sends to lb2")
    }
}

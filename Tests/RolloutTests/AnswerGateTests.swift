import Addresses
import Facts
import HaopsTestSupport
import Inventory
import Keepalived
import Remote
import Testing

@testable import Checks
@testable import Rollout

/// What a gate makes of an address that does not answer.
@Suite struct AnswerGateTests {
    private let cluster = Cluster(name: "web", nodes: [])
    private let transport = ScriptedTransport([:])

    /// As another node asks: what it hears, and what it is told on port 80.
    private func verdict(
        _ answer: VIPOwnership.Answer, isAnswered: Bool, port: PortAnswer? = nil
    ) throws -> VIPOwnership {
        var probe = AnswerProbe.Answer()
        probe.isAsked = true
        probe.isPinged = isAnswered
        probe.ports = port.map { [80: $0] } ?? [:]
        var ownership = VIPOwnership(
            vip: try #require(IPAddress("203.0.113.50")), cluster: "web", instance: "VI_1",
            verdict: answer == .dark ? .dark : answer == .contested ? .contested : .owned,
            nodes: [
                VIPOwnership.NodeView(
                    node: "lb1", holds: true, daemonRuns: true, claim: .master, roleSource: .daemon)
            ], arp: [], reason: "as tested")
        ownership.answer = answer
        ownership.answers = [
            VIPOwnership.AnswerView(
                observer: "lb2", isOwner: false, probe: probe, speakers: [], hearsSomebody: true)
        ]
        return ownership
    }

    private func problems(before: VIPOwnership?, after: VIPOwnership) -> Int {
        AnswerGate(cluster: cluster, over: transport, before: before.map { [$0] } ?? []).problems(in: [after])
            .count
    }

    @Test func `an owner that has fallen silent fails it`() throws {
        let served = try verdict(.answers, isAnswered: true, port: .answers)
        let silent = try verdict(.dark, isAnswered: false)
        #expect(problems(before: served, after: silent) == 1)
        #expect(problems(before: nil, after: silent) == 1)
        #expect(problems(before: served, after: try verdict(.contested, isAnswered: true)) == 1)
        #expect(problems(before: served, after: served) == 0)
    }

    @Test func `what was dark before the change is none of its doing`() throws {
        let silent = try verdict(.dark, isAnswered: false)
        #expect(problems(before: silent, after: silent) == 0)
        let contested = try verdict(.contested, isAnswered: true)
        #expect(problems(before: contested, after: contested) == 0)
        #expect(problems(before: silent, after: contested) == 1)
    }

    /// It has no arping, a ping is not answered, and its neighbour entry is older than the question.
    @Test func `an older neighbour entry may have hidden that it was dark before`() throws {
        var hidden = try verdict(.notProbed, isAnswered: false)
        hidden.answers[0].probe.isAsked = false
        #expect(problems(before: hidden, after: try verdict(.dark, isAnswered: false)) == 1)
        hidden.answers[0].probe.isCached = true
        #expect(problems(before: hidden, after: try verdict(.dark, isAnswered: false)) == 0)
        #expect(problems(before: hidden, after: try verdict(.contested, isAnswered: true)) == 1)
    }

    @Test func `a port that nobody is served on counts where somebody was`() throws {
        let refused = try verdict(.dark, isAnswered: true, port: .refused)
        #expect(problems(before: nil, after: refused) == 0)
        #expect(problems(before: try verdict(.answers, isAnswered: true), after: refused) == 0)
        let served = try verdict(.answers, isAnswered: true, port: .answers)
        #expect(problems(before: served, after: refused) == 1)
    }

    @Test func `what nobody could ask fails nothing`() throws {
        let unprobed = try verdict(.notProbed, isAnswered: false)
        let served = try verdict(.answers, isAnswered: true, port: .answers)
        #expect(problems(before: served, after: unprobed) == 0)
        #expect(problems(before: served, after: try verdict(.unclear, isAnswered: false)) == 0)
    }
}

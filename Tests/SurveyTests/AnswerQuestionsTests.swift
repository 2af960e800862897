import Addresses
import Checks
import Facts
import Keepalived
import Remote
import Testing

@testable import Survey

/// Who asks for which addresses.
struct AnswerQuestionsTests {
    private func machine(_ name: String, _ address: String, holds vip: String? = nil) throws -> (
        HostID, ProbeResult
    ) {
        var facts = HostFacts(host: HostID(name))
        let held = try [address, vip].compactMap(\.self).map { Interface.Held(cidr: try #require(CIDR($0))) }
        facts.set(InterfacesFact.self, to: [Interface(name: "eth1", addresses: held)])
        if let vip {
            var daemon = KeepalivedDaemon(pid: 7, hasChild: true)
            daemon.roleSource = .daemon
            daemon.state = LiveState(instances: [
                LiveState.Instance(name: "VI_1", role: .master, addresses: [vip])
            ])
            facts.set(KeepalivedFact.self, to: daemon)
        }
        return (HostID(name), .success(facts))
    }

    @Test func `a machine that observes two clusters asks for the addresses of both`() throws {
        let observer = try machine("client", "203.0.113.5/24")
        var questions = AnswerQuestions()
        for (node, vip) in [("web1", "203.0.113.50"), ("db1", "203.0.113.60")] {
            let owner = try machine(node, "203.0.113.1\(vip.count)/24", holds: "\(vip)/24")
            let address = try #require(IPAddress(vip))
            let found = ownership(
                of: VIPQuestion(vip: address, cluster: node), nodes: [owner], observers: [observer])
            #expect(found.trueOwner == owner.0)
            questions.add(
                [found], ServedPorts(of: []), [owner, observer],
                [owner.0, observer.0].map { SSHTarget(id: $0, host: $0.name) })
        }
        let facts = questions.facts(patience: 10)
        #expect(Set(facts.keys) == ["web1", "db1", "client"])
        #expect(facts["client"]?.questions.map(\.address.description) == ["203.0.113.50", "203.0.113.60"])
        #expect(facts.values.allSatisfy { $0.patience == 10 })
    }
}

import HaopsTestSupport
import Inventory
import Remote
import Rendering
import Testing

/// What is rendered is accepted by the daemons that it is for, without a word.
@Suite(.enabled(if: RealDaemons.found != nil, "\(RealDaemons.reason)"))
struct RealDaemonTests {
    @Test(arguments: Topology.all)
    func `keepalived accepts every configuration and has nothing to say`(topology: Topology) async throws {
        let daemons = try #require(RealDaemons.found)
        for node in try topology.rendered() {
            let verdict = try await daemons.run(
                "keepalived -t; echo \"status $?\"; cat /run/haops-handover.* 2>/dev/null",
                files: files(node), interfaces: topology.cards[node.node.id] ?? [:])
            #expect(verdict.said == "status 0\n", "\(topology.name), \(node.node.id)")
        }
    }

    @Test(arguments: Topology.all.filter { $0.cluster.haproxy != nil })
    func `haproxy accepts every configuration, with warnings taken for errors`(topology: Topology)
        async throws
    {
        let daemons = try #require(RealDaemons.found)
        for node in try topology.rendered() {
            let verdict = try await daemons.run(
                "haproxy -c -dW -f /etc/haproxy/haproxy.cfg; echo \"status $?\"", files: files(node),
                interfaces: topology.cards[node.node.id] ?? [:])
            #expect(
                verdict.said == "Configuration file is valid\nstatus 0\n", "\(topology.name), \(node.node.id)"
            )
        }
    }

    @Test func `the daemons of these tests do complain when there is something to complain of`() async throws
    {
        let daemons = try #require(RealDaemons.found)
        let node = try #require(try Topology.lab.rendered().first)
        let spoiled = files(node).map { file in
            var file = file
            file.contents += Array("\nnonsense\n".utf8)
            return file
        }
        let verdict = try await daemons.run(
            "keepalived -t; echo \"status $?\"; haproxy -c -f /etc/haproxy/haproxy.cfg >/dev/null 2>&1; echo $?",
            files: spoiled, interfaces: Topology.lab.cards[node.node.id] ?? [:])
        #expect(verdict.said.contains("Unknown keyword 'nonsense'"))
        #expect(verdict.said.hasSuffix("status 5\n1\n"))
    }

    private func files(_ node: RenderedNode) -> [RealDaemons.File] {
        node.files.map { RealDaemons.File(path: $0.path, contents: $0.contents, mode: $0.mode) }
    }
}

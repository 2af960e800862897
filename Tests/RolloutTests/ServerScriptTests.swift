import Facts
import HaopsTestSupport
import Remote
import Testing

@testable import Rollout

/// What a node does with the servers that haops keeps out of service, as far as that needs no haproxy.
@Suite(.serialized)
struct ServerScriptTests {
    private let web2 = ServerName(backend: "web", server: "web2")

    private func kept(_ reason: String = "") throws -> KeptServer {
        KeptServer(
            name: try #require(web2), state: .drain, who: "ops@desk", since: "2026-12-01T18:20:00Z",
            reason: reason)
    }

    private func keep(_ node: ScratchNode, _ servers: [KeptServer]) async throws -> CommandOutput {
        try await node.run(
            "A", [.servers, .keep],
            [("KEPT", KeptServer.file(servers)), ("SERVERS", ""), ("EVENT", "drain web/web2")],
            input: ServerRunner.resident(root: node.root))
    }

    /// As haproxy 2.6.12 answers three commands in one connection, the second of which it refuses.
    private static let answer = """
        Name: HAProxy
        Pid: 412
        description: other web/web1


        Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.


        1
        # be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change
        3 web 1 web1 203.0.113.21 2 8 100 100 61
        3 web 2 web2 203.0.113.22 2 0 100 100 61
        3 web 3 web3 203.0.113.23 0 5 50 100 61
        """

    private func judged(_ lines: String, shell: String = "sh") async throws -> [String] {
        let node = try ScratchNode(shell: shell)
        let output = try await node.run(
            "A", [.servers], [("GIVEN", lines), ("ANSWER", Self.answer)],
            setUp: "judge_servers \"$GIVEN\" \"$ANSWER\"")
        return output.text.split(separator: "\n").map(String.init)
    }

    @Test(arguments: ["sh", "bash"])
    func `haproxy's own word decides whether a server is as it was wanted`(shell: String) async throws {
        let complaint =
            "complaint Backend is using a static LB algorithm and only accepts weights '0%' and '100%'."
        #expect(
            try await judged(
                "web web1 drain -\nweb web2 - 50%\nweb web3 maint 50%\nweb web9 drain -", shell: shell)
                == [
                    "process 412", complaint, "so web/web1", "other web/web2 ready 100", "so web/web3",
                    "absent web/web9",
                ])
        #expect(
            try await judged("web web1 ready -\nweb web2 - 100%\nweb web3 - 50", shell: shell)
                == ["process 412", complaint, "other web/web1 drain 100", "so web/web2", "so web/web3"])
    }

    @Test func `the list is kept with its script, root's alone, and both go with the last server`()
        async throws
    {
        let node = try ScratchNode()
        #expect(try await keep(node, [kept("kernel 'new'\t$(id) `id`")]).status == .code(0))
        let list = try #require(node.text("/var/lib/haops/servers"))
        #expect(try KeptServersFact().parse(SectionOutput(list)) == [kept("kernel 'new' $(id) `id`")])
        #expect(node.text("/var/lib/haops/servers.sh") == ServerRunner.resident(root: node.root))
        let modes = try await node.run("A", [], setUp: "stat -c %a $state/servers $state/servers.sh")
        #expect(modes.text == "600\n600\n")
        #expect(node.text("/var/lib/haops/journal")?.contains("\tdrain web/web2\t") == true)
        // Asked again after a lost connection, and taken back.
        #expect(try await keep(node, [kept()]).status == .code(0))
        #expect(try await keep(node, []).status == .code(0))
        #expect(!node.exists("/var/lib/haops/servers") && !node.exists("/var/lib/haops/servers.sh"))
        #expect(try await keep(node, []).status == .code(0))
    }

    @Test func `where nothing can be written, what is kept already is still taken for kept`() async throws {
        let node = try ScratchNode()
        _ = try await keep(node, [kept()])
        _ = try await node.run("A", [], setUp: "mkdir $state/servers.part $state/unfinished.part")
        let list = node.text("/var/lib/haops/servers")
        #expect(try await keep(node, [kept()]).status == .code(0))
        let other = try await keep(node, [kept("another")])
        #expect(other.status == .code(1) && other.errorText.contains("cannot write"), "\(other.errorText)")
        #expect(node.text("/var/lib/haops/servers") == list && !node.exists("/var/lib/haops/servers.sh.part"))
    }

    @Test func `a run that has lost the node's lock keeps nothing`() async throws {
        let node = try ScratchNode()
        let output = try await node.run(
            "A", [.servers], setUp: "LOCKED=yes KEPT=x SERVERS= EVENT=x\n" + NodeScript.Part.keep.text)
        #expect(output.status == .code(1) && output.errorText.contains("lost the node's lock"))
        #expect(!node.exists("/var/lib/haops/servers"))
    }

    @Test func `what no haproxy answers to is given up at once between reloads, and said`() async throws {
        let node = try ScratchNode()
        _ = try await keep(node, [kept()])
        let output = try await node.run("A", [], setUp: "sh $state/servers.sh now")
        #expect(output.status == .code(1))
        #expect(output.errorText.contains("could not set them: no runtime socket answers"))
        _ = try await keep(node, [])
        #expect(try await node.run("A", [.servers, .reapply]).status == .code(0), "nothing is kept")
    }

    @Test func `nothing but names reaches haproxy`() async throws {
        let node = try ScratchNode()
        let lines = [
            "# a comment", "web\tweb2\tdrain\t-\tops\tnow\t-\twhy", "web\tw;shutdown\tdrain\t-\ta\tb\t-\t-",
            "$(id)\tweb2\tdrain\t-\ta\tb\t-\t-", "web\tweb2", "",
        ].joined(separator: "\n")
        let output = try await node.run("A", [.servers], input: lines, setUp: "server_lines")
        #expect(output.text == "web web2 drain -\n")
    }
}

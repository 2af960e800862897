import HaopsTestSupport
import Remote
import Testing

@testable import Facts

/// What haproxy says of its servers, and what haops keeps of them on a machine.
@Suite struct ServerFactsTests {
    /// As haproxy 2.6.12 answers: web2 is drained at half its weight, web3 is `disabled` in haproxy.cfg, old is down.
    private static let recorded = """
        socket=/run/haproxy/admin.sock
        level=admin
        said=Name: HAProxy
        said=Nbproc: 1
        said=Pid: 412
        said=description: # be_id be_name
        said=
        said=1
        said=# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port
        said=3 web 1 web1 203.0.113.21 2 0 100 100 61 6 3 4 6 0 0 0 - 80 - 0 0 - - 0
        said=3 web 2 web2 203.0.113.22 2 8 50 100 61 6 3 4 6 0 0 0 - 80 - 0 0 - - 0
        said=3 web 3 web3 203.0.113.23 0 5 1 1 61 1 0 0 14 0 0 0 - 80 - 0 0 - - 0
        said=4 <HTTPCLIENT> 1 <HTTPSCLIENT> - 2 0 1 1 61 1 0 0 6 0 0 0 - 0 - 0 0 - - 0
        said=5 old 1 old1 203.0.113.24 0 0 1 1 61 7 2 0 6 0 0 0 - 80 - 0 0 - - 0
        """

    private func name(_ text: String) throws -> ServerName {
        let parts = text.split(separator: "/")
        return try #require(ServerName(backend: parts[0], server: parts[1]))
    }

    @Test func `haproxy's servers are read by the names of its columns`() throws {
        let states = try ServerStatesFact().parse(SectionOutput(Self.recorded))
        #expect(states.socket == "/run/haproxy/admin.sock" && states.level == .admin && states.processes == 1)
        #expect(
            states.servers.keys.sorted().map(\.description) == [
                "old/old1", "web/web1", "web/web2", "web/web3",
            ])
        let (web1, web2) = (
            try #require(states.servers[name("web/web1")]), try #require(states.servers[name("web/web2")])
        )
        let (web3, old) = (
            try #require(states.servers[name("web/web3")]), try #require(states.servers[name("old/old1")])
        )
        #expect(web1.isServing && web1.state == "ready")
        #expect(
            !web2.isServing && web2.isUp && web2.state == "drain" && web2.weight == 50
                && web2.configuredWeight == 100)
        #expect(web3.state == "maint" && web3.flags.contains(.disabled))
        #expect(!old.isServing && old.flags.isEmpty)
    }

    @Test func `a machine without a socket, or with one that may not change anything, says so`() throws {
        let none = try ServerStatesFact().parse(SectionOutput("client=none\n"))
        #expect(none.socket == nil && !none.hasClient && none.servers.isEmpty)
        let low = try ServerStatesFact().parse(SectionOutput("socket=/run/a\nlevel=operator\n"))
        #expect(low.level == .operator && low.hasClient)
        let cut = try ServerStatesFact().parse(
            SectionOutput("socket=/run/a\nlevel=admin\nsaid=# be_name srv_name\nsaid=web\nsaid=web web1 9 x"))
        #expect(cut.servers.isEmpty)
    }

    @Test func `a line that is written is read as the same, whatever the reason says`() throws {
        let server = KeptServer(
            name: try name("web/web2"), state: .drain, weight: ServerWeight("50%"), who: "ops@desk",
            since: "2026-12-01T18:20:00Z", until: "2026-12-02T06:00:00Z", reason: "kernel, “new”")
        #expect(KeptServer(line: server.line) == server)
        var hostile = server
        hostile.reason = "a\tb\nweb\tweb1\tdrain\t-\u{1b}[31m"
        let lines = KeptServer.file([hostile]).split(separator: "\n")
        #expect(lines.count == 2 && lines[0].hasPrefix("# "))
        let read = try KeptServersFact().parse(SectionOutput(KeptServer.file([hostile])))
        #expect(read.map(\.name) == [server.name] && read[0].reason == "a b web web1 drain - [31m")
    }

    @Test(arguments: [
        "", "# web", "web\tweb2\tdrain", "web\tw;b2\tdrain\t-\ta\tb\t-\t-",
        "$(id)\tweb2\tdrain\t-\ta\tb\t-\t-",
        "web\tweb2\tready\t-\ta\tb\t-\t-", "web\tweb2\t-\t50%;x\ta\tb\t-\t-",
        "web/web2\tweb2\tdrain\t-\ta\tb\t-\t-",
        "web\t\tdrain\t-\ta\tb\t-\t-",
    ])
    func `what keeps nothing, or nothing that haproxy has, is no line`(line: String) {
        #expect(KeptServer(line: line) == nil)
    }

    @Test func `a weight is worked out as haproxy does it`() throws {
        let half = try #require(ServerWeight("50%"))
        #expect(half.inForce(configured: 100) == 50 && half.inForce(configured: 1) == 0)
        #expect(try #require(ServerWeight("25600%")).inForce(configured: 256) == 256)
        #expect(try #require(ServerWeight("0")).inForce(configured: 10) == 0)
        #expect(try #require(ServerWeight("100%")) == .configured)
        for bad in ["", "%", "-1", "257", "1.5", "50 %", "50%%", "٥", "99999%"] {
            #expect(ServerWeight(bad) == nil, "\(bad)")
        }
    }

    @Test func `nothing is kept where there is no list`() async throws {
        let here = SSHTarget(id: HostID("here"), host: "here")
        let facts = try await LocalTransport(shell: "sh").facts(of: here, Probe([KeptServersFact()])).get()
        #expect(try facts.value(of: KeptServersFact.self).isEmpty)
    }
}

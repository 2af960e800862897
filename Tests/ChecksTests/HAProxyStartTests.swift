import Addresses
import Facts
import HAProxy
import Testing

@testable import Checks

/// What keeps haproxy from starting although its own test passes, as far as it is certain.
@Suite struct HAProxyStartTests {
    private func obstacles(
        _ text: String, needs: HAProxyNeeds? = nil, listening: String = "", runs: Bool = true
    ) throws -> [String] {
        let own = #"LISTEN 0 4096 203.0.113.50:80 0.0.0.0:* users:(("haproxy",pid=7,fd=5))"#
        let state = try HAProxyFact().parse(
            SectionOutput("all=\n" + (runs ? own + "\n" : "") + listening + "\n"))
        return HAProxyConfiguration(path: "haproxy.cfg", bytes: Array(text.utf8))
            .obstaclesToStart(needs: needs, state: state)
    }

    @Test func `a directory that is missing is named with its line`() throws {
        let text = "global\n stats socket /nonexistent/x.sock level admin\n chroot /var/lib/haproxy\n"
        let found = try obstacles(text, needs: HAProxyNeeds(missingDirectories: ["/nonexistent"]))
        #expect(found.count == 1 && found[0].contains("haproxy.cfg:2") && found[0].contains("/nonexistent"))
        #expect(try obstacles(text, needs: HAProxyNeeds()) == [])
    }

    @Test func `what the service manager makes with the start is not missing before`() throws {
        let text = "global\n stats socket /run/haproxy/admin.sock\n"
        let needs = HAProxyNeeds(missingDirectories: ["/run/haproxy"])
        #expect(try obstacles(text, needs: needs, runs: false) == [])
        #expect(try obstacles(text, needs: needs).count == 1)
    }

    @Test(arguments: [
        #"LISTEN 0 8 0.0.0.0:81 0.0.0.0:* users:(("nginx",pid=9,fd=5))"#,
        #"LISTEN 0 8 *:81 *:* users:(("nginx",pid=9,fd=5))"#,
        #"LISTEN 0 8 203.0.113.50:81 0.0.0.0:* users:(("nginx",pid=9,fd=5),("nginx",pid=10,fd=5))"#,
        "LISTEN 0 8 0.0.0.0:81 0.0.0.0:*",
    ])
    func `a port that somebody else has is taken`(_ line: String) throws {
        let found = try obstacles("frontend web\n bind 203.0.113.50:81\n", listening: line)
        #expect(found.count == 1 && found[0].contains("203.0.113.50:81"), "\(found)")
    }

    @Test(arguments: [
        #"LISTEN 0 8 0.0.0.0:82 0.0.0.0:* users:(("nginx",pid=9,fd=5))"#,
        #"LISTEN 0 8 127.0.0.1:81 0.0.0.0:* users:(("nginx",pid=9,fd=5))"#,
        #"LISTEN 0 8 [::]:81 [::]:* users:(("nginx",pid=9,fd=5))"#,
        #"LISTEN 0 8 0.0.0.0:81 0.0.0.0:* users:(("systemd",pid=1,fd=5),("haproxy",pid=10,fd=5))"#,
    ])
    func `a port that nobody else has there is free`(_ line: String) throws {
        #expect(try obstacles("frontend web\n bind 203.0.113.50:81\n", listening: line) == [])
    }

    @Test func `what haproxy listens on already it can listen on again`() throws {
        let foreign = #"LISTEN 0 8 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=9,fd=5))"#
        #expect(try obstacles("frontend web\n bind 203.0.113.50:80\n", listening: foreign) == [])
    }

    @Test func `what listens in another namespace is not judged here`() throws {
        let foreign = #"LISTEN 0 8 0.0.0.0:81 0.0.0.0:* users:(("nginx",pid=9,fd=5))"#
        #expect(try obstacles("frontend web\n bind :81 namespace blue\n", listening: foreign) == [])
    }

    @Test func `more connections than files are no start, unless haproxy is told to bear it`() throws {
        let needs = HAProxyNeeds(mostFiles: 1_048_576)
        let found = try obstacles("global\n maxconn 600000\n", needs: needs)
        #expect(found.count == 1 && found[0].contains("maxconn 600000"))
        #expect(try obstacles("global\n maxconn 100000\n", needs: needs) == [])
        #expect(try obstacles("global\n no strict-limits\n maxconn 600000\n", needs: needs) == [])
        #expect(try obstacles("defaults\n maxconn 600000\n", needs: needs) == [])
    }

    @Test func `a foreign listener is not haproxy's`() throws {
        let state = try HAProxyFact().parse(
            SectionOutput(
                """
                all=
                LISTEN 0 8 0.0.0.0:81 0.0.0.0:*
                LISTEN 0 8 [::]:82 [::]:* users:(("haproxy_exporte",pid=9,fd=5))
                LISTEN 0 8 *:83 *:* users:(("haproxy",pid=9,fd=5))
                """))
        #expect(!state.accepts(.v4(0xCB00_7132), port: 81) && !state.accepts(nil, port: 82))
        #expect(state.accepts(.v4(0xCB00_7132), port: 83))
        let unprivileged = try HAProxyFact().parse(SectionOutput("LISTEN 0 8 0.0.0.0:81 0.0.0.0:*\n"))
        #expect(unprivileged.accepts(nil, port: 81), "whose it is is not known")
    }
}

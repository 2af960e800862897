import HaopsTestSupport
import Remote
import Testing

@testable import Facts

/// What a failover depends on beside keepalived and haproxy themselves.
@Suite struct ReadinessFactsTests {
    @Test func `what systemd does with a killed daemon is read with its delay`() throws {
        let found = try ServiceRestartFact().parse(
            SectionOutput(
                """
                service=keepalived
                Restart=on-failure
                RestartUSec=1min 30s
                service=haproxy
                RestartUSec=250ms
                Restart=always
                """))
        #expect(found["keepalived"] == RestartPolicy("on-failure", delay: .seconds(90)))
        #expect(found["haproxy"] == RestartPolicy("always", delay: .milliseconds(250)))
        #expect(found["haproxy"]?.startsKilled == true)
        #expect(!RestartPolicy("no").startsKilled && !RestartPolicy("on-success").startsKilled)
        // Without systemd, and with words that nobody knows.
        #expect(try ServiceRestartFact().parse(SectionOutput("")).isEmpty)
        let odd = try ServiceRestartFact().parse(
            SectionOutput("service=keepalived\nRestart=\nRestartUSec=infinity\nRestartUSec=99999999999s\n"))
        #expect(odd["keepalived"] == RestartPolicy(""))
    }

    @Test func `certificates are compared by their checksums, whole directories too`() async throws {
        let scratch = try Scratch()
        let config = scratch.path("haproxy.cfg")
        try scratch.write("A", to: scratch.path("a.pem"))
        try scratch.write("B", to: scratch.path("b.pem"))
        try scratch.write(
            """
            global
              crt-base \(scratch.directory)
              ca-base /nowhere
            frontend web
              bind :443 ssl crt "a.pem" crt \(scratch.path("b.pem"))\r
              bind :444 ssl crt none.pem ca-file @system-ca # crt comment.pem
            """ + "\n", to: config)
        func sums(_ input: String) async throws -> [String: String] {
            let output = try await LocalTransport().withSession(
                to: SSHTarget(id: HostID("here"), host: "here")
            ) {
                try await $0.run(Command(CertificatesFact.function + "\n" + input, operation: "read"))
            }
            return try CertificatesFact().parse(SectionOutput(bytes: output.stdout[...], status: 0))
        }
        let found = try await sums("certificates \(config.shellQuoted) | checksums")
        #expect(found[scratch.path("none.pem")] == "missing")
        #expect(found[scratch.path("a.pem")]?.hasPrefix("559aead08264d5795d3909718cdd05abd49572e8") == true)
        #expect(Set(found.keys) == Set(["a.pem", "b.pem", "none.pem"].map(scratch.path)))
        let whole = try await sums("echo \(scratch.directory.shellQuoted) | checksums")
        #expect(whole[scratch.path("b.pem")] == found[scratch.path("b.pem")] && whole.count == 3)
        #expect(try CertificatesFact().parse(SectionOutput("nonsense\n\nshort  /x\n")).isEmpty)
    }
}

import Testing

@testable import Facts

/// What tells when a daemon has read its configuration.
@Suite struct LoadFactsTests {
    @Test func `haproxy's processes, files, failures and log are read`() throws {
        let load = try HAProxyLoadFact().parse(
            SectionOutput(
                """
                started=1795944262
                file=1795945000 1795945001 /etc/haproxy/haproxy.cfg
                failed=2
                log=1795945002.5 lb1 haproxy[60]: [WARNING]  (60) : Loading failure!
                log=nonsense
                """))
        #expect(load.startedAt == 1_795_944_262 && load.failedReloads == 2)
        #expect(
            load.files == [
                HAProxyLoad.File(
                    path: "/etc/haproxy/haproxy.cfg", modified: 1_795_945_000, changed: 1_795_945_001)
            ])
        #expect(load.log.map(\.message) == ["[WARNING]  (60) : Loading failure!"])
        #expect(load.log.first?.at == 1_795_945_002)
        #expect(try HAProxyLoadFact().parse(SectionOutput("")) == HAProxyLoad(), "it does not run")
    }

    @Test func `haproxy is as old as its newest process and nothing else`() throws {
        let loads = try LoadTimesFact().parse(SectionOutput("haproxy=100\nhaproxy=300\nkeepalived=90\n"))
        #expect(loads["haproxy"] == 300)
        #expect(loads.hasRead(400, by: "haproxy") == false)
        #expect(loads.hasRead(301, by: "haproxy") == true)
    }

    @Test func `what systemd has forgotten the log and haops' mark still tell`() throws {
        let logged = try LoadTimesFact().parse(
            SectionOutput("keepalived=100\nlog=99\nkeepalived-logged=500\nkeepalived-logged=400\n"))
        #expect(logged.hasRead(450, by: "keepalived") == true)
        #expect(logged.hasRead(600, by: "keepalived") == false)
        let marked = try LoadTimesFact().parse(SectionOutput("keepalived=100\nkeepalived-mark=500\n"))
        #expect(marked.hasRead(450, by: "keepalived") == true)
        #expect(marked.hasRead(600, by: "keepalived") == nil, "a reload by others leaves no trace")
    }

    @Test func `a log that begins after a file was written does not tell of reloads before`() throws {
        let loads = try LoadTimesFact().parse(SectionOutput("keepalived=100\nlog=700\n"))
        #expect(loads.hasRead(600, by: "keepalived") == nil)
        #expect(loads.hasRead(800, by: "keepalived") == false)
        #expect(loads.hasRead(50, by: "keepalived") == true)
        #expect(loads.hasRead(50, by: "nothing") == nil)
    }

    @Test func `a reload that systemd remembers is the last one`() throws {
        let loads = try LoadTimesFact().parse(SectionOutput("keepalived=100\nkeepalived-reload=300\n"))
        #expect(loads.hasRead(600, by: "keepalived") == false)
    }

    @Test func `missing directories and limits are read`() throws {
        #expect(
            try HAProxyNeedsFact().parse(SectionOutput("missing=/a b\nmissing=/c\nnr_open=1048576\n"))
                == HAProxyNeeds(missingDirectories: ["/a b", "/c"], mostFiles: 1_048_576))
    }
}

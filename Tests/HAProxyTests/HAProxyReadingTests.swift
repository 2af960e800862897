import HaopsTestSupport
import Testing

@testable import HAProxy

/// What counts of a configuration: conditions, variables, several files, defaults.
@Suite struct HAProxyReadingTests {
    private func read(
        _ text: String, version: HAProxyVersion? = nil,
        _ environment: HAProxyEnvironment = HAProxyEnvironment()
    ) -> HAProxyConfiguration {
        HAProxyConfiguration(
            path: "haproxy.cfg", bytes: Array((text + "\n").utf8), version: version, environment: environment)
    }

    /// Whether a line below `.if` counts: `yes`, `no`, `maybe`, or `error`.
    private func answer(
        _ condition: String, _ version: HAProxyVersion? = HAProxyVersion(2, 6, 12),
        _ environment: HAProxyEnvironment = HAProxyEnvironment(["A": "x"], isWhole: true)
    ) -> String {
        let result = read("global\n.if \(condition)\n  daemon\n.endif", version: version, environment)
        if !result.problems.isEmpty { return "error" }
        guard let line = result.global.first else { return "no" }
        return line.isUndecided ? "maybe" : "yes"
    }

    @Test(arguments: [
        ("1", "yes"), ("0", "no"), ("", "no"), ("!0", "yes"), ("! ! 1", "yes"), ("defined(A)", "yes"),
        ("defined(B)", "no"), ("streq(a,a)", "yes"), ("streq(a,b)", "no"), ("strneq(a,b)", "yes"),
        ("version_atleast(2.4)", "yes"), ("version_atleast(2.6.12)", "yes"),
        ("version_atleast(2.6.13)", "no"),
        ("version_before(2.7)", "yes"), ("feature(OPENSSL)", "maybe"), ("!feature(OPENSSL)", "maybe"),
        ("feature(OPENSSL) && 0", "no"), ("feature(OPENSSL) || 1", "yes"), ("0 || ( 1 && !0 )", "yes"),
        ("1 && 0 || 1", "yes"), ("( 1", "error"), ("1 1", "error"), ("bogus(a)", "error"),
        ("streq(a)", "error"), ("strstr(abc,b)", "error"), ("streq(\"$A\",x)", "yes"), ("1 &&", "error"),
    ])
    func `a condition of 2_6 is decided`(condition: String, expected: String) {
        #expect(answer(condition) == expected)
    }

    @Test func `what nobody knows leaves a condition open`() {
        #expect(answer("defined(A)", nil, HAProxyEnvironment()) == "maybe")
        #expect(answer("version_atleast(2.4)", nil) == "maybe")
        #expect(answer("strstr(abc,b)", HAProxyVersion(2, 8)) == "yes")
        #expect(answer("1", HAProxyVersion(2, 3)) == "error", "2.3 has no directives")
    }

    @Test func `both branches of an open condition count, and are marked`() {
        let result = read(
            """
            global
            .if feature(X)
              daemon
            .elif feature(Y)
              nbthread 2
            .else
              nbthread 4
            .endif
              maxconn 9
            """)
        #expect(result.global.map(\.text) == ["daemon", "nbthread 2", "nbthread 4", "maxconn 9"])
        #expect(result.global.map(\.isUndecided) == [true, true, true, false])
    }

    @Test func `what follows a branch that is taken is left out, and not read`() {
        let result = read(
            """
            global
            .if 0
              .if nonsense
              .bogus
              .endif
            .elif 1
              daemon
            .elif nonsense
              quiet
            .else
              nbthread 4
            .endif
            """, version: HAProxyVersion(2, 6))
        #expect(result.global.map(\.text) == ["daemon"] && result.problems.isEmpty)
    }

    @Test(arguments: [
        (".endif", HAProxyProblem.Kind.lone), (".else", .lone), (".elif 1", .lone), (".if 1", .openCondition),
        (".include x", .unknownDirective), (".notice a b", .surplusArgument), (".alert \"no\"", .alert),
        ("no maxconn 3", .modifier), ("log-tag \"a", .flaw(.openQuote)),
        ("log-tag \\xz", .flaw(.hexadecimal)),
        ("log-tag \"${A\"", .flaw(.openBrace)), ("log-tag \"$1\"", .flaw(.variableName)),
        ("log-tag \"${A[1]}\"", .flaw(.wordExpansion)),
    ])
    func `what haproxy refuses is a problem at its place`(line: String, kind: HAProxyProblem.Kind) {
        let result = read("global\n  \(line)")
        #expect(result.problems.map(\.kind) == [kind])
        #expect(result.problems.first?.location.line == 2)
    }

    @Test func `a last line without its end is a problem, and so is a word before the sections`() {
        let result = HAProxyConfiguration(path: "h", bytes: Array("stray\nglobal\n  daemon".utf8))
        #expect(result.problems.map(\.kind) == [.outsideSection, .missingLineEnd])
        #expect(result.problems.last?.location == .init(file: "h", line: 3, column: 3))
    }

    @Test func `variables have the values that the file gives them`() {
        let result = read(
            """
            global
              setenv PORT 8080
              presetenv PORT 9
              setenv OPTIONS "check inter 2s"
            frontend web
              bind ":${PORT}"
              bind "${HOST-127.0.0.1}:81"
            backend app
              server a 192.0.2.1:80 "${OPTIONS[*]}" weight 3
              server b 192.0.2.2:80 "${NONE[*]}" check
            """, HAProxyEnvironment(isWhole: true))
        #expect(result.binds.map(\.text) == [":8080", "127.0.0.1:81"])
        #expect(result.servers.map { $0.has("check") } == [true, true])
        #expect(result.servers[0].value("inter") == "2s" && result.servers[0].value("weight") == "3")
    }

    @Test func `a variable that nobody knows stays as it is written`() {
        let word = read("frontend web\n  bind \"${HOST}:80\"").sections[0].statements[0].words[1]
        #expect(word.hasVariables && word.value == "${HOST}:80")
        let unset = read("frontend web\n  bind \"${HOST}:80\"", HAProxyEnvironment(isWhole: true))
        #expect(unset.binds.map(\.text) == [":80"])
    }

    @Test func `files are read in their order, and a section goes on in the next`() {
        let result = HAProxyConfiguration(files: [
            HAProxyFile(path: "a", bytes: Array("backend app\n".utf8)),
            HAProxyFile(path: "b", bytes: Array("  server a 192.0.2.1:80\n".utf8)),
        ])
        #expect(result.servers.first?.location == .init(file: "b", line: 1, column: 3))
        let names = HAProxyConfiguration.fileNames(in: [
            "b.cfg", ".c.cfg", "Z.cfg", "a.cfg", "a.conf", "_.cfg",
        ])
        #expect(names == ["Z.cfg", "_.cfg", "a.cfg", "b.cfg"])
    }

    @Test func `a proxy has the settings of the latest defaults, or of the one that it names`() {
        let result = read(
            """
            defaults base
              mode http
              timeout client 1s
              default-server inter 2s
            defaults long from base
              timeout client 1h
            frontend one
              bind :80
            backend two from base
              server a 192.0.2.1:80
            backend three from nobody
            defaults
            listen four
            """)
        let proxies = result.proxies
        #expect(proxies.map(\.mode) == ["http", "http", "tcp", "tcp"])
        #expect(proxies.map { $0.setting("timeout client")?.argument(1) } == ["1h", "1s", nil, nil])
        #expect(proxies[1].servers[0].value("inter") == "2s")
        #expect(proxies[3].isFrontend && proxies[3].isBackend && proxies[1].isFrontend == false)
        #expect(result.undefinedReferences.map(\.name) == ["nobody"])
    }

    @Test func `a section of a later release is kept as one`() {
        let result = read(
            """
            global
                daemon
            quantum-section one
                spin up
            backend app
                server a 192.0.2.1:80
            """)
        #expect(result.sections.map(\.keyword) == ["global", "quantum-section", "backend"])
        #expect(result.sections.map(\.isKnown) == [true, false, true])
        #expect(result.global.map(\.text) == ["daemon"])
    }

    @Test func `options are told from their values`() {
        let server = read(
            """
            backend app
              default-server inter 5s check
              server a 192.0.2.1:80 no-check ssl verify none cookie check bogus
            """
        ).servers[0]
        #expect(!server.has("check") && server.value("verify") == "none" && server.value("cookie") == "check")
        #expect(server.value("inter") == "5s" && server.options.unknown.map(\.value) == ["bogus"])
    }

    @Test func `keywords have the releases that know them`() {
        #expect(HAProxyKeywords.proxy["reqrep"]?.isKnown(to: HAProxyVersion(2, 0, 9)) == true)
        #expect(HAProxyKeywords.proxy["reqrep"]?.isKnown(to: HAProxyVersion(2, 1)) == false)
        #expect(HAProxyKeywords.option["forwarded"]?.isKnown(to: HAProxyVersion(2, 6)) == false)
        #expect(HAProxyKeywords.option["forwarded"]?.isKnown(to: HAProxyVersion(2, 8, 3)) == true)
        #expect(HAProxyKeywords.global["nbproc"]?.until == HAProxyVersion(2, 4))
        #expect(HAProxyKeywords.server["init-state"]?.since == HAProxyVersion(3, 1))
    }

    @Test(arguments: [
        ("2.6.12-1+deb12u4", HAProxyVersion(2, 6, 12)), ("v3.0", HAProxyVersion(3, 0)),
        ("3.5-dev5", HAProxyVersion(3, 5)),
    ])
    func `a version is read of what haproxy prints`(text: String, expected: HAProxyVersion) {
        #expect(HAProxyVersion(text) == expected)
        #expect(HAProxyVersion("three") == nil && HAProxyVersion("3") == nil)
    }

    @Test func `a time has a unit or is milliseconds`() {
        #expect(HAProxyTime("30")?.milliseconds == 30 && HAProxyTime("5m")?.milliseconds == 300_000)
        #expect(HAProxyTime("5sec") == nil && HAProxyTime("") == nil && HAProxyTime("s") == nil)
    }

    @Test func `conditions and chains of defaults are read in linear time`() async {
        let isLinear = await Growth.isLinear(from: 64, to: 1 << 13) { size in
            Array(
                ((0..<size).map {
                    "defaults d\($0) from d\(max(0, $0 - 1))\n timeout client \($0)\n.if feature(X)\n"
                }
                .joined() + "backend b\n server a :80 check\n").utf8)
        } work: { bytes in
            precondition(HAProxyConfiguration(path: "x", bytes: bytes).proxies.count == 1)
        }
        #expect(isLinear)
    }
}

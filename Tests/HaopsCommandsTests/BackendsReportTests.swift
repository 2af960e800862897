import Checks
import Facts
import HaopsTestSupport
import Inventory
import Remote
import Survey
import Testing

@testable import HaopsCommands

/// How `backends` shows what the balancers see.
struct BackendsReportTests {
    private static let plain = Style(isColored: false, width: 80)

    private static func row(
        _ server: String, _ status: String = "UP", check: String = "L7OK/200", since: Int = 10800,
        backend: String = "web", change: (inout HAProxyHealth.Row) -> Void = { _ in }
    ) -> HAProxyHealth.Row {
        var row = HAProxyHealth.Row(proxy: backend, server: server, status: status, check: check)
        row.changedSeconds = since
        (row.sessions, row.sessionsMax, row.queue, row.weight) = (12, 40, 0, 100)
        (row.connectionErrors, row.responseErrors) = (0, 0)
        change(&row)
        return row
    }

    private static let whole = row("BACKEND", check: "")

    private static func balancer(
        _ node: String, isOwner: Bool = false, _ rows: [HAProxyHealth.Row]?, stopped: Bool = false
    ) -> BackendsSurvey.Balancer {
        var facts = HostFacts(host: HostID(node))
        var health = HAProxyHealth(rows: rows ?? [])
        if rows != nil { health.processes = [HAProxyProcess(pid: 7)] }
        facts.set(HAProxyHealthFact.self, to: health)
        facts.set(
            ServicesFact.self,
            to: ["haproxy": ServiceState(isRunning: !stopped, isEnabled: true, detail: "")])
        return BackendsSurvey.Balancer(node: HostID(node), facts: facts, isOwner: isOwner)
    }

    private static func outcome(
        _ balancers: [BackendsSurvey.Balancer], cluster: String = "web", findings: [Finding] = [],
        silent: [HostID] = []
    ) -> BackendsSurvey.Outcome {
        BackendsSurvey.Outcome(
            cluster: Cluster(name: cluster, nodes: []), balancers: balancers, findings: findings,
            silent: silent)
    }

    private static let well = outcome([
        balancer("lb1", isOwner: true, [row("web1"), row("web2"), whole]),
        balancer("lb2", [row("web1"), row("web2"), whole]),
    ])

    @Test func `a row for each server and a column for each balancer`() {
        let text = BackendsReport(outcomes: [Self.well]).report(style: Self.plain).text
        #expect(
            text == """
                  each cell: status, for how long, sessions now/max of limit, last check
                  BACKEND  SERVER  LB1 (OWNER)              LB2
                  web      web1    UP 3 h, 12/40, L7OK/200  UP 3 h, 12/40, L7OK/200
                  web      web2    UP 3 h, 12/40, L7OK/200  UP 3 h, 12/40, L7OK/200

                no problems: 1 backend, 2 of 2 servers take sessions, as lb1 and lb2 see it

                """)
    }

    @Test func `a line for each server and balancer where columns do not fit, with every figure`() {
        let down = Self.row("web2", "DOWN", check: "L4CON", since: 130) {
            $0.checkMessage = "Connection refused"
            $0.connectionErrors = 7
        }
        let outcome = Self.outcome([
            Self.balancer("lb1", isOwner: true, [Self.row("web1"), Self.row("web2"), Self.whole]),
            Self.balancer("lb2", [Self.row("web1"), down, Self.whole]),
        ])
        let text = BackendsReport(outcomes: [outcome]).report(style: Self.plain).text
        #expect(
            text.hasPrefix(
                """
                  backend web
                  SERVER  BY   STATUS  SINCE  NOW/MAX  QUEUE  ERR  WEIGHT  LAST CHECK
                  web1    lb1  UP      3 h    12/40    0      0    100     L7OK/200
                          lb2  UP      3 h    12/40    0      0    100     L7OK/200
                  web2    lb1  UP      3 h    12/40    0      0    100     L7OK/200
                          lb2  DOWN    2 min  12/40    0      7    100     L4CON Connection refused

                """.split(separator: "\n").prefix(5).joined(separator: "\n")), "\(text)")
        #expect(!text.split(separator: "\n").contains { $0.count > 80 }, "\(text)")
        let wide = BackendsReport(outcomes: [outcome]).report(style: Style(isColored: false, width: 120)).text
        #expect(wide.contains("DOWN 2 min, 12/40, L4CON Connection refused, 7 errors"), "\(wide)")
    }

    @Test func `what did not answer, does not run or has no socket is unknown, and the exit says so`() {
        let outcome = Self.outcome(
            [
                Self.balancer("lb1", [Self.row("web1"), Self.whole]),
                Self.balancer("lb2", nil, stopped: true), Self.balancer("lb3", nil),
                BackendsSurvey.Balancer(node: "lb4", facts: nil),
            ], silent: ["lb4"])
        let report = BackendsReport(outcomes: [outcome]).report(style: Self.plain)
        #expect(report.text.contains("unknown: lb2: haproxy does not run there"), "\(report.text)")
        #expect(report.text.contains("unknown: lb3: no socket of haproxy answers there"))
        #expect(report.text.contains("unknown: lb4: did not answer"))
        #expect(
            report.text.contains("no problem is known: 1 backend") && !report.text.contains("no problems"))
        #expect(Backends.exit([outcome]) == .unreachable && Backends.exit([Self.well]) == .done)
        let json = report.document.jsonOnOneLine
        #expect(json.contains(#""node":"lb2","known":null,"state":null,"status":null"#), "\(json)")
        #expect(json.contains(#""unreachable":["lb4"]"#))
    }

    @Test(arguments: [
        (DoctorID.backendSeenDifferently, Finding.Severity.warning, HaopsExit.badState),
        (.backendLastServer, .warning, .badState), (.backendAllDown, .error, .badState),
        (.backendServerDown, .warning, .done), (.haproxyOldWorker, .warning, .done),
    ])
    func `disagreement, a last server and errors end with 5`(
        id: DoctorID, severity: Finding.Severity, exit: HaopsExit
    ) {
        var outcome = Self.well
        outcome.findings = [Finding(id, severity: severity, message: "m", effect: "e", fix: "f")]
        #expect(Backends.exit([outcome]) == exit)
    }

    @Test func `of a fleet, clusters that are alike are one block, and exceptions stand alone`() {
        func cluster(_ name: String, _ findings: [Finding] = []) -> BackendsSurvey.Outcome {
            let nodes = ["\(name)-lb1", "\(name)-lb2"]
            let cluster = Cluster(
                name: name,
                nodes: nodes.map { Node(id: HostID($0), target: SSHTarget(id: HostID($0), host: $0)) })
            return BackendsSurvey.Outcome(
                cluster: cluster,
                balancers: nodes.map {
                    Self.balancer($0, [Self.row("web1", since: .random(in: 1...90)), Self.whole])
                },
                findings: findings)
        }
        let bad = Finding(.backendServerDown, severity: .warning, message: "m", effect: "e", fix: "f")
        let few = [cluster("c1"), cluster("c2", [bad]), cluster("c3")]
        let text = BackendsReport(outcomes: few).report(style: Self.plain).text
        #expect(text.hasPrefix("c2\n"), "\(text)")
        #expect(
            text.contains("c[1,3]  (shown for c1)\n") || text.contains("c1, c3  (shown for c1)\n"), "\(text)")
        #expect(text.count(of: "BACKEND  SERVER") == 2)
        let all = (10...29).map { cluster("c\($0)") }
        let many = BackendsReport(outcomes: all).report(style: Self.plain).text
        #expect(many == "no problems: 20 clusters, 20 backends, 20 of 20 servers take sessions\n")
        let problems = BackendsReport(outcomes: few, onlyProblems: true).report(style: Self.plain).text
        #expect(problems.hasPrefix("c2\n") && !problems.contains("shown for"), "\(problems)")
    }

    @Test func `what several nodes and clusters have in common is said once`() {
        func full(_ node: String) -> Finding {
            Finding(
                .stickTableFull, severity: .warning, nodes: [node], message: "full", effect: "e", fix: "f",
                evidence: [Evidence(.counter, on: node, "10 of 10")])
        }
        func outcome(_ name: String) -> BackendsSurvey.Outcome {
            let nodes = ["\(name)-lb1", "\(name)-lb2"]
            return Self.outcome(
                nodes.map { Self.balancer($0, [Self.row("web1"), Self.whole]) }, cluster: name,
                findings: nodes.map(full))
        }
        let one = BackendsReport(outcomes: [outcome("c1")]).report(style: Self.plain).text
        #expect(one.contains("warning stick-table-full  c1-lb1, c1-lb2: full\n"), "\(one)")
        let two = BackendsReport(outcomes: [outcome("c1"), outcome("c2")]).report(style: Self.plain).text
        #expect(two.contains("c1-lb1, c1-lb2: full; the same in c2\n"), "\(two)")
    }

    @Test func `of many servers, those that matter are shown`() {
        let servers = (1...30).map { Self.row("web\($0)", $0 == 7 ? "MAINT" : "UP") }
        let outcome = Self.outcome([Self.balancer("lb1", servers + [Self.whole])])
        let text = BackendsReport(outcomes: [outcome]).report(style: Self.plain).text
        #expect(text.contains("web7 ") && !text.contains("web8 "), "\(text)")
        #expect(text.contains("29 more servers up on every balancer (-v shows them)"), "\(text)")
        let down = (1...150).map { Self.row("web\($0)", "DOWN") }
        let bad = Self.outcome([Self.balancer("lb1", down + [Self.whole])])
        let cut = BackendsReport(outcomes: [bad]).report(style: Self.plain).text
        #expect(cut.contains("web100 ") && !cut.contains("web101 "), "\(cut)")
        #expect(cut.contains("and 50 servers that are not (-v shows them)"), "\(cut)")
        let detailed = BackendsReport(outcomes: [outcome], isDetailed: true).report(style: Self.plain).text
        #expect(detailed.contains("web8 "))
    }

    @Test(arguments: [
        ("web", 2), ("w*", 2), ("web2", 1), ("web/web1", 1), ("web/*", 2), ("api", 0), ("*/web?", 2),
    ])
    func `a pattern names backends, servers, or both`(text: String, count: Int) {
        let pattern = BackendPattern(text)
        #expect(["web1", "web2"].count { pattern.includes($0, of: "web") } == count)
        let report = BackendsReport(outcomes: [Self.well], wanted: pattern)
        #expect(report.isEmpty == (count == 0))
        #expect(report.report(style: Self.plain).tsv.rows.count == 2 * count)
    }

    @Test func `a figure that haproxy did not give is null, and has a unit in its name`() throws {
        let report = BackendsReport(outcomes: [Self.well]).report(style: Self.plain)
        #expect(try DocumentSchema.problems(of: JSONValue(report.document.json.utf8)) == [])
        let json = report.document.jsonOnOneLine
        for member in [
            #""sessions_current":12"#, #""sessions_max":40"#, #""sessions_limit":null"#,
            #""status_seconds":10800"#,
            #""check_duration_milliseconds":null"#, #""connection_errors_total":0"#, #""retries_total":null"#,
        ] {
            #expect(json.contains(member), "\(member)")
        }
    }
}

import Addresses
import ArgumentParser
import Facts
import HaopsTestSupport
import Inventory
import Keepalived
import Remote
import Rollout
import Survey
import Synchronization
import Testing

@testable import Checks
@testable import HaopsCommands

/// What is told of single nodes, by `status` and `who`.
struct NodeRowsTests {
    private static let plain = Style(isColored: false)

    private static func cluster(
        _ nodes: [(HostID, KeepalivedDaemon)], _ ownerships: [VIPOwnership] = []
    ) -> ClusterStatus {
        ClusterStatus(
            survey: OwnershipSurvey.Outcome(
                cluster: Cluster(name: "web", nodes: []), ownerships: ownerships,
                nodes: nodes.map { host, daemon in
                    var facts = HostFacts(host: host)
                    facts.set(KeepalivedFact.self, to: daemon)
                    facts.set(InterfacesFact.self, to: [])
                    return (host, .success(facts))
                }, observers: []))
    }

    private static func daemon(
        _ priority: Int, of base: Int, overrides: [KeepalivedDaemon.PriorityOverride] = []
    ) -> KeepalivedDaemon {
        let instance = LiveState.Instance(
            name: "VI_1", role: .backup, basePriority: base, effectivePriority: priority)
        return KeepalivedDaemon(
            pid: 1, hasChild: true, state: LiveState(instances: [instance]), overrides: overrides)
    }

    private static func ownership(
        _ verdict: VIPOwnership.Verdict, _ nodes: [VIPOwnership.NodeView] = [], vip: String = "203.0.113.50"
    ) throws -> VIPOwnership {
        VIPOwnership(
            vip: try #require(IPAddress(vip)), cluster: "web", instance: "VI_1", verdict: verdict,
            nodes: nodes, arp: [], reason: "so it is")
    }

    @Test func `a priority that a check has lowered is told with the one it is configured to`() {
        let status = Self.cluster([("lb1", Self.daemon(90, of: 150)), ("lb2", Self.daemon(100, of: 100))])
        let text = StatusReport(statuses: [status]).report(style: Self.plain).text
        #expect(text.contains("VI_1 BACKUP 90 of 150  "))
        #expect(text.contains("VI_1 BACKUP 100  "))
    }

    @Test func `of many clusters those that are well are one line, and the others stand before it`() throws {
        var statuses = (1...12).map { number in
            var status = Self.cluster([(HostID("c\(number)-lb1"), Self.daemon(150, of: 150))])
            status.survey.cluster.name = "c\(number)"
            return status
        }
        statuses[4] = Self.cluster([("c5-lb1", Self.daemon(90, of: 150))])
        statuses[4].survey.cluster.name = "c5"
        statuses[7].survey.ownerships = [try Self.ownership(.unowned)]
        let text = StatusReport(statuses: statuses).report(style: Self.plain).text
        #expect(text.hasPrefix("cluster c5\n"), "\(text)")
        #expect(
            text.hasSuffix(
                """

                well: 10 clusters (c[1-4,6-7,9-12]): one owner for every address, and every node as it should be (-v shows them)
                to look at: 2 clusters (c[5,8])

                """), "\(text)")
        #expect(!text.contains("c3-lb1"), "\(text)")
        let all = StatusReport(statuses: statuses, isDetailed: true).report(style: Self.plain).text
        #expect(all.contains("c3-lb1") && all.hasPrefix("cluster c1\n"), "\(all)")
    }

    @Test func `of many addresses the worst are first, and all are counted`() throws {
        let ownerships = try (1...12).map { number in
            try Self.ownership(number == 8 ? .splitBrain : .owned, vip: "203.0.113.\(number)")
        }
        let text = OwnershipReport(ownerships: ownerships, isDetailed: false).report(style: Self.plain).text
        let lines = text.split(separator: "\n")
        #expect(lines.count > 14 && lines[1].hasPrefix("203.0.113.8 "), "\(text)")
        #expect(text.contains("12 addresses: 1 split-brain, 11 owned\n"), "\(text)")
    }

    @Test func `what a node cannot say is unknown, and neither good nor bad`() throws {
        let probe = Probe([ServicesFact(), KeepalivedFact(), HAProxyFact(), HaopsStateFact()])
        // It answers, and none of the questions.
        let mute = probe.facts(of: "lb1", from: [], marker: "@haops-x")
        let instance = VRRPInstance(
            name: "VI_1", routerID: 51, addresses: [], preferred: "lb1", priorities: ["lb1": 100])
        let cluster = Cluster(
            name: "web", nodes: [], keepalived: KeepalivedSettings(interface: "eth0", instances: [instance]),
            haproxy: HAProxySettings(frontends: [], backends: []))
        let status = ClusterStatus(
            survey: OwnershipSurvey.Outcome(
                cluster: cluster, ownerships: [try Self.ownership(.owned)],
                nodes: [("lb1", .success(mute))], observers: []))
        let node = try #require(status.nodes.first)
        #expect(node.trouble.isEmpty && !node.isBad)
        #expect(node.keepalivedWord == "unknown" && node.haproxyWord == "unknown")
        #expect(node.unanswered.count == 4, "\(node.unanswered)")
        #expect(Status.exit([status]) == .unreachable)
        #expect(PluginAnswer.status([status]).state == .unknown)
        let text = StatusReport(statuses: [status]).report(style: Self.plain).text
        #expect(text.contains("unknown: lb1: cannot say which services run"), "\(text)")
    }

    @Test func `who and status name the node that is lifted, once`() throws {
        let priorityOverride = KeepalivedDaemon.PriorityOverride(
            instance: "VI_1", value: 51, reason: "switchover by ops")
        let node = VIPOwnership.NodeView(
            node: "lb2", holds: true, daemonRuns: true, claim: .master, roleSource: .daemon,
            priorityOverride: priorityOverride)
        let ownerships = [
            try Self.ownership(.owned, [node]), try Self.ownership(.owned, [node], vip: "203.0.113.51"),
        ]
        let line =
            "override: lb2 is preferred for VI_1 by 51: switchover by ops (end it: haops switchover --release)\n"
        let who = OwnershipReport(ownerships: ownerships, isDetailed: false).report(style: Self.plain).text
        #expect(who.split(separator: line, omittingEmptySubsequences: false).count == 2, "\(who)")
        let status = Self.cluster([("lb2", Self.daemon(151, of: 100, overrides: [priorityOverride]))])
        #expect(StatusReport(statuses: [status]).report(style: Self.plain).text.contains("  " + line))
    }

    @Test func `nodes that were not chosen have no row, and their cluster keeps its verdict`() throws {
        var status = Self.cluster(
            [("lb1", KeepalivedDaemon()), ("lb2", Self.daemon(100, of: 100))], [try Self.ownership(.orphan)])
        #expect(status.nodes.map(\.host) == ["lb1", "lb2"])
        status.chosen = ["lb2"]
        let report = StatusReport(statuses: [status]).report(style: Self.plain)
        #expect(!report.text.contains("lb1") && report.text.contains("lb2"))
        #expect(report.text.contains("203.0.113.50: orphan"))
        #expect(!report.tsv.tsv.contains("lb1"))
        #expect(Status.exit([status]) == .badState)
    }

    @Test(arguments: [
        ([VIPOwnership.Verdict.staleARP], PluginAnswer.State.warning), ([.staleARP, .unknown], .warning),
        ([.staleARP, .orphan], .critical), ([.unknown], .unknown), ([.owned], .ok),
    ])
    func `a stale neighbour entry is as grave to status as it is to who`(
        verdicts: [VIPOwnership.Verdict], state: PluginAnswer.State
    ) throws {
        let ownerships = try verdicts.map { try Self.ownership($0) }
        #expect(PluginAnswer.who(ownerships, silent: 0).state == state)
        let answer = PluginAnswer.status([Self.cluster([], ownerships)])
        #expect(answer.state == state)
        #expect(answer.line.contains("203.0.113.50 stale-arp") == verdicts.contains(.staleARP))
    }
}

extension WholeVerbTests {
    /// A node that does not answer is told of, also where a program reads the answer.
    @Suite struct SilentNodeTests {
        private func answer(
            _ verb: any ConnectingCommand, _ machines: [String: ScriptedTransport.Machine]
        ) async throws -> (text: String, exit: HaopsExit) {
            let output = Mutex("")
            let style = Style(isColored: false)
            let console = Console(
                out: style, err: style, isQuiet: true, isVerbose: false, isInteractive: false
            ) { text, descriptor in if descriptor == 1 { output.withLock { $0 += text } } }
            let transport = ScriptedTransport(machines)
            let wiring = Wiring { _, _, _, body in try await body(transport) }
            let exit = try await Wiring.$current.withValue(wiring) { try await verb.perform(console) }
            return (output.withLock { $0 }, exit)
        }

        private static let answering = ScriptedTransport.Machine.says([
            "interfaces": "1: lo: <LOOPBACK,UP> mtu 65536", "configuration-files": "",
            "system": "hostname=lb1\nnow=1",
        ])

        @Test func `doctor's document names who did not answer`() async throws {
            let doctor = try Doctor.parse(["--nodes", "lb1,lb2", "-o", "json"])
            let (text, exit) = try await answer(doctor, ["lb1": Self.answering])
            #expect(exit == .unreachable)
            #expect(text.contains("\"unreachable\": [\n    \"lb2\"\n  ]"), "\(text)")
        }

        @Test
        func
            `an observer of two clusters is silent when neither heard of it, and a node that answered too little is`()
        {
            let target = SSHTarget(id: "client", host: "client")
            let observer = Observer(id: "client", target: target)
            let lb1 = Node(id: "lb1", target: SSHTarget(id: "lb1", host: "lb1"))
            let fleet = Fleet(
                source: "",
                clusters: [
                    Cluster(name: "web", nodes: [lb1], observers: [observer]),
                    Cluster(name: "db", nodes: [], observers: [observer]),
                ])
            // It has not said what addresses it has.
            let node = DoctorNode(
                id: "lb1", before: .success(HostFacts(host: "lb1")), after: .success(HostFacts(host: "lb1")))
            func observation(_ observers: [(HostID, ProbeResult)]) -> ClusterObservation {
                ClusterObservation(
                    cluster: "web", vips: [], nodes: [node], observersBefore: [], observersAfter: observers,
                    seconds: 4)
            }
            let heard = observation([("client", .success(HostFacts(host: "client")))])
            #expect(DoctorSurvey.silent(in: fleet, [heard]) == ["lb1"])
            #expect(DoctorSurvey.silent(in: fleet, [observation([])]) == ["client", "lb1"])
        }

        @Test func `where all answered the list is there, and empty`() {
            let report = FindingsReport(command: "lint", findings: [], allClear: "")
                .report(style: Style(isColored: false))
            #expect(report.document.jsonOnOneLine.hasSuffix(#""unreachable":[]}"#))
        }

        @Test func `status tells of the chosen nodes alone, and asks all of them`() async throws {
            let status = try Status.parse(["--nodes", "lb1,lb2", "-l", "!lb1", "-o", "tsv"])
            let (text, exit) = try await answer(status, ["lb2": Self.answering])
            #expect(text.split(separator: "\n").dropFirst().allSatisfy { $0.hasPrefix("lb2\t") }, "\(text)")
            #expect(text.split(separator: "\n").count == 2)
            #expect(exit == .unreachable)
        }
    }
}

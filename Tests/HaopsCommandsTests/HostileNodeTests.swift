import Addresses
import Facts
import FoundationEssentials
import Inventory
import Keepalived
import Remote
import Rendering
import Survey
import Synchronization
import Testing

@testable import Checks
@testable import HaopsCommands
@testable import Rollout

/// A node that has been taken over says what it likes; nothing of it may steer the operator's terminal, nor put a
/// line of its own among those of haops.
struct HostileNodeTests {
    /// Sets the clipboard, clears the window, begins a line, and writes backwards.
    private static let said = "x\u{1b}]52;c;cm0gLXJm\u{7}\u{9b}2J\r\nforged\u{202e}"
    private static let plain = Style(isColored: false)
    private static let lb1 = HostID("lb1")

    private func expectHarmless(
        _ report: Report, lines: Int, _ location: Testing.SourceLocation = #_sourceLocation
    ) {
        #expect(
            !report.text.unicodeScalars.contains(where: Self.steers), "\(report.text.safeForTerminal)",
            sourceLocation: location)
        #expect(
            !report.text.split(separator: "\n").contains { $0.hasPrefix("forged") },
            "\(report.text.safeForTerminal)", sourceLocation: location)
        #expect(report.text.split(separator: "\n").count == lines, "\(report.text)", sourceLocation: location)
    }

    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0a: false
        case 0...0x1f, 0x7f...0x9f, 0x202a...0x202e: true
        default: false
        }
    }

    @Test func `who: neighbour states and lifted instances`() throws {
        let vip = try #require(IPAddress("203.0.113.50"))
        let priorityOverride = KeepalivedDaemon.PriorityOverride(
            instance: Self.said, value: 60, reason: Self.said)
        let node = VIPOwnership.NodeView(
            node: Self.lb1, holds: true, interface: Self.said, daemonRuns: true, claim: .master,
            roleSource: .daemon, priority: 150, priorityOverride: priorityOverride)
        let mac = try #require(MACAddress("02:00:00:00:01:0b"))
        let ownership = VIPOwnership(
            vip: vip, cluster: "web", instance: Self.said, verdict: .staleARP, nodes: [node],
            arp: [.init(observer: HostID("client"), mac: mac, node: nil, state: Self.said)],
            reason: Self.said)
        // Header and verdict, title, header and witness, neighbour, lift, summary.
        expectHarmless(
            OwnershipReport(ownerships: [ownership], isDetailed: true).report(style: Self.plain), lines: 8)
    }

    @Test func `status: roles, lifts and reasons`() throws {
        var facts = HostFacts(host: Self.lb1)
        facts.set(
            KeepalivedFact.self,
            to: KeepalivedDaemon(
                pid: 1, hasChild: true,
                overrides: [
                    KeepalivedDaemon.PriorityOverride(instance: Self.said, value: 60, reason: Self.said)
                ]))
        let vip = try #require(IPAddress("203.0.113.50"))
        let cluster = Cluster(name: "web", nodes: [])
        let status = ClusterStatus(
            survey: OwnershipSurvey.Outcome(
                cluster: cluster,
                ownerships: [
                    VIPOwnership(
                        vip: vip, cluster: "web", instance: "VI_1", verdict: .unowned, nodes: [], arp: [],
                        reason: Self.said)
                ], nodes: [(Self.lb1, .success(facts))], observers: []))
        // Title, header and node, verdict, lift, summary.
        expectHarmless(StatusReport(statuses: [status]).report(style: Self.plain), lines: 6)
    }

    @Test func `backends: names, states and what a server has answered a check`() {
        var row = HAProxyHealth.Row(proxy: Self.said, server: Self.said, status: Self.said, check: Self.said)
        (row.checkMessage, row.agent, row.agentMessage) = (Self.said, Self.said, Self.said)
        row.sessions = 1
        let whole = HAProxyHealth.Row(proxy: Self.said, server: "BACKEND", status: Self.said)
        var facts = HostFacts(host: Self.lb1)
        facts.set(HAProxyHealthFact.self, to: HAProxyHealth(rows: [row, whole]))
        let outcome = BackendsSurvey.Outcome(
            cluster: Cluster(name: "web", nodes: []),
            balancers: [.init(node: Self.lb1, facts: facts, isOwner: true)],
            findings: [
                Finding(.backendServerDown, severity: .warning, message: Self.said, effect: "", fix: "")
            ])
        // A title and a table of one row, the finding, and the sum.
        expectHarmless(
            BackendsReport(outcomes: [outcome], isDetailed: true).report(style: Self.plain), lines: 5)
    }

    @Test func `plan: firewall rules, kernel values and learned instances`() throws {
        let node = Node(id: Self.lb1, target: SSHTarget(id: Self.lb1, host: "lb1"))
        var plan = NodePlan(
            node: node, sysctls: [SysctlChange(key: "net.ipv4.ip_forward", before: Self.said, after: "1")])
        plan.firewall.descriptions = ["accept VRRP in INPUT, before \(Self.said)"]
        plan.firewall.commands = ["true || iptables \(Self.said)"]
        let change = ClusterPlan(
            cluster: Cluster(name: "web", nodes: [node]), purpose: "apply", nodes: [plan],
            steps: [PlanStep(node: Self.lb1, "hand `\(Self.said)` over")],
            moves: [
                PredictedMove(
                    instance: Self.said, from: Self.lb1, to: nil, means: .stop, outageMilliseconds: 100)
            ], goal: .converge([:]))
        // Title, two changes, a command, "in this order", a step, a move, and the sum with outage and duration.
        expectHarmless(
            PlanReport(plans: [change], isDetailed: true, showsCommands: true).report(
                command: "plan", style: Self.plain), lines: 10)
    }

    @Test func `switchover: learned instances`() throws {
        let plan = SwitchoverPlan(
            cluster: Cluster(name: "nodes", nodes: []), target: Self.lb1, reason: "", instances: [Self.said],
            preconditions: [Precondition("`\(Self.said)` has an owner", true, Self.said)], owners: [:],
            overrides: [.init(instance: Self.said, node: Self.lb1, value: 60)], releases: [],
            moves: [
                PredictedMove(
                    instance: Self.said, from: Self.lb1, to: nil, means: .handover, outageMilliseconds: 0)
            ], unreachable: [:])
        expectHarmless(SwitchoverReport(plans: [plan]).report(style: Self.plain), lines: 3)
    }

    @Test(arguments: [OutputOptions.Format.json, .yaml])
    func `a document for programs has its control characters escaped`(format: OutputOptions.Format) {
        let value: OutputValue = ["said": .text(Self.said), Self.said: "key"]
        let text = format == .json ? value.json : value.yaml
        #expect(!text.unicodeScalars.contains(where: Self.steers), "\(text.safeForTerminal)")
        #expect(text.contains("\\u001b]52") && text.contains("\\u202e"))
    }
}

/// What a report forgets is made harmless where everything is printed.
struct ConsoleTests {
    private static let said = "a\u{1b}]52;c;cm0gLXJm\u{7}\u{9b}2Jb\u{202e}\r\tc"

    /// What comes out of both streams, whichever way something is printed.
    private func printed(colored: Bool, _ body: (Console) -> Void) -> String {
        let text = Mutex("")
        let style = Style(isColored: colored)
        body(
            Console(out: style, err: style, isQuiet: false, isVerbose: true, isInteractive: false) {
                part, _ in
                text.withLock { $0 += part }
            })
        return text.withLock { $0 }
    }

    @Test(arguments: [true, false])
    func `nothing leaves that could steer a terminal`(colored: Bool) {
        let text = printed(colored: colored) { console in
            console.answer(Self.said + console.out(.bad, Self.said) + "\u{1b}[8m\u{1b}")
            console.note(Self.said)
            console.detail(Self.said)
            console.error(Self.said, hint: Self.said)
            console.warning(Self.said, hint: Self.said)
            console.stderrLine(console.err(.good, Self.said))
        }
        var rest = text
        for sequence in Style.sequences { rest = rest.replacing(sequence, with: "") }
        #expect(!rest.unicodeScalars.contains { $0.steersTerminals }, "\(rest.safeForTerminal)")
        #expect((rest != text) == colored)
        #expect(text.split(separator: "a\\x1b]52;c;cm0gLXJm\\x07\\x9b2Jb\\u{202e}\\x0d\tc").count >= 8)
        #expect(text.contains("\\x1b[8m\\x1b"))
    }

    @Test func `a document stays one when everything in it is escaped`() throws {
        let said = Self.said
        let value: OutputValue = ["said": .text(said)]
        let text = printed(colored: true) { $0.answer(value.json) }
        #expect(try JSONDecoder().decode([String: String].self, from: Data(text.utf8)) == ["said": said])
        let encoded = String(decoding: try JSONEncoder().encode(["said": said]), as: UTF8.self).safeInJSON
        #expect(!encoded.unicodeScalars.contains { $0.steersTerminals })
        #expect(try JSONDecoder().decode([String: String].self, from: Data(encoded.utf8)) == ["said": said])
    }
}

import Checks
import Facts
import Inventory
import Remote
import Survey

/// What the balancers see of their servers, in every form of output: the tables first, then what is wrong.
struct BackendsReport: Sendable {
    private var outcomes: [BackendsSurvey.Outcome]
    private var entries: [BackendsDocument.ClusterEntry]
    /// Every figure, of every server and cluster.
    private var isDetailed: Bool
    /// Only clusters and servers with something wrong, and the summary.
    private var onlyProblems: Bool

    init(
        outcomes: [BackendsSurvey.Outcome], wanted: BackendPattern? = nil, isDetailed: Bool = false,
        onlyProblems: Bool = false
    ) {
        self.outcomes = outcomes
        self.isDetailed = isDetailed
        self.onlyProblems = onlyProblems
        entries = outcomes.map { BackendsDocument.ClusterEntry($0, wanted: wanted) }
    }

    /// Whether there is no server.
    var isEmpty: Bool { entries.allSatisfy(\.backends.isEmpty) }

    func report(style: Style) -> Report {
        let findings = outcomes.flatMap { outcome in
            outcome.findings.map { finding in
                FindingsDocument.Entry(
                    finding, in: [String: String](finding.nodes.map { ($0, outcome.cluster.name) }) { $1 })
            }
        }
        let document = BackendsDocument(
            clusters: entries, findings: findings,
            unreachable: outcomes.flatMap(\.silent).uniqued().sorted().map(\.name))
        return Report(command: "backends", document, text: text(style))
    }

    /// From this many clusters on, those that are well are counted in the summary alone.
    private static let manyClusters = 10
    /// More servers than these hide the one that matters: those that are well are counted.
    private static let manyServers = 20
    /// More rows than these nobody reads.
    private static let mostServers = 100
    /// Columns of a window where there is none.
    private static let usualWidth = 80

    private func text(_ style: Style) -> String {
        var text = ""
        for (outcome, entry, title) in blocks {
            let names = title.map { style(.strong, $0.names) + $0.example + "\n" } ?? ""
            text += names + self.text(of: entry, outcome, style) + "\n"
        }
        return text
            + FindingsReport(
                command: "backends", findings: findings, allClear: allClear,
                unreachable: outcomes.flatMap(\.silent).uniqued(), onlyProblems: onlyProblems
            ).report(style: style).text
    }

    private typealias Block = (
        outcome: BackendsSurvey.Outcome, entry: BackendsDocument.ClusterEntry,
        title: (names: String, example: String)?
    )

    /// What is shown: clusters that are well and set up alike are one, any other stands by itself.
    private var blocks: [Block] {
        let pairs = Array(zip(outcomes, entries))
        guard pairs.count > 1 else {
            return pairs.filter { !onlyProblems || !$0.0.isWell }.map { ($0.0, $0.1, nil) }
        }
        let countsWell = onlyProblems || pairs.count >= Self.manyClusters && !isDetailed
        let others = pairs.filter { !$0.0.isWell }.map { outcome, entry -> Block in
            (outcome, entry, (outcome.cluster.name, ""))
        }
        if countsWell { return others }
        let well = AlikeClusters(pairs.filter(\.0.isWell)) {
            ($0.0.cluster, isDetailed ? $0.0.cluster.name : $0.1.shape)
        }
        return others
            + well.groups.map { group in
                let (outcome, entry) = group.members[0]
                let names = NodeRange.listed(group.members.map(\.0.cluster.name))
                return (
                    outcome, entry,
                    (names, group.members.count > 1 ? "  (shown for \(outcome.cluster.name))" : "")
                )
            }
    }

    /// What clusters that are set up alike have in common is said once.
    private var findings: [Finding] {
        let all = outcomes.flatMap { outcome in outcome.findings.map { (outcome.cluster, $0) } }
        return AlikeClusters(all) { ($0.0, "\($0.1.id) \($0.1.message) \($0.1.fix)") }.groups.flatMap {
            group -> [Finding] in
            // Those of several nodes of a cluster are put together with their evidence.
            let first = group.members[0].0.name
            var findings = group.members.filter { $0.0.name == first }.map(\.1)
            let others = group.members.map(\.0.name).filter { $0 != first }.uniqued()
            if !others.isEmpty {
                for index in findings.indices {
                    findings[index].message += "; the same in \(NodeRange.listed(others))"
                }
            }
            return findings
        }
    }

    /// "no problems: 1 backend, 2 of 2 servers take sessions, as lb1 and lb2 see it".
    private var allClear: String {
        let backends = entries.flatMap(\.backends)
        let servers = backends.flatMap(\.servers)
        guard !servers.isEmpty else { return "no server of a backend is known" }
        let serving = servers.count { server in server.seen.contains { $0.takesSessions } }
        let isOne = entries.count == 1
        let told = outcomes.flatMap { $0.balancers.filter(\.hasAnswered).map(\.node.name) }
        let whose = isOne ? ", as \(told.enumeration) \(told.count == 1 ? "sees" : "see") it" : ""
        let clusters = isOne ? "" : "\(entries.count.of("cluster")), "
        let isWhole = outcomes.allSatisfy(\.isComplete)
        return (isWhole ? "no problems: " : "no problem is known: ") + clusters
            + "\(backends.count.of("backend")), \(serving) of \(servers.count.of("server")) \(servers.count == 1 ? "takes" : "take") sessions"
            + whose
    }

    private func text(
        of entry: BackendsDocument.ClusterEntry, _ outcome: BackendsSurvey.Outcome, _ style: Style
    ) -> String {
        let servers = entry.backends.flatMap(\.servers)
        let hidesWell = !isDetailed && (onlyProblems || servers.count > Self.manyServers)
        var left = isDetailed ? Int.max : Self.mostServers
        let shown = entry.backends.map { backend in
            var backend = backend
            if hidesWell { backend.servers.removeAll(where: \.isWell) }
            backend.servers = Array(backend.servers.prefix(left))
            left -= backend.servers.count
            return backend
        }.filter { !$0.servers.isEmpty }
        var text = shown.isEmpty ? "" : tables(of: shown, entry, style)
        let hidden = servers.count - shown.map(\.servers.count).reduce(0, +)
        let well = hidesWell ? servers.count(where: \.isWell) : 0
        if well > 0 {
            text +=
                "  \(well.of(shown.isEmpty ? "server" : "more server")) up on every balancer (-v shows them)\n"
        }
        if hidden > well { text += "  and \((hidden - well).of("server")) that are not (-v shows them)\n" }
        for balancer in outcome.unheard {
            text += Wrapped(
                "\(balancer.node.name): \(balancer.silenceWords)".safeOnOneLine, indent: 4, width: style.width
            ).text(after: "  " + style(.warning, "unknown:") + " ")
        }
        for balancer in outcome.balancers where balancer.isStoppedOnPurpose {
            text +=
                "  \(balancer.node.name): its haproxy runs only while the node is MASTER\n".safeForTerminal
        }
        return text
    }

    /// A column for each balancer where that fits, else a line for each.
    private func tables(
        of backends: [BackendsDocument.Backend], _ entry: BackendsDocument.ClusterEntry, _ style: Style
    ) -> String {
        let beside = BackendsTables.beside(backends, entry.balancers)
        let plain = beside.text(Style(isColored: false), indent: 2)
        let widest = plain.split(separator: "\n").map { String($0).displayWidth }.max() ?? 0
        guard isDetailed || widest > style.width ?? Self.usualWidth else {
            return "  each cell: status, for how long, sessions now/max of limit, last check\n"
                + beside.text(style, indent: 2)
        }
        return backends.map { backend in
            style(.strong, "  backend \(backend.backend)".safeOnOneLine) + "\n"
                + BackendsTables.below(backend, entry.balancers).text(style, indent: 2)
        }.joined()
    }
}

extension BackendsSurvey.Outcome {
    /// Whether there is nothing to report.
    fileprivate var isWell: Bool { findings.isEmpty && isComplete }
}

extension BackendsSurvey.Balancer {
    /// Why it did not say what it sees.
    fileprivate var silenceWords: String {
        guard facts != nil else { return "did not answer" }
        if isRunning == false { return "haproxy does not run there" }
        return "no socket of haproxy answers there: `stats socket` in `global` makes one"
    }
}

extension BackendsDocument.ClusterEntry {
    /// What clusters that are alike have in common: the backends with their servers' states.
    fileprivate var shape: String {
        backends.map { backend in
            let servers = backend.servers.map { server in
                "\(server.server) "
                    + server.seen.map { "\($0.node) \($0.status ?? "?")" }.joined(separator: " ")
            }
            return "backend \(backend.backend): \(servers.joined(separator: ", "))"
        }.joined(separator: "\n")
    }
}

extension BackendsDocument.Server {
    /// Whether every balancer gives it new sessions, and all the same weight.
    var isWell: Bool { seen.allSatisfy(\.takesSessions) && seen.compactMap(\.weight).uniqued().count < 2 }
}

extension BackendsDocument.Sight {
    var takesSessions: Bool {
        state.flatMap { HAProxyHealth.ServerState(rawValue: $0) }?.takesSessions == true
    }
}

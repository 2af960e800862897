import Addresses
import Checks
import Facts
import Keepalived
import Remote

/// Verdicts on virtual addresses in every form of output.
struct OwnershipReport: Sendable {
    var ownerships: [VIPOwnership]
    var pending = PendingLines([:])
    /// What haops keeps of haproxy's servers, cluster by cluster.
    var keptServers: [KeptServerLines] = []
    /// Show every node's view also when all is well.
    var isDetailed: Bool
    /// Show only what is wrong, and the summary.
    var onlyProblems = false
    /// How many nodes did not answer.
    var silent = 0
    /// Show every address in the table, however many there are.
    var namesAll = false

    func report(style: Style) -> Report {
        Report(
            command: "who",
            OwnershipDocument(
                vips: ownerships.map(OwnershipDocument.Address.init), pending: pending.entries,
                keptServers: keptServers.flatMap(\.entries)),
            text: text(style))
    }

    /// From this many addresses on, the worst come first.
    private static let many = 10
    /// More addresses than these do not fit on a screen: those that are well are counted in the summary alone.
    private static let mostOnScreen = 20

    private func table(_ ownerships: [VIPOwnership]) -> Table {
        OwnershipDocument.table(ownerships.map(OwnershipDocument.Address.init), answersLast: false)
    }

    private func text(_ style: Style) -> String {
        let isLong = ownerships.count >= Self.many
        let worstFirst =
            ownerships.filter { $0.verdict != .owned } + ownerships.filter { $0.verdict == .owned }
        let countsWell = onlyProblems || ownerships.count > Self.mostOnScreen && !isDetailed && !namesAll
        let shownRows = (isLong ? worstFirst : ownerships).filter { !countsWell || $0.verdict != .owned }
        var text = shownRows.isEmpty ? "" : table(shownRows).text(style)
        // Addresses of one instance have the same views: these are shown once, for the first address with a
        // problem.
        var shown: Set<String> = []
        for ownership in ownerships where isDetailed || ownership.verdict != .owned {
            let key =
                "\(ownership.cluster) \(ownership.instance ?? ownership.vip.description) \(ownership.verdict)"
            guard shown.insert(key).inserted || isDetailed else { continue }
            if isLong, !isDetailed, ownership.isUnseen { continue }
            text += "\n" + style(.strong, "\(ownership.vip)") + " as each node sees it:\n"
            text += Self.witnesses(of: ownership).text(style, indent: 2)
            for entry in ownership.arp {
                let whose = ownership.words(for: entry.mac, of: entry.node)
                let words = "\(entry.observer) sends to \(whose), \(entry.state.lowercased())"
                text += Wrapped(words.safeOnOneLine, indent: 4, width: style.width).text(after: "  ")
            }
            for view in ownership.answers {
                let words = "\(view.observer) asked: \(ownership.words(of: view))"
                text += Wrapped(words.safeOnOneLine, indent: 4, width: style.width).text(after: "  ")
            }
        }
        for line in Self.standbyLines(ownerships) {
            text +=
                "\n"
                + Wrapped(line.safeOnOneLine, indent: 4, width: style.width)
                .text(after: style(.warning, "standby:") + " ")
        }
        // Addresses of one instance share its override.
        let overrides = ownerships.flatMap(\.nodes).compactMap { view in
            view.priorityOverride?.words(on: view.node)
        }
        for priorityOverride in overrides.uniqued() {
            text +=
                "\n"
                + Wrapped(priorityOverride.safeOnOneLine, indent: 4, width: style.width)
                .text(after: style(.warning, "override:") + " ")
        }
        let runs = pending.text(style)
        if !runs.isEmpty { text += "\n" + runs }
        let kept = keptServers.map { $0.text(style) }.joined()
        if !kept.isEmpty { text += "\n" + kept }
        guard !ownerships.isEmpty else { return text }
        return (text.isEmpty ? "" : text + "\n") + summary(worstFirst, hidesWell: countsWell, style)
    }

    /// "lb2 cannot take over 203.0.113.50: keepalived does not run": a line for each node and reason.
    private static func standbyLines(_ ownerships: [VIPOwnership]) -> [String] {
        var vips: [VIPOwnership.Standby: [String]] = [:]
        for ownership in ownerships {
            for standby in ownership.standbys where standby.obstacle != nil {
                vips[standby, default: []].append("\(ownership.vip)")
            }
        }
        return vips.map { standby, vips in
            let more = vips.count > 4 ? " and \(vips.count - 4) more" : ""
            let shown = vips.prefix(4).joined(separator: ", ") + more
            return "\(standby.node) cannot take over \(shown): \(standby.obstacle ?? "")"
        }.sorted()
    }

    /// "200 addresses: 1 split-brain, 199 owned; 1 node did not answer".
    private func summary(_ ownerships: [VIPOwnership], hidesWell: Bool, _ style: Style) -> String {
        var counts: [(verdict: VIPOwnership.Verdict, count: Int)] = []
        for verdict in ownerships.map(\.verdict) {
            if let known = counts.firstIndex(where: { $0.verdict == verdict }) {
                counts[known].count += 1
            } else {
                counts.append((verdict, 1))
            }
        }
        let words = counts.map { style($0.verdict.tone, "\($0.count) \($0.verdict.rawValue)") }
        let count = ownerships.count
        let unseen = silent == 0 ? "" : "; " + style(.warning, "\(silent.of("node")) did not answer")
        let isShort = hidesWell && !onlyProblems && ownerships.contains { $0.verdict == .owned }
        return "\(count == 1 ? "1 address" : "\(count) addresses"): \(words.joined(separator: ", "))\(unseen)"
            + (isShort ? " (-v shows them)" : "") + "\n"
    }

    private static func witnesses(of ownership: VIPOwnership) -> Table {
        Table(
            columns: ["node", "kernel", "keepalived", "claims", "priority", "learned from"],
            rows: ownership.nodes.map { node in
                guard node.isReachable else {
                    return [
                        Table.Cell(node.node.name), Table.Cell("unknown", .warning),
                        Table.Cell("unknown", .warning),
                        "-", "-", Table.Cell(node.silenceWords),
                    ]
                }
                return [
                    Table.Cell(node.node.name),
                    Table.Cell(
                        node.interface.map { "holds it on \($0)" }
                            ?? node.unused.map { "does not use it (\($0))" } ?? "no",
                        node.holds ? .strong : nil
                    ),
                    Table.Cell(node.daemonWord),
                    Table.Cell(node.claim?.rawValue ?? "-", node.claimsMaster ? .strong : nil),
                    Table.Cell(node.priority.map(String.init) ?? "-"), Table.Cell(node.roleSource.words),
                ]
            })
    }
}

extension VIPOwnership {
    /// Whether nobody said anything of the address, no observer either.
    fileprivate var isUnseen: Bool {
        verdict == .unknown && arp.isEmpty && answers.isEmpty && !nodes.contains(where: \.isReachable)
    }
}

extension VIPOwnership.Verdict {
    var tone: Style.Tone {
        switch self {
        case .owned: .good
        case .unknown, .staleARP: .warning
        case .dark, .contested, .splitBrain, .orphan, .unowned, .claimedButAbsent: .bad
        }
    }
}

extension VIPOwnership.NodeView {
    /// Why a node has no view of the address.
    var silenceWords: String {
        if let silence, silence.isUnanswered { silence.reason } else { "did not answer" }
    }

    var daemonWord: String {
        switch daemonRuns {
        case true?: "running"
        case false?: "stopped"
        case nil: "unknown"
        }
    }
}

extension KeepalivedDaemon.PriorityOverride {
    /// "lb2 is preferred for VI_1 by 51: switchover by ops (end it: haops switchover --release)".
    func words(on node: HostID) -> String {
        "\(node) is preferred for \(instance) by \(value)" + (reason.map { ": \($0)" } ?? "")
            + " (end it: haops switchover --release)"
    }
}

extension KeepalivedDaemon.RoleSource {
    var words: String {
        switch self {
        case .daemon: "the daemon"
        case .record: "kernel and journal"
        case .stateFile(let age): "its notify file, \(age) s old"
        case .journal(let age): "its journal, \(age) s old"
        case .none: "-"
        }
    }
}

import Addresses
import Checks
import Facts
import Keepalived
import Remote

/// Verdicts on virtual addresses in every form of output.
struct OwnershipReport: Sendable {
    var ownerships: [VIPOwnership]
    var pending = PendingLines([:])
    /// Show every node's view also when all is well.
    var isDetailed: Bool

    func report(style: Style) -> Report {
        Report(
            command: "who",
            OwnershipDocument(
                vips: ownerships.map(OwnershipDocument.Address.init), pending: pending.entries),
            text: text(style))
    }

    /// From this many addresses on, healthy ones are only counted, below the others, so that they do not hide
    /// them.
    private static let many = 10

    private func table(_ ownerships: [VIPOwnership]) -> Table {
        OwnershipDocument.table(ownerships.map(OwnershipDocument.Address.init), answersLast: false)
    }

    private func text(_ style: Style) -> String {
        let isLong = ownerships.count >= Self.many
        let worstFirst =
            ownerships.filter { $0.verdict != .owned } + ownerships.filter { $0.verdict == .owned }
        var text = ownerships.isEmpty ? "" : table(isLong ? worstFirst : ownerships).text(style)
        if isLong { text += "\n" + counts(worstFirst, style) }
        // Addresses of one instance have the same views: these are shown once, for the first address with a
        // problem.
        var shown: Set<String> = []
        for ownership in ownerships where isDetailed || ownership.verdict != .owned {
            let key =
                "\(ownership.cluster) \(ownership.instance ?? ownership.vip.description) \(ownership.verdict)"
            guard shown.insert(key).inserted || isDetailed else { continue }
            text += "\n" + style(.strong, "\(ownership.vip)") + " as each node sees it:\n"
            text += Self.witnesses(of: ownership).text(style, indent: 2)
            for entry in ownership.arp {
                let whose =
                    entry.node.map { "\($0) (\(entry.mac))" } ?? "\(entry.mac), nobody of this cluster"
                let words = "\(entry.observer) sends to \(whose), \(entry.state.lowercased())"
                text += Wrapped(words.safeOnOneLine, indent: 4, width: style.width).text(after: "  ")
            }
            for view in ownership.answers {
                let words = "\(view.observer) asked: \(view.words)"
                text += Wrapped(words.safeOnOneLine, indent: 4, width: style.width).text(after: "  ")
            }
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
        return runs.isEmpty ? text : text + "\n" + runs
    }

    /// "200 addresses: 1 split-brain, 199 owned".
    private func counts(_ ownerships: [VIPOwnership], _ style: Style) -> String {
        var counts: [(verdict: VIPOwnership.Verdict, count: Int)] = []
        for verdict in ownerships.map(\.verdict) {
            if let known = counts.firstIndex(where: { $0.verdict == verdict }) {
                counts[known].count += 1
            } else {
                counts.append((verdict, 1))
            }
        }
        let words = counts.map { style($0.verdict.tone, "\($0.count) \($0.verdict.rawValue)") }
        return "\(ownerships.count) addresses: \(words.joined(separator: ", "))\n"
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
                        node.interface.map { "holds it on \($0)" } ?? "no", node.holds ? .strong : nil
                    ),
                    Table.Cell(node.daemonWord),
                    Table.Cell(node.claim?.rawValue ?? "-", node.claimsMaster ? .strong : nil),
                    Table.Cell(node.priority.map(String.init) ?? "-"), Table.Cell(node.roleSource.words),
                ]
            })
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
        case .stateFile(let age): "its notify file, \(age) s old"
        case .journal(let age): "its journal, \(age) s old"
        case .none: "-"
        }
    }
}

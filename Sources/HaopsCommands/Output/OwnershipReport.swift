import Addresses
import Checks
import Facts
import Keepalived
import Remote

/// Verdicts on virtual addresses in every form of output.
struct OwnershipReport: Sendable {
    var ownerships: [VIPOwnership]
    var pending = PendingLines([:])
    /// Show every witness also where all is well.
    var isDetailed: Bool

    func report(style: Style) -> Report {
        Report(
            command: "who",
            members: [
                ("vips", .array(ownerships.map(Self.document))), ("pending", pending.document),
            ], text: text(style),
            tsv: summary)
    }

    private var summary: Table {
        Table(
            columns: ["vip", "cluster", "verdict", "owner", "why"],
            rows: ownerships.map { ownership in
                let owners = ownership.holders.map(\.name).joined(separator: ",")
                return [
                    Table.Cell(ownership.vip.description), Table.Cell(ownership.cluster),
                    Table.Cell(ownership.verdict.rawValue, ownership.verdict.tone),
                    Table.Cell(owners.isEmpty ? "-" : owners), Table.Cell(ownership.reason),
                ]
            })
    }

    private func text(_ style: Style) -> String {
        var text = ownerships.isEmpty ? "" : summary.text(style)
        // Addresses of one instance share their witnesses: shown once, for the instance that is in trouble.
        var shown: Set<String> = []
        for ownership in ownerships where isDetailed || ownership.verdict != .owned {
            let key =
                "\(ownership.cluster) \(ownership.instance ?? ownership.vip.description) \(ownership.verdict)"
            guard shown.insert(key).inserted || isDetailed else { continue }
            text += "\n" + style(.strong, "\(ownership.vip)") + " as its witnesses see it:\n"
            text += Self.witnesses(of: ownership).text(style, indent: 2)
            for entry in ownership.arp {
                let whose =
                    entry.node.map { "\($0) (\(entry.mac))" } ?? "\(entry.mac), nobody of this cluster"
                let words = "\(entry.observer) sends to \(whose), \(entry.state.lowercased())"
                text += Wrapped(words.safeOnOneLine, indent: 4, width: style.width).text(after: "  ")
            }
        }
        // Addresses of one instance share its lift.
        let lifts = ownerships.flatMap(\.nodes).compactMap { view in view.lift?.words(on: view.node) }
        for lift in lifts.uniqued() {
            text +=
                "\n"
                + Wrapped(lift.safeOnOneLine, indent: 4, width: style.width)
                .text(after: style(.warning, "override:") + " ")
        }
        let runs = pending.text(style)
        return runs.isEmpty ? text : text + "\n" + runs
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
                        node.interface.map { "holds it on \($0)" } ?? "has it not", node.holds ? .strong : nil
                    ),
                    Table.Cell(node.daemonWord),
                    Table.Cell(node.claim?.rawValue ?? "-", node.claimsMaster ? .strong : nil),
                    Table.Cell(node.priority.map(String.init) ?? "-"), Table.Cell(node.witness.words),
                ]
            })
    }

    /// One entry of `who`'s JSON; see the README's promise: members are added, never taken away.
    private static func document(_ ownership: VIPOwnership) -> OutputValue {
        [
            "vip": .text(ownership.vip.description), "cluster": .text(ownership.cluster),
            "instance": OutputValue(ownership.instance), "verdict": .text(ownership.verdict.rawValue),
            "reason": .text(ownership.reason), "owners": OutputValue(ownership.holders.map(\.name)),
            "nodes": .array(
                ownership.nodes.map { node in
                    [
                        "node": .text(node.node.name), "reachable": .bool(node.isReachable),
                        "holds": node.isReachable ? .bool(node.holds) : nil,
                        "interface": OutputValue(node.interface),
                        "keepalived": .text(node.daemonWord), "claims": OutputValue(node.claim?.rawValue),
                        "priority": OutputValue(node.priority), "witness": .text(node.witness.words),
                        "lift": OutputValue(node.lift?.value),
                        "error": OutputValue(node.silence.map { "\($0)" }),
                    ]
                }),
            "arp": .array(
                ownership.arp.map { entry in
                    [
                        "observer": .text(entry.observer.name), "mac": .text(entry.mac.description),
                        "node": OutputValue(entry.node?.name), "state": .text(entry.state),
                    ]
                }),
        ]
    }
}

extension VIPOwnership.NodeView {
    /// Of a node that said nothing of the address.
    var silenceWords: String {
        if case .unanswered(_, let question, _, _) = silence {
            "cannot say \(question)"
        } else {
            "did not answer"
        }
    }

    var daemonWord: String {
        switch daemonRuns {
        case true?: "running"
        case false?: "stopped"
        case nil: "unknown"
        }
    }
}

extension KeepalivedDaemon.Lift {
    /// "lb2 is lifted by 51 for VI_1, switchover by ops".
    func words(on node: HostID) -> String {
        "\(node) is lifted by \(value) for \(instance)" + (reason.map { ", \($0)" } ?? "")
    }
}

extension KeepalivedDaemon.Witness {
    var words: String {
        switch self {
        case .daemon: "the daemon"
        case .stateFile(let age): "its notify file, \(age) s old"
        case .journal(let age): "its journal, \(age) s old"
        case .none: "-"
        }
    }
}

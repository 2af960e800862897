import Addresses
import Checks
import Events
import Remote
import Survey

/// One change, as `watch -o json` prints it on a line and `--exec` gets it.
struct WatchDocument: OutputDocument, Codable {
    /// When it happened, in UTC, by the clock of the machine that runs haops.
    var time: String
    /// How long after that it was known here.
    var lagMilliseconds: Int
    @Word<WatchEvent.Kind> var kind: String
    var cluster: String
    /// `null` for what concerns the whole cluster.
    var node: String?
    var instance: String?
    var addresses: [String]
    /// The service, server, check or interface that it is of.
    var subject: String?
    /// How it was before; `null` where there is no before.
    var from: String?
    var to: String?
    /// Who owns the addresses, for a verdict.
    var owners: [String]
    /// Whether it only says what was so when the watch began.
    var first: Bool
    var message: String

    init(_ event: WatchEvent) {
        time = event.time.iso8601
        lagMilliseconds = max(0, event.seen.millisecondsSince1970 - event.time.millisecondsSince1970)
        kind = event.kind.rawValue
        cluster = event.cluster
        node = event.node?.name
        instance = event.instance
        addresses = event.addresses.map(\.description)
        subject = event.subject
        from = event.from
        to = event.to
        owners = event.owners.map(\.name)
        first = event.isFirst
        message = event.words.concealed
    }

    var table: Table { Self.table([self]) }

    /// The columns of TSV.
    static let columns = ["time", "cluster", "node", "kind", "what"]

    private static func table(_ documents: [WatchDocument]) -> Table {
        Table(
            columns: columns,
            rows: documents.map { document in
                [document.time, document.cluster, document.node ?? "-", document.kind, document.message].map {
                    Table.Cell($0)
                }
            })
    }

    /// The whole document on one line.
    var line: String {
        Report(command: "watch", self, text: "").document.jsonOnOneLine + "\n"
    }
}

extension WatchEvent {
    /// A line for people: `09:41:07.123  web  lb1  VI_1: MASTER, was BACKUP`.
    ///
    /// - `widths`: of cluster and node.
    func line(_ style: Style, widths: (cluster: Int, node: Int)) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.displayWidth))
        }
        return style(.faint, time.clock) + "  "
            + (widths.cluster == 0 ? "" : padded(cluster.safeOnOneLine, widths.cluster) + "  ")
            + padded(node?.name.safeOnOneLine ?? "-", widths.node) + "  "
            + style(weight.tone, words.concealed.safeOnOneLine)
    }
}

extension WatchEvent.Weight {
    var tone: Style.Tone? {
        switch self {
        case .good: .good
        case .plain: nil
        case .warning: .warning
        case .bad: .bad
        }
    }
}

extension UTCTime {
    /// `09:41:07.123`.
    var clock: String { String(iso8601.dropFirst(11).prefix(12)) }
}

import Checks
import Keepalived
import Remote

/// What each single failure would do.
struct ReadyDocument: OutputDocument, Codable {
    struct Instance: Codable, Sendable {
        var cluster: String
        var instance: String
        var vips: [String]
        /// `null` while there is not one owner: then there are no rows.
        var owner: String?
        var notes: [String]
        var rows: [Row]
    }

    /// Milliseconds.
    struct Span: Codable, Sendable {
        var shortest: Int
        var longest: Int

        init(_ prediction: OutagePrediction) {
            shortest = prediction.shortest.milliseconds
            longest = prediction.longest.milliseconds
        }
    }

    struct Row: Codable, Sendable {
        var `case`: String
        var nodes: [String]
        var subject: String?
        var verdict: String
        var owners: [String]
        var leftovers: [String]
        /// Since the failure, when another node takes over; `null` when none does.
        var takeoverMs: Span?
        /// Without service; `null` when it does not come back by itself.
        var silenceMs: Span?
        /// `yes`, `no`, `differently`, `unknown`, `address-only`, `nobody`.
        var serves: String
        var servesWhy: [String]
        /// `unchanged`, `goes-back`, `stays`, `one-is-left`, `nobody`, `several-owners`.
        var afterwards: String
        /// Since the end of the failure.
        var goesBackMs: Span?
        var accepted: Bool
        var reasons: [String]
        var fix: String?
        /// For people and for tables; not in the document.
        var words = RowWords(cells: [])

        private enum CodingKeys: CodingKey {
            case `case`, nodes, subject, verdict, owners, leftovers, takeoverMs, silenceMs, serves, servesWhy
            case afterwards, goesBackMs, accepted, reasons, fix
        }

        init(_ row: ReadinessRow, isAccepted: Bool) {
            `case` = row.failure.rawValue
            nodes = row.nodes
            subject = row.subject
            verdict = row.verdict.rawValue
            owners = row.owners
            leftovers = row.leftovers
            takeoverMs = row.takeover.map(Span.init)
            silenceMs = row.silence.map(Span.init)
            (serves, servesWhy) = row.service.named
            afterwards = row.afterwards.name
            if case .goesBack(_, let after) = row.afterwards { goesBackMs = Span(after) }
            accepted = isAccepted && row.verdict.isBad
            reasons = row.reasons
            fix = row.fix.isEmpty ? nil : row.fix
            words = RowWords(row, isAccepted: isAccepted)
        }
    }

    var instances: [Instance]
    var findings: [FindingsDocument.Entry]
    var unreachable: [String]

    var table: Table {
        Table(
            columns: ["cluster", "instance", "when", "then", "silence", "serves", "afterwards", "verdict"],
            rows: instances.flatMap { instance in
                instance.rows.map { row in
                    [Table.Cell(instance.cluster), Table.Cell(instance.instance)] + row.words.cells
                        + [Table.Cell(row.verdict)]
                }
            })
    }
}

/// One row in words: WHEN, THEN, SILENCE, SERVES, AFTERWARDS.
struct RowWords: Sendable {
    static let columns = ["when", "then", "silence", "serves", "afterwards"]
    static let silenceColumn = 2

    var cells: [Table.Cell]

    init(cells: [Table.Cell]) { self.cells = cells }

    init(_ row: ReadinessRow, isAccepted: Bool) {
        let tone: Style.Tone? =
            row.verdict.isBad ? (isAccepted ? .warning : .bad) : row.verdict == .notProvable ? .warning : nil
        let serviceTone: Style.Tone? =
            switch row.service {
            case .no, .nobody: tone
            case .differently, .unknown: .warning
            case .yes, .addressOnly: nil
            }
        cells = [
            Table.Cell(row.title), Table.Cell(row.then, tone), Table.Cell(row.silenceWords),
            Table.Cell(row.service.word, serviceTone), Table.Cell(row.afterwards.words),
        ]
    }
}

extension ReadinessRow {
    fileprivate var then: String {
        switch verdict {
        case .nobody: "nobody"
        case .twoOwners: owners.count > 1 ? "both \(owners.enumeration)" : owners.enumeration
        case .leftover: "\(owners.enumeration); \(leftovers.enumeration) keeps it too"
        case .noMove: "stays on \(owners.enumeration)"
        case .notProvable:
            [.haproxy, .backend].contains(failure) ? "not provable: drill \(failure.rawValue)" : "not known"
        case .fine, .doesNotServe: owners.enumeration
        }
    }

    /// "2.6 to 3.6 s", "two answer", "until mended".
    var silenceWords: String {
        if verdict == .notProvable { return "?" }
        guard let silence else { return verdict == .twoOwners ? "two answer" : "until mended" }
        return silence.words
    }
}

extension ReadinessRow.Service {
    fileprivate var named: (String, [String]) {
        switch self {
        case .yes: ("yes", [])
        case .no(let why): ("no", why)
        case .differently(let why): ("differently", why)
        case .unknown(let why): ("unknown", why)
        case .addressOnly: ("address-only", [])
        case .nobody: ("nobody", [])
        }
    }

    fileprivate var word: String {
        switch self {
        case .yes: "yes"
        case .no: "no"
        case .differently: "differently"
        case .unknown: "?"
        case .addressOnly: "address only"
        case .nobody: "-"
        }
    }
}

extension ReadinessRow.Afterwards {
    fileprivate var name: String {
        switch self {
        case .unchanged: "unchanged"
        case .goesBack: "goes-back"
        case .stays: "stays"
        case .oneIsLeft: "one-is-left"
        case .nobody: "nobody"
        case .severalOwners: "several-owners"
        }
    }

    fileprivate var words: String {
        switch self {
        case .unchanged: "-"
        case .goesBack(let node, let after): "back to \(node) after \(after.words)"
        case .stays(let node, let why): "stays on \(node): \(why)"
        case .oneIsLeft(let node): "\(node) alone"
        case .nobody: "nobody"
        case .severalOwners(let nodes): "both \(nodes.enumeration)"
        }
    }
}

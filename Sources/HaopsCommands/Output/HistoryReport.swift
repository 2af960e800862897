import Events
import Facts
import Inventory
import Remote
import Rendering
import Rollout

/// The runs of a fleet, newest first.
struct HistoryReport: Sendable {
    var runs: [PastRun]
    /// The most runs to show; 0 shows all.
    var last: Int
    var journals: HistorySurvey.Journals

    private var shown: ArraySlice<PastRun> { last == 0 ? runs[...] : runs.prefix(last) }

    func report(style: Style) -> Report {
        let older = runs.count - shown.count
        return Report(
            command: "history",
            HistoryDocument(
                runs: shown.map { HistoryDocument.Run($0) }, older: older,
                journals: JournalsDocument(journals)),
            text: text(style)
                + (older > 0 ? style(.faint, "and \(older) older: --last 0 shows all") + "\n" : "")
                + journals.remarks(style))
    }

    private func text(_ style: Style) -> String {
        guard !shown.isEmpty else {
            let isAnyRead = journals.isComplete || !journals.sources.isEmpty
            return isAnyRead ? "no run of haops is in these journals\n" : "unknown: no journal was read\n"
        }
        let outcome = (shown.map(\.outcome.rawValue.count) + [7]).max() ?? 7
        let id = (shown.map(\.id.displayWidth) + [3]).max() ?? 3
        func line(_ time: String, _ run: String, _ end: String, _ what: String, _ tone: Style.Tone?) -> String
        {
            let head =
                time.padded(to: 19) + "  " + run.padded(to: id) + "  " + style(tone, end)
                + String(repeating: " ", count: max(0, outcome - end.count)) + "  "
            return Wrapped(what.safeOnOneLine, indent: 25 + id, width: style.width).text(after: head)
        }
        var text =
            style(
                .faint,
                "TIME (UTC)".padded(to: 19) + "  " + "RUN".padded(to: id) + "  "
                    + "OUTCOME".padded(to: outcome) + "  WHAT") + "\n"
        for run in shown {
            text += line(
                run.began.shown, run.id.safeOnOneLine, run.outcome.rawValue,
                run.purposes.joined(separator: ", "), run.outcome.tone)
            text += Wrapped(
                "by \(run.origin.safeOnOneLine); \(run.nodesInWords.safeOnOneLine)", indent: 4,
                width: style.width
            ).lines.joined()
        }
        return text
    }
}

/// One run, step by step.
struct RunStepsReport: Sendable {
    var run: PastRun
    var journals: HistorySurvey.Journals

    func report(style: Style) -> Report {
        Report(
            command: "history",
            RunStepsDocument(
                runs: [HistoryDocument.Run(run, withSteps: true)], journals: JournalsDocument(journals)),
            text: text(style) + journals.remarks(style))
    }

    private func text(_ style: Style) -> String {
        let head =
            "run \(run.id): \(run.purposes.joined(separator: ", ")) by \(run.origin)".safeOnOneLine
        var text = Wrapped(head, indent: 4, width: style.width).lines.joined().trimmingPrefix { $0 == " " }
        text += "  began \(run.began.shown) UTC, took \(run.duration.brief): "
        text += style(run.outcome.tone, run.outcome.rawValue) + "\n"
        for reason in run.reasons {
            text += Wrapped("why: \(reason.concealed.safeOnOneLine)", indent: 2, width: style.width).lines
                .joined()
        }
        text += Wrapped("nodes: \(run.nodesInWords.safeOnOneLine)", indent: 2, width: style.width).lines
            .joined()
        text += Wrapped(
            "in locks, journals and saved sets: \(run.names.map(\.text).joined(separator: ", ").safeOnOneLine)",
            indent: 2, width: style.width
        ).lines.joined()
        let rows = steps.map { part, entry in
            [
                Table.Cell(entry.time.shown, .faint), Table.Cell(part.node.name, .strong),
                Table.Cell(entry.words.concealed),
            ]
        }
        return text + "\n" + Table(columns: ["time (utc)", "node", "step"], rows: rows).text(style)
    }

    /// The steps by time. Entries of one node with the same second keep their order.
    private var steps: [(part: PastRun.NodePart, entry: RunJournal.Entry)] {
        let all = run.parts.flatMap { part in part.entries.map { (part: part, entry: $0) } }
        return all.enumerated()
            .sorted { ($0.element.entry.time, $0.offset) < ($1.element.entry.time, $1.offset) }
            .map(\.element)
    }
}

extension HistorySurvey.Journals {
    fileprivate func remarks(_ style: Style) -> String {
        var text = ""
        func say(_ tone: Style.Tone, _ label: String, _ sentence: String) {
            text += Wrapped(sentence.safeOnOneLine, indent: 4, width: style.width).text(
                after: style(tone, label) + " ")
        }
        if !unread.isEmpty {
            say(
                .warning, "incomplete:",
                "the journals of \(NodeRange.folded(unread.map(\.host))) could not be read; runs may be missing"
            )
        }
        for source in sources where !source.journal.unreadable.isEmpty {
            let lines = source.journal.unreadable
            say(
                .warning, "warning:",
                "\(source.node): \(lines.count) line\(lines.count == 1 ? "" : "s") of /var/lib/haops/journal cannot be read: "
                    + lines.prefix(3).map(\.description).joined(separator: ", ")
                    + (lines.count > 3 ? ", …" : ""))
        }
        let cut = sources.filter(\.journal.isCut).map(\.node)
        if !cut.isEmpty {
            say(
                .faint, "note:",
                "the journals of \(NodeRange.folded(cut)) have their newest lines only: earlier runs may be missing"
            )
        }
        return text
    }
}

extension PastRun {
    /// "root@vm from 198.51.100.5".
    fileprivate var origin: String {
        who + (addresses.isEmpty ? "" : " from " + addresses.joined(separator: " and "))
    }

    /// "web: lb1 changed in 12 s, lb2 nothing to do".
    fileprivate var nodesInWords: String {
        clusters.map { cluster in
            "\(cluster): "
                + parts.filter { $0.cluster == cluster }.map { part in
                    "\(part.node) \(part.fate)"
                        + (part.isUnderWay ? "" : part.duration.map { " in \($0.brief)" } ?? "")
                }.joined(separator: ", ")
        }.joined(separator: "; ")
    }
}

extension PastRun.Outcome {
    fileprivate var tone: Style.Tone {
        switch self {
        case .done: .good
        case .refused, .interrupted, .unfinished, .wentBack, .underWay: .warning
        case .failed, .unknown: .bad
        }
    }
}

extension UTCTime {
    /// `2026-11-29 05:40:00`.
    fileprivate var shown: String { String(iso8601InSeconds.dropLast()).replacing("T", with: " ") }
}

extension String {
    /// Without what stands behind a keyword for a secret: a daemon that refused a file has quoted it, and journals of
    /// earlier versions keep its words.
    var concealed: String { SecretMask().shown(Array(utf8)) }

    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - displayWidth))
    }
}

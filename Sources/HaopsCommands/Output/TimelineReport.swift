import Events
import Inventory
import Remote
import Survey
import Timeline

/// The timeline: what happened, and then a sentence for each failover.
struct TimelineReport: Sendable {
    var outcome: TimelineSurvey.Outcome
    /// Only these; all when empty.
    var instances: [String] = []
    var isFromFiles = false
    /// Details too.
    var showsAll = false

    var clocksCompared: Bool { outcome.logs.allSatisfy(\.clock.isMeasured) }

    func report(style: Style) -> Report {
        let story = outcome.story
        let failovers = story.failovers.filter { isWanted($0.instance) }
        let rows = TimelineRows(outcome.events.filter { event in event.instance.map(isWanted) ?? true }).rows
        let document = TimelineDocument(
            events: rows.map { TimelineDocument.Event($0) },
            failovers: failovers.map { TimelineDocument.Change($0, clocksCompared: clocksCompared) },
            owners: story.owners.filter { isWanted($0.instance) }.map {
                TimelineDocument.Owner(cluster: $0.cluster, instance: $0.instance, nodes: $0.nodes)
            },
            nodes: outcome.logs.map { TimelineDocument.Node($0) },
            unreachable: outcome.unread.map(\.host.name))
        let lines = TimelineText(style: style, clusters: Set(outcome.logs.map(\.cluster)).count)
        var text = lines.table(showsAll ? rows : rows.filter { !$0.isDetail })
        let sentences = failovers.map { lines.sentence($0, clocksCompared: clocksCompared) }
        if !sentences.isEmpty { text += (text.isEmpty ? "" : "\n") + sentences.joined() }
        if outcome.logs.isEmpty {
            text += style(.warning, "unknown") + ": no log was read\n"
        } else if failovers.isEmpty {
            text += "no instance changed its owner in these logs\n"
        }
        return Report(command: "timeline", document, text: text + remarks(style))
    }

    func isWanted(_ instance: String) -> Bool { instances.isEmpty || instances.contains(instance) }

    private func remarks(_ style: Style) -> String {
        var text = ""
        func say(_ tone: Style.Tone, _ label: String, _ sentence: String) {
            text += Wrapped(sentence.safeOnOneLine, indent: 4, width: style.width).text(
                after: style(tone, label) + " ")
        }
        let logs = outcome.logs
        func names(_ isMeant: (TimelineSurvey.NodeLog) -> Bool) -> String? {
            let meant = logs.filter(isMeant).map { HostID($0.node) }
            return meant.isEmpty ? nil : NodeRange.folded(meant)
        }
        if !outcome.unread.isEmpty {
            let silent = NodeRange.folded(outcome.unread.map(\.host))
            say(.warning, "incomplete:", "the logs of \(silent) could not be read")
        }
        if let none = names({ $0.sources.isEmpty }) {
            say(.warning, "incomplete:", "\(none): neither a journal nor a log file was found")
        }
        for log in logs {
            if let begins = log.begins {
                say(
                    .faint, "note:",
                    "\(log.node): its journal begins at \(begins.date) \(begins.clock(precision: 1000))")
            }
        }
        if let cut = names({ $0.isCut }) {
            say(.faint, "note:", "\(cut): there were too many lines, the oldest ones were not read")
        }
        if let bound = logs.filter(\.clock.isMeasured).map(\.clock.bound).max() {
            let ahead = logs.map { abs($0.clock.ahead) }.max() ?? 0
            let differ = ahead > bound ? ", which differed by up to \(Failover.duration(ahead))" : ""
            say(
                .faint, "note:",
                "times are UTC by the clock here; the nodes' clocks\(differ) were compared to within \(Failover.duration(bound))"
            )
        }
        if let unknown = names({ !$0.clock.isMeasured && !$0.sources.isEmpty }),
            !isFromFiles || logs.count > 1
        {
            say(.faint, "note:", "\(unknown): the clocks were not compared; times are as logged")
        }
        if logs.contains(where: \.lacksZone) {
            say(.faint, "note:", "times without a zone are shown as they are written")
        }
        if logs.contains(where: \.lacksYear) {
            say(
                .faint, "note:",
                "dates without a year are taken for the latest ones that are not after the file")
        }
        let unread = logs.map(\.unread).reduce(0, +)
        if unread > 0 {
            say(
                .faint, "note:",
                "\(unread) line\(unread == 1 ? "" : "s") without a time that is understood "
                    + (unread == 1 ? "was" : "were") + " not read")
        }
        return text
    }
}

/// Rows and sentences of a timeline for people.
struct TimelineText: Sendable {
    var style: Style
    /// How many clusters there are: with several, each row names its own.
    var clusters = 1

    /// A table for each day.
    func table(_ rows: [TimelineEvent]) -> String {
        var text = ""
        var day = ""
        var open: [TimelineEvent] = []
        func close() {
            guard !open.isEmpty else { return }
            text += style(.strong, day) + "\n"
            text += Table(columns: ["time", "node", "what"], rows: open.map(cells)).text(style, indent: 2)
        }
        for row in rows {
            if row.time.date != day {
                close()
                (day, open) = (row.time.date, [])
            }
            open.append(row)
        }
        close()
        return text
    }

    func cells(_ event: TimelineEvent) -> [Table.Cell] {
        var what = event.words.concealed
        if event.count > 1 {
            what += " (\(event.count) times"
            if event.lastTime > event.time {
                what += ", until \(event.lastTime.clock(precision: event.precision))"
            }
            what += ")"
        }
        let node = clusters > 1 ? "\(event.cluster)/\(event.node)" : event.node
        return [
            Table.Cell(event.time.clock(precision: event.precision), .faint), Table.Cell(node, .strong),
            Table.Cell(what, event.isTransition ? .strong : nil),
        ]
    }

    /// One row by itself, for a table that grows.
    func line(_ event: TimelineEvent) -> String {
        let cells = cells(event)
        let head =
            "  " + cells.dropLast().map { style($0.tone, $0.text.safeOnOneLine) }.joined(separator: "  ")
        return Wrapped(cells[2].text.safeOnOneLine, indent: 6, width: style.width).text(after: head + "  ")
    }

    func sentence(_ failover: Failover, clocksCompared: Bool) -> String {
        let sentence = failover.sentence(clocksCompared: clocksCompared).concealed
        let cluster = clusters > 1 ? "\(failover.cluster): " : ""
        return Wrapped((cluster + sentence).safeOnOneLine, indent: 2, width: style.width).text(
            after: style(failover.isBad ? .bad : .warning, failover.time.date) + " ")
    }
}

extension Failover {
    /// Whether the address had two owners for longer than a handover takes, or has none.
    fileprivate var isBad: Bool {
        switch course {
        case .twoOwners, .lost: true
        case .moved, .retaken, .first, .notTakenBack: false
        }
    }
}

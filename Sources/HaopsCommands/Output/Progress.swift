import Events
import Inventory
import Remote

/// A run's progress as lines for a terminal: a count of the nodes that have answered, and a line for each node
/// that still works, with its elapsed time.
struct Progress: Sendable {
    /// A question to many nodes.
    private struct Question: Sendable {
        var what: String
        var total: Int
        var answered = 0
        var start: ContinuousClock.Instant
    }

    /// One node, or one cluster, at one stage.
    private struct Work: Sendable {
        var event: RunEvent
        var start: ContinuousClock.Instant
        var waitsFor = ""

        func isOf(_ other: RunEvent) -> Bool {
            event.cluster == other.cluster && event.node == other.node && event.stage == other.stage
        }
        var name: String { event.node?.name ?? event.cluster ?? "cluster" }
    }

    private var questions: [Question] = []
    private var works: [Work] = []

    var isEmpty: Bool { questions.isEmpty && works.isEmpty }

    /// Records an event; events that have no line are ignored.
    mutating func follow(_ event: RunEvent, at now: ContinuousClock.Instant) {
        if event.stage == .run { return }
        if event.stage == .ask, event.node == nil {
            if event.phase == .begins {
                questions.append(Question(what: event.message, total: event.nodes ?? 0, start: now))
            } else if event.phase.isLast, !questions.isEmpty {
                questions.removeLast()
            }
            return
        }
        switch event.phase {
        case .begins: works.append(Work(event: event, start: now))
        case .waits:
            guard let index = works.lastIndex(where: { $0.isOf(event) }) else { return }
            works[index].waitsFor = event.message
        default:
            if let index = works.lastIndex(where: { $0.isOf(event) }) { works.remove(at: index) }
            if event.stage == .ask, !questions.isEmpty { questions[questions.count - 1].answered += 1 }
        }
    }

    /// How long a node must work before it gets its own line.
    private static let patience = Duration.seconds(1)

    /// - `width`, `height`: of the terminal. The lines fit into both.
    func lines(at now: ContinuousClock.Instant, width: Int, height: Int) -> [String] {
        let asked = works.filter { $0.event.stage == .ask }
        let late = asked.filter { $0.start.duration(to: now) >= Self.patience }
        var lines: [String] = []
        if let question = questions.last {
            var line = "\(question.what): \(question.answered)/\(question.total)"
            if late.isEmpty, !asked.isEmpty {
                line += ", waiting for " + NodeRange.folded(asked.map(\.name))
            } else if !asked.isEmpty {
                line += ", waiting for \(asked.count)"
            }
            lines.append(line + elapsed(since: question.start, now))
        }
        // A cluster has a line of its own while none of its nodes has.
        let busy = Set(works.filter { $0.event.stage != .cluster }.map(\.event.cluster))
        let shown =
            works.filter {
                $0.event.stage != .ask && ($0.event.stage != .cluster || !busy.contains($0.event.cluster))
            }
            + late
        // One line stays free for the cursor, and one for the next output.
        let room = max(1, height - 2 - lines.count)
        let fitting = shown.count <= room ? shown.count : room - 1
        for work in shown.prefix(fitting) {
            let isNamed = work.event.stage == .ask || work.event.stage == .cluster
            let words = isNamed ? work.event.message : work.event.stage.words
            let waits = work.waitsFor.isEmpty ? "" : ": " + work.waitsFor
            let bound = isNamed ? "" : work.event.message
            lines.append("  \(work.name): \(words)" + elapsed(since: work.start, now, bound) + waits)
        }
        let rest = shown.dropFirst(fitting)
        if !rest.isEmpty {
            lines.append("  and \(rest.count) more: " + NodeRange.folded(rest.map(\.name)))
        }
        return lines.map { $0.safeOnOneLine.cut(to: width - 1) }
    }

    /// - `bound`: how long it takes at most, in words.
    private func elapsed(
        since start: ContinuousClock.Instant, _ now: ContinuousClock.Instant, _ bound: String = ""
    ) -> String {
        let bound = bound.isEmpty ? "" : ", " + bound
        let seconds = start.duration(to: now).components.seconds
        guard seconds > 0 else { return "" }
        return seconds < 60 ? " (\(seconds) s\(bound))" : " (\(seconds / 60) min \(seconds % 60) s\(bound))"
    }
}

extension String {
    /// The text cut to `width` columns, with an ellipsis when it is longer.
    fileprivate func cut(to width: Int) -> String {
        displayWidth <= width ? self : prefix(max(0, width - 1)) + "…"
    }
}

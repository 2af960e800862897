import Checks
import Events
import Survey

/// The table of `who`, again at every change of an owner or a state.
struct TableFace: WatchFace {
    let console: Console
    let format: OutputOptions.Format
    let isDetailed: Bool
    let onlyProblems: Bool
    let namesAll: Bool

    mutating func show(_ events: [WatchEvent], _ model: WatchModel, at now: UTCTime) {
        guard events.contains(where: { $0.kind == .verdict }) else { return }
        let report = OwnershipReport(
            ownerships: model.ownerships, isDetailed: isDetailed, onlyProblems: onlyProblems,
            silent: model.nodes.values.count { $0.silence != nil }, namesAll: namesAll
        ).report(style: console.out)
        guard format.isForPeople else { return console.answer(report.document.jsonOnOneLine + "\n") }
        console.answer(console.out(.faint, now.clock) + "\n" + report.text + "\n")
    }

    mutating func react(to input: TerminalInput, _ model: WatchModel, at now: UTCTime) -> WatchWish {
        .nothing
    }
}

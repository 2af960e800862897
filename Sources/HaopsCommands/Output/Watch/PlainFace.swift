import Events
import Survey

/// The watch where there is no terminal.
struct PlainFace: WatchFace {
    let lines: WatchLines
    let complaints: Complaints
    let console: Console

    mutating func show(_ events: [WatchEvent], _ model: WatchModel, at now: UTCTime) {
        for event in events { lines.show(event) }
        for complaint in complaints.take() { console.warning(complaint) }
    }

    mutating func react(to input: TerminalInput, _ model: WatchModel, at now: UTCTime) -> WatchWish {
        .nothing
    }
}

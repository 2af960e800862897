import Events
import Survey

/// The watch on a terminal. It draws what has changed, and at most as often as the terminal takes it.
struct ScreenFace: WatchFace {
    let session: TerminalSession
    let complaints: Complaints
    let isColored: Bool
    private var view = WatchView()
    private var drawn: Screen?
    private var isDirty = true
    private var second = ""

    init(session: TerminalSession, complaints: Complaints, isColored: Bool) {
        (self.session, self.complaints, self.isColored) = (session, complaints, isColored)
    }

    mutating func show(_ events: [WatchEvent], _ model: WatchModel, at now: UTCTime) {
        if !events.isEmpty {
            view.add(events)
            isDirty = true
        }
        if let complaint = complaints.take().last {
            view.complain(complaint)
            isDirty = true
        }
        let time = String(now.clock.prefix(8))
        guard isDirty || time != second, session.isReady else { return }
        (isDirty, second) = (false, time)
        let screen = view.screen(model, at: now)
        let update = screen.update(from: drawn, isColored: isColored)
        drawn = screen
        if !update.isEmpty { session.draw(update) }
    }

    mutating func react(to input: TerminalInput, _ model: WatchModel, at now: UTCTime) -> WatchWish {
        isDirty = true
        switch input {
        case .resized(let width, let height):
            view.resize(width: width, height: height)
            drawn = nil
            return .nothing
        case .resumed:
            drawn = nil
            return .nothing
        case .key(let key): return view.react(to: key, model, at: now)
        }
    }
}

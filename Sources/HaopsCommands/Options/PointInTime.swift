import ArgumentParser
import Events

/// A time on the command line: so long ago (`90s`, `30m`, `2h`, `3d`), or a time in UTC (`2026-11-30T20:55:00Z`).
struct PointInTime: ExpressibleByArgument, Sendable {
    private enum Form: Sendable {
        case ago(seconds: Int)
        case at(UTCTime)
    }

    private var form: Form

    /// A year; no log is older, and the number stays small.
    private static let longest = 366 * 86_400

    /// How far back a story goes unless it is said.
    static let usual = PointInTime(form: .ago(seconds: 7200))

    private init(form: Form) { self.form = form }

    init?(argument: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        if let unit = argument.last.flatMap({ units[$0] }) {
            guard let number = Int(argument.dropLast()), number > 0, number <= Self.longest / unit else {
                return nil
            }
            form = .ago(seconds: number * unit)
        } else if let time = UTCTime(argument) ?? UTCTime(argument.dropLast() + ":00Z") {
            form = .at(time)
        } else {
            return nil
        }
    }

    /// - `now`: when the question is asked.
    func time(at now: UTCTime) -> UTCTime {
        switch form {
        case .ago(let seconds):
            UTCTime(millisecondsSince1970: now.millisecondsSince1970 - seconds * 1000)
        case .at(let time): time
        }
    }
}

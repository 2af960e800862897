import Glibc

/// A moment as runs are named by it: `20261121T084349Z`.
struct UTCTime: CustomStringConvertible {
    var secondsSince1970: Int

    /// By the operator's own clock.
    static var now: UTCTime { UTCTime(secondsSince1970: time(nil)) }

    var description: String {
        let (days, rest) = secondsSince1970.quotientAndRemainder(dividingBy: 86400)
        // Days are counted from 1 March of year 0, so that a leap day is the last of its year.
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)\(two(month < 10 ? month + 3 : month - 9))\(two(day))T"
            + "\(two(rest / 3600))\(two(rest / 60 % 60))\(two(rest % 60))Z"
    }
}

import Glibc

/// A time in UTC, in milliseconds. Printing and parsing need no time zone tables.
package struct UTCTime: Hashable, Comparable, Sendable {
    package var millisecondsSince1970: Int

    package init(millisecondsSince1970: Int) { self.millisecondsSince1970 = millisecondsSince1970 }

    package var secondsSince1970: Double { Double(millisecondsSince1970) / 1000 }

    /// The current time of the machine that runs haops.
    package static var now: UTCTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return UTCTime(millisecondsSince1970: time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
    }

    package static func < (left: UTCTime, right: UTCTime) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }

    package static func - (left: UTCTime, right: UTCTime) -> Duration {
        .milliseconds(left.millisecondsSince1970 - right.millisecondsSince1970)
    }

    /// The format of events: `2026-11-21T08:43:49.120Z`.
    package var iso8601: String {
        let milliseconds = Self.digits(parts.milliseconds, 3)
        return "\(date(separator: "-"))T\(clock(separator: ":")).\(milliseconds)Z"
    }

    /// The format of the nodes' journals and locks: `2026-11-21T08:43:49Z`.
    package var iso8601InSeconds: String { "\(date(separator: "-"))T\(clock(separator: ":"))Z" }

    /// The format of run names: `20261121T084349Z`.
    package var compact: String { "\(date(separator: ""))T\(clock(separator: ""))Z" }

    /// Parses the formats of ``iso8601``, ``iso8601InSeconds`` and ``compact``; `nil` for other texts and
    /// impossible dates.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let isCompact = bytes.count == 16
        guard bytes.last == UInt8(ascii: "Z"), isCompact || bytes.count == 20 || bytes.count == 24 else {
            return nil
        }
        let layout = Array((isCompact ? "dddddddd" + "Tdddddd" : "dddd-dd-ddTdd:dd:dd.ddd").utf8)
        for (byte, wanted) in zip(bytes.dropLast(), layout) {
            let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            guard wanted == UInt8(ascii: "d") ? isDigit : byte == wanted else { return nil }
        }
        let digits = bytes.filter { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.map {
            Int($0 - UInt8(ascii: "0"))
        }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        self.init(
            year: number(0..<4), month: number(4..<6), day: number(6..<8), hour: number(8..<10),
            minute: number(10..<12), second: number(12..<14),
            milliseconds: digits.count == 17 ? number(14..<17) : 0)
    }

    /// A date and a time of day; `nil` for impossible ones, such as 31 February.
    package init?(
        year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, milliseconds: Int = 0
    ) {
        // A leap second counts as the first second of the next minute.
        guard (1...12).contains(month), day >= 1, hour < 24, minute < 60, second <= 60 else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        self.init(
            millisecondsSince1970: (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + milliseconds)
        // Rejects impossible dates: 31 February would become a day of March.
        guard parts.month == month, parts.day == day || second == 60 else { return nil }
    }

    package var year: Int { parts.year }

    /// Days from 1 January 1970. Internally years begin on 1 March, so that a leap day is the last day of its
    /// year.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let (era, yearOfEra) = shifted.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private var parts: (year: Int, month: Int, day: Int, second: Int, milliseconds: Int) {
        let milliseconds = ((millisecondsSince1970 % 1000) + 1000) % 1000
        let seconds = (millisecondsSince1970 - milliseconds) / 1000
        let second = ((seconds % 86400) + 86400) % 86400
        let shifted = (seconds - second) / 86400 + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        return (year, month < 10 ? month + 3 : month - 9, day, second, milliseconds)
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }

    private func date(separator: String) -> String {
        let parts = parts
        return [Self.digits(parts.year, 4), Self.digits(parts.month, 2), Self.digits(parts.day, 2)].joined(
            separator: separator)
    }

    private func clock(separator: String) -> String {
        let second = parts.second
        return [second / 3600, second / 60 % 60, second % 60].map { Self.digits($0, 2) }.joined(
            separator: separator)
    }
}

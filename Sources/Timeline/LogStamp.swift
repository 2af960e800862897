import Events

/// The time at the start of a log line, in the formats of journalctl, of syslog and of keepalived itself.
///
/// - `1795251249.451859`: `journalctl -o short-unix`.
/// - `2026-11-21T08:57:23.123456+01:00`: `short-iso`, and rsyslog's own format.
/// - `Nov 21 08:57:23`, also with a fraction: RFC 3164, and `journalctl -o short` and `short-precise`.
/// - `Sat Nov 21 08:57:23 2026:`: keepalived without syslog.
/// - `Sat 2026-11-21 08:57:23 UTC`: `journalctl -o short-full`.
struct LogStamp {
    /// `nil` when the date names none.
    var year: Int?
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    var milliseconds = 0
    var precision = 1000
    /// Seconds east of UTC; `nil` when the time names no zone.
    var zone: Int?
    /// Since 1970, where the line says that instead of a date.
    var absolute: UTCTime?
    /// Whether the message follows at once, without the names of a host and a program.
    var isWithoutNames = false
    /// What is behind the time.
    var rest: ArraySlice<UInt8>

    init?(_ line: ArraySlice<UInt8>) {
        var bytes = StampBytes(line)
        (month, day, hour, minute, second, rest) = (1, 1, 0, 0, 0, line)
        // The priority of a line as it is on the wire, `<30>`.
        if bytes.skip("<") { _ = bytes.skip(while: \.isDigit); _ = bytes.skip(">") }
        let hasWeekday = bytes.skip(oneOf: Self.weekdays)
        if hasWeekday { bytes.skipBlanks() }
        if let month = bytes.month(Self.months) {
            guard readMonthDate(month, &bytes) else { return nil }
            if hasWeekday {
                // A status page of systemd has a date as well, without the year.
                if let year = bytes.number(digits: 4) { self.year = year }
                isWithoutNames = bytes.skip(":")
            }
        } else if let seconds = bytes.number(), bytes.peek("-") {
            guard readISODate(seconds, &bytes) else { return nil }
        } else {
            guard !hasWeekday, readSeconds(line) else { return nil }
            return
        }
        bytes.skipBlanks()
        rest = bytes.rest
    }

    /// The time; `nil` for an impossible date.
    ///
    /// - `year`, `zone`: for a time that names none.
    func time(year: Int, zone: Int) -> UTCTime? {
        if let absolute { return absolute }
        let local = UTCTime(
            year: self.year ?? year, month: month, day: day, hour: hour, minute: minute, second: second,
            milliseconds: milliseconds)
        return local.map {
            UTCTime(millisecondsSince1970: $0.millisecondsSince1970 - (self.zone ?? zone) * 1000)
        }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    private mutating func readMonthDate(_ month: Int, _ bytes: inout StampBytes) -> Bool {
        self.month = month
        bytes.skipBlanks()
        guard let day = bytes.number(), day <= 31 else { return false }
        self.day = day
        bytes.skipBlanks()
        // Some devices write the year between the day and the time.
        if let year = bytes.number(digits: 4) {
            self.year = year
            bytes.skipBlanks()
        }
        guard readClock(&bytes) else { return false }
        bytes.skipBlanks()
        return true
    }

    private mutating func readISODate(_ year: Int, _ bytes: inout StampBytes) -> Bool {
        guard (1970...9999).contains(year), bytes.skip("-"), let month = bytes.number(digits: 2),
            bytes.skip("-"), let day = bytes.number(digits: 2), bytes.skip("T") || bytes.skip(" "),
            readClock(&bytes)
        else { return false }
        (self.year, self.month, self.day) = (year, month, day)
        zone = bytes.zone()
        if zone == nil {
            bytes.skipBlanks()
            if bytes.skip("UTC ") { zone = 0 }
        }
        return true
    }

    private mutating func readClock(_ bytes: inout StampBytes) -> Bool {
        guard let hour = bytes.number(digits: 2), bytes.skip(":"), let minute = bytes.number(digits: 2),
            bytes.skip(":"), let second = bytes.number(digits: 2)
        else { return false }
        (self.hour, self.minute, self.second) = (hour, minute, second)
        if bytes.skip(".") || bytes.skip(",") { (milliseconds, precision) = bytes.fraction() }
        return true
    }

    private mutating func readSeconds(_ line: ArraySlice<UInt8>) -> Bool {
        var bytes = StampBytes(line)
        // A number of seconds with ten digits is a time from 2001 to 2286.
        guard let seconds = bytes.number(digits: 10) else { return false }
        var milliseconds = 0
        if bytes.skip(".") { (milliseconds, precision) = bytes.fraction() }
        guard bytes.peek(" ") else { return false }
        absolute = UTCTime(millisecondsSince1970: seconds * 1000 + milliseconds)
        bytes.skipBlanks()
        rest = bytes.rest
        return true
    }
}

/// The bytes of a line, read from its start.
struct StampBytes {
    private(set) var rest: ArraySlice<UInt8>

    init(_ line: ArraySlice<UInt8>) { rest = line }

    func peek(_ text: StaticString) -> Bool { rest.starts(with: "\(text)".utf8) }

    mutating func skip(_ text: StaticString) -> Bool {
        guard peek(text) else { return false }
        rest = rest.dropFirst(text.utf8CodeUnitCount)
        return true
    }

    mutating func skip(while isSkipped: (UInt8) -> Bool) -> Bool {
        let found = rest.drop(while: isSkipped)
        defer { rest = found }
        return found.count < rest.count
    }

    mutating func skip(oneOf words: [String]) -> Bool { index(in: words) != nil }

    mutating func skipBlanks() { rest = rest.drop { $0 == UInt8(ascii: " ") } }

    /// The month that is next, from 1.
    mutating func month(_ names: [String]) -> Int? { index(in: names).map { $0 + 1 } }

    private mutating func index(in words: [String]) -> Int? {
        guard let found = words.firstIndex(where: { rest.starts(with: $0.utf8) }) else { return nil }
        rest = rest.dropFirst(words[found].utf8.count)
        return found
    }

    /// The next number, of nine digits at most.
    mutating func number() -> Int? {
        let digits = rest.prefix { $0.isDigit }
        guard (1...9).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// The next number when it has exactly this many digits.
    mutating func number(digits count: Int) -> Int? {
        let digits = rest.prefix { $0.isDigit }
        guard digits.count == count else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// The digits behind a decimal point, and how exact they are, both in milliseconds.
    mutating func fraction() -> (milliseconds: Int, precision: Int) {
        let digits = rest.prefix { $0.isDigit }
        rest = rest.dropFirst(digits.count)
        let three = (Array(digits.prefix(3)) + [48, 48, 48]).prefix(3)
        let precision = [1000, 100, 10][min(digits.count, 2)]
        return (three.reduce(0) { $0 * 10 + Int($1 - 48) }, digits.count >= 3 ? 1 : precision)
    }

    /// `Z`, `+01:00` or `+0100`, in seconds east of UTC.
    mutating func zone() -> Int? {
        if skip("Z") { return 0 }
        let sign = peek("-") ? -1 : 1
        guard skip("+") || skip("-") else { return nil }
        if let all = number(digits: 4) { return sign * (all / 100 * 60 + all % 100) * 60 }
        guard let hours = number(digits: 2) else { return nil }
        let minutes = skip(":") ? number(digits: 2) ?? 0 : 0
        return sign * (hours * 60 + minutes) * 60
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}

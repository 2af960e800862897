package import Events

/// Reads a log that journalctl has printed, or that syslog or keepalived has written.
package struct LogReader: Sendable {
    /// When the log was written last: a date without a year is the latest one that is not after it.
    package var reference: UTCTime
    /// Seconds east of UTC, for times that name no zone.
    package var zone: Int

    package init(reference: UTCTime, zone: Int = 0) {
        self.reference = reference
        self.zone = zone
    }

    /// Longer lines are not read; those of the daemons are much shorter.
    private static let longest = 8 << 10
    /// How far a line may be behind the one after it: several programs write one log.
    private static let disorder = 36 * 3600 * 1000

    package func text(of bytes: [UInt8]) -> LogText {
        var text = LogText()
        var lines: [(stamp: LogStamp, line: LogLine)] = []
        for bytes in bytes.split(separator: UInt8(ascii: "\n")) {
            let line = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
            // The continuation of a message is indented.
            guard let first = line.first, first != UInt8(ascii: " "), first != UInt8(ascii: "\t") else {
                continue
            }
            guard line.count <= Self.longest, let stamp = LogStamp(line) else {
                text.unread += 1
                continue
            }
            if stamp.absolute == nil {
                text.lacksZone = text.lacksZone || stamp.zone == nil
                text.lacksYear = text.lacksYear || stamp.year == nil
            }
            lines.append((stamp, Self.line(behind: stamp)))
        }
        text.lines = dated(lines)
        text.unread += lines.count - text.lines.count
        return text
    }

    /// Gives each line its time, from the last one to the first: a date without a year that is later than the line after
    /// it is of an earlier year.
    private func dated(_ lines: [(stamp: LogStamp, line: LogLine)]) -> [LogLine] {
        var next = reference.millisecondsSince1970 + Self.disorder
        var dated: [LogLine] = []
        for (stamp, line) in lines.reversed() {
            var found: UTCTime?
            let year = UTCTime(millisecondsSince1970: next).year
            if stamp.absolute != nil || stamp.year != nil {
                found = stamp.time(year: year, zone: zone)
            } else {
                // Eight years, for a 29 February.
                for year in stride(from: year, to: year - 8, by: -1) {
                    guard let time = stamp.time(year: year, zone: zone) else { continue }
                    found = time
                    if time.millisecondsSince1970 <= next { break }
                }
            }
            guard let found else { continue }
            next = found.millisecondsSince1970 + Self.disorder
            var line = line
            line.time = found
            dated.append(line)
        }
        return dated.reversed()
    }

    /// `HOST PROGRAM[PID]: MESSAGE`; some logs name no host.
    private static func line(behind stamp: LogStamp) -> LogLine {
        let text = Substring(String(decoding: stamp.rest, as: UTF8.self))
        var line = LogLine(
            time: UTCTime(millisecondsSince1970: 0), precision: stamp.precision, process: "", message: "")
        let words = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
        if stamp.isWithoutNames {
            line.message = String(text)
        } else if let first = words.first, first.hasSuffix(":") {
            line.process = program(first)
            line.message = words.dropFirst().joined(separator: " ")
        } else if words.count == 3, words[1].hasSuffix(":") {
            line.process = program(words[1])
            line.message = String(words[2])
        } else {
            line.message = String(text)
        }
        line.unfoldRepetition()
        return line
    }

    /// `Keepalived_vrrp` of `Keepalived_vrrp[123]:`.
    private static func program(_ tag: Substring) -> String {
        String(tag.dropLast().prefix { $0 != "[" })
    }
}

extension LogLine {
    /// rsyslog's `message repeated 4 times: [ MESSAGE]`.
    fileprivate mutating func unfoldRepetition() {
        let lead = "message repeated "
        guard message.hasPrefix(lead), message.hasSuffix("]"),
            let open = message.firstRange(of: " times: [")
        else { return }
        let number = message[message.index(message.startIndex, offsetBy: lead.count)..<open.lowerBound]
        guard let count = Int(number), (1...1_000_000).contains(count) else { return }
        message = String(message[open.upperBound...].dropLast().drop { $0 == " " })
        self.count = count
    }
}

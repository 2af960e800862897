package import Events

/// One line of a machine's log: when, who and what.
package struct LogLine: Hashable, Sendable {
    /// By the clock of the machine that wrote it.
    package var time: UTCTime
    /// How exact the time is, in milliseconds: 1000 for a log that writes whole seconds.
    package var precision: Int
    /// The program: `Keepalived_vrrp`, `kernel`; empty when the line names none.
    package var process: String
    /// The message as logged, not yet safe for a terminal.
    package var message: String
    /// How often the message was logged, where syslog has folded it.
    package var count = 1

    package init(time: UTCTime, precision: Int, process: String, message: String) {
        self.time = time
        self.precision = precision
        self.process = process
        self.message = message
    }
}

/// The lines of a log.
package struct LogText: Sendable {
    package var lines: [LogLine] = []
    /// How many lines have no time that is understood. Their messages are not read.
    package var unread = 0
    /// Whether a time names no zone.
    package var lacksZone = false
    /// Whether a date names no year.
    package var lacksYear = false

    package init() {}

    /// Appends a later part of the same log.
    package mutating func append(_ later: LogText) {
        lines += later.lines
        unread += later.unread
        lacksZone = lacksZone || later.lacksZone
        lacksYear = lacksYear || later.lacksYear
    }
}

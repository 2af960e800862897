import Events

/// How far a journal has been read: after a lost connection it is read again from there.
struct LogProgress: Sendable {
    private(set) var time: UTCTime
    /// The lines of that time.
    private var lines: Set<String> = []

    init(time: UTCTime) { self.time = time }

    func includes(_ line: String, of time: UTCTime) -> Bool {
        time < self.time || time == self.time && lines.contains(line)
    }

    mutating func add(_ line: String, of time: UTCTime) {
        guard time >= self.time else { return }
        if time > self.time {
            self.time = time
            lines = []
        }
        lines.insert(line)
    }
}

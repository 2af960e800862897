package import Events
import Keepalived

/// What the lines of a log mean.
package struct LogMeaning: Sendable {
    package var node: String
    package var cluster: String
    /// How far the node's clock is ahead, in milliseconds, and how exactly that is known.
    package var clock: ClockOffset

    package init(node: String, cluster: String = "", clock: ClockOffset = ClockOffset()) {
        self.node = node
        self.cluster = cluster
        self.clock = clock
    }

    /// The events of a log; lines that say nothing about who owns an address have none.
    package func events(of lines: some Sequence<LogLine>) -> [TimelineEvent] { lines.compactMap(event) }

    package func event(of line: LogLine) -> TimelineEvent? {
        guard let kind = Self.kind(of: line) else { return nil }
        var event = event(kind, at: line.time, precision: line.precision, message: line.message)
        event.count = line.count
        return event
    }

    /// A step of a run of haops.
    package func run(
        at time: UTCTime, what: String, step: String, who: String, isLast: Bool
    ) -> TimelineEvent {
        event(
            .run(what: what, step: step, who: who, isLast: isLast), at: time, precision: 1000, message: step)
    }

    private func event(
        _ kind: TimelineEvent.Kind, at time: UTCTime, precision: Int, message: String
    ) -> TimelineEvent {
        // A log of whole seconds is corrected by whole seconds: less is within what it leaves open.
        let steps = (Double(clock.ahead) / Double(max(1, precision))).rounded()
        let ahead = Int(steps) * max(1, precision)
        return TimelineEvent(
            time: UTCTime(millisecondsSince1970: time.millisecondsSince1970 - ahead),
            precision: precision + clock.bound, node: node, cluster: cluster, kind: kind, message: message)
    }

    private static func kind(of line: LogLine) -> TimelineEvent.Kind? {
        let process = line.process.lowercased()
        if process.hasPrefix("keepalived") || process.isEmpty {
            if let event = JournalEvent(message: line.message) { return .keepalived(event) }
            guard process.isEmpty else { return nil }
        }
        switch process {
        case "haproxy": return HAProxyMessages.event(in: line.message).map { .haproxy($0) }
        case "kernel": return KernelMessages.kind(of: line.message)
        case "systemd": return ServiceMessages.kind(of: line.message)
        case "systemd-logind", "systemd-shutdown", "shutdown", "init":
            return MachineMessages.goesDown(line.message) ? .machine(.goesDown) : nil
        case "systemd-networkd", "networkmanager": return KernelMessages.carrier(in: line.message)
        default: return nil
        }
    }
}

/// How a node's clock differs from that of the machine that runs haops.
package struct ClockOffset: Hashable, Sendable {
    /// Milliseconds; negative for a clock that is behind.
    package var ahead = 0
    /// How much ``ahead`` may be wrong, in milliseconds.
    package var bound = 0
    /// Whether the clocks were compared.
    package var isMeasured = false

    package init() {}

    package init(ahead: Int, bound: Int) {
        self.ahead = ahead
        self.bound = bound
        isMeasured = true
    }

    /// The offset by the question with the shortest way: the node's time is of some moment between the two.
    ///
    /// - `samples`: when a question was sent, the node's answer, and when that arrived, in milliseconds since 1970.
    package init?(_ samples: [(sent: Int, theirs: Int, arrived: Int)]) {
        let possible = samples.filter { $0.arrived >= $0.sent }
        guard let best = possible.min(by: { $0.arrived - $0.sent < $1.arrived - $1.sent }) else { return nil }
        self.init(
            ahead: best.theirs - (best.sent + best.arrived) / 2, bound: (best.arrived - best.sent + 1) / 2)
    }
}

import Events
package import Remote
package import Timeline

/// Compares a machine's clock with the one here.
package enum ClockComparison {
    private static let questions = 5

    /// Asks a machine for its time a few times. `nil` when it has no answer.
    ///
    /// - Throws: `RemoteError` when the connection is lost.
    package static func offset(of session: any RemoteSession) async throws -> ClockOffset? {
        let command = Command(
            "while read -r word; do date +%s.%N; done", operation: "compare clocks", privileged: false)
        return try await session.hold(command) { held in
            var samples: [(sent: Int, theirs: Int, arrived: Int)] = []
            for _ in 0..<questions {
                let sent = UTCTime.now.millisecondsSince1970
                try await held.tell("now")
                guard let line = try await held.nextLine(timeout: .seconds(10)) else { break }
                let arrived = UTCTime.now.millisecondsSince1970
                guard let theirs = milliseconds(line) else { break }
                samples.append((sent, theirs, arrived))
            }
            return ClockOffset(samples)
        }
    }

    /// `1795251249.451859000`; `nil` for a `date` that knows no nanoseconds.
    package static func milliseconds(_ line: some StringProtocol) -> Int? {
        let parts = line.split(separator: ".", maxSplits: 1)
        guard let text = parts.first, text.utf8.count <= 11, let seconds = Int(text) else { return nil }
        guard parts.count == 2, parts[1].utf8.count == 9, let nanoseconds = Int(parts[1]) else { return nil }
        return seconds * 1000 + nanoseconds / 1_000_000
    }
}

import HaopsTestSupport
import Remote

/// What a machine that pings every 10 ms has seen.
struct Pings: CustomStringConvertible {
    var sent: Int
    var lost: Int
    /// The first of those that went unanswered, with their times.
    var gaps: [String]

    var description: String {
        "\(sent) pings sent, \(lost) lost" + (gaps.isEmpty ? "" : ": " + gaps.joined(separator: "; "))
    }

    /// Pings all the while that `body` runs.
    static func counted(
        from node: String, to address: String, on lab: LabFixture, during body: () async throws -> Void
    ) async throws -> Pings {
        let start = """
            rm -f /run/pings
            setsid ping -D -O -i 0.01 \(address) >/run/pings 2>&1 </dev/null &
            echo $! >/run/pings.pid
            """
        try await lab.eventually(start, on: node)
        try await lab.eventually("grep -q 'bytes from' /run/pings", on: node)
        do {
            try await body()
        } catch {
            try await lab.eventually(stop, on: node)
            throw error
        }
        try await lab.eventually(stop, on: node)
        let told = try await lab.console(
            node, "grep 'packets transmitted' /run/pings; grep 'no answer' /run/pings | head -5"
        ).text.split(separator: "\n").map(String.init)
        // "700 packets transmitted, 700 received, 0% packet loss, time 6990ms"
        let numbers = (told.first ?? "").split(separator: ",").map { $0.split(separator: " ") }
        guard numbers.count > 1, let sent = numbers[0].first.flatMap({ Int($0) }),
            let received = numbers[1].first.flatMap({ Int($0) })
        else { throw LabFixture.Failure.stillNot("ping told its figures: \(told)", after: .zero) }
        return Pings(sent: sent, lost: sent - received, gaps: Array(told.dropFirst()))
    }

    private static let stop =
        "kill -INT $(cat /run/pings.pid) 2>/dev/null; grep -q 'packets transmitted' /run/pings"
}

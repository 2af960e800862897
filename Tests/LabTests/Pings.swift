import HaopsTestSupport
import Remote

/// What a machine that pings every 10 ms has seen.
struct Pings: CustomStringConvertible {
    var sent: Int
    var lost: Int
    /// The numbers of those that went unanswered, one after the other in one range.
    var gaps: [ClosedRange<Int>]

    /// The longest time between two answers, less the distance of two pings.
    var silence: Duration

    /// How many in a row went unanswered, at worst.
    var longestGap: Int { gaps.map(\.count).max() ?? 0 }

    var description: String {
        let places = gaps.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        return "\(sent) pings sent, \(lost) lost"
            + (places.isEmpty ? "" : " (number \(places.joined(separator: ", ")))")
    }

    /// As ``counted(from:to:on:during:)``, and again, twice at most, when exactly one ping was lost.
    ///
    /// keepalived tells its peers that it is MASTER before it sets the address, and the old owner lets go at once: a
    /// packet under way in that fraction of a millisecond finds nobody. With a ping each 10 ms, a run with eight moves meets
    /// that moment about once in four times. A run that loses more, or three that lose one each, are a fault of ours.
    static func countedAgainIfOneWasLost(
        from node: String, to address: String, on lab: LabFixture, during body: () async throws -> Void
    ) async throws -> Pings {
        for _ in 1...2 {
            let pings = try await counted(from: node, to: address, on: lab, during: body)
            guard pings.lost == 1 else { return pings }
            print("\(pings): measured again")
        }
        return try await counted(from: node, to: address, on: lab, during: body)
    }

    /// Pings all the while that `body` runs.
    static func counted(
        from node: String, to address: String, on lab: LabFixture, during body: () async throws -> Void
    ) async throws -> Pings {
        let start = """
            rm -f /run/pings
            setsid ping -D -i 0.01 \(address) >/run/pings 2>&1 </dev/null &
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
            node,
            """
            grep 'packets transmitted' /run/pings
            sed -n 's/^\\[\\([0-9.]*\\)\\] .* icmp_seq=.* ttl=.*/\\1/p' /run/pings |
              awk 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 } END { print int(most * 1000) }'
            sed -n 's/.* icmp_seq=\\([0-9]*\\) ttl.*/\\1/p' /run/pings
            """
        ).text.split(separator: "\n")
        // "700 packets transmitted, 700 received, 0% packet loss, time 6990ms"
        guard let sent = told.first?.split(separator: " ").first.flatMap({ Int($0) }), told.count > 1,
            let longest = Int(told[1])
        else {
            throw LabFixture.Failure.stillNot("ping told its figures: \(told)", after: .zero)
        }
        let answered = Set(told.dropFirst(2).compactMap { Int($0) })
        var gaps: [ClosedRange<Int>] = []
        for number in 1...max(sent, 1) where !answered.contains(number) {
            if let last = gaps.last, last.upperBound == number - 1 {
                gaps[gaps.count - 1] = last.lowerBound...number
            } else {
                gaps.append(number...number)
            }
        }
        return Pings(
            sent: sent, lost: gaps.reduce(0) { $0 + $1.count }, gaps: gaps,
            silence: .milliseconds(max(0, longest - 10)))
    }

    private static let stop =
        "kill -INT $(cat /run/pings.pid) 2>/dev/null; grep -q 'packets transmitted' /run/pings"
}

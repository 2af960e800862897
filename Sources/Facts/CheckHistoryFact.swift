import Keepalived

/// What keepalived's journal has of its checks, since the daemon's start or of the last hour, the oldest first.
package struct CheckHistory: Hashable, Sendable {
    /// Seconds since 1970 on the machine's clock, when it was read.
    package let now: Int
    package let entries: [JournalEntry]
    /// When haproxy's unit was started in the last hour.
    package let proxyStarts: [Double]
    /// The entries since the daemon's last start.
    package let sinceStart: ArraySlice<JournalEntry>
    /// The entries since the daemon last read its configuration, at its start or by a reload.
    package let sinceLoad: ArraySlice<JournalEntry>
    private let results: [String: CheckResults]

    package init(now: Int, entries: [JournalEntry] = [], proxyStarts: [Double] = []) {
        self.now = now
        self.entries = entries
        self.proxyStarts = proxyStarts
        let start = entries.lastIndex { if case .started = $0.event.kind { true } else { false } }
        sinceStart = entries[(start ?? entries.startIndex)...]
        let load = entries.lastIndex { if case .reloading = $0.event.kind { true } else { false } }
        sinceLoad = sinceStart[max(load ?? sinceStart.startIndex, sinceStart.startIndex)...]
        results = sinceStart.reduce(into: [:]) { $0[$1.event.subject, default: CheckResults()].add($1) }
            .filter { $0.value.last != nil }
    }

    /// How often the daemon was started in the last hour.
    package var starts: [Double] {
        entries.filter { entry in
            guard case .started = entry.event.kind else { return false }
            return entry.at >= Double(now) - CheckHistoryFact.hour
        }.map(\.at)
    }

    /// The results of one check, since the daemon's last start.
    package func results(of script: String) -> CheckResults { results[script] ?? CheckResults() }
}

/// What the journal has of one check: every change of its result, as keepalived logs no others.
package struct CheckResults: Hashable, Sendable {
    package struct Failure: Hashable, Sendable {
        package var at: Double
        /// The exit status, if the journal has it.
        package var status: Int?
        /// Whether keepalived stopped it because it ran too long.
        package var isTimeout: Bool
    }

    /// Each time that it began to fail.
    package var failures: [Failure] = []
    /// Each time that it ended to fail.
    package var recoveries: [Double] = []
    package var isFailing: Bool?
    package var last: JournalEntry?

    private var status: Int?

    fileprivate mutating func add(_ entry: JournalEntry) {
        switch entry.event.kind {
        case .scriptReturns(let value): status = value
        case .scriptFailed, .scriptTimedOut:
            var isTimeout = false
            if case .scriptTimedOut = entry.event.kind { isTimeout = true }
            failures.append(Failure(at: entry.at, status: status, isTimeout: isTimeout))
            last = entry
            isFailing = true
        case .scriptSucceeded:
            last = entry
            isFailing = false
            if !failures.isEmpty { recoveries.append(entry.at) }
        default: break
        }
    }

    package var timeouts: Int { failures.count(where: \.isTimeout) }

    /// Seconds from one failure to the next, on average.
    package var period: Double? {
        guard let first = failures.first, let last = failures.last, failures.count > 1 else { return nil }
        return (last.at - first.at) / Double(failures.count - 1)
    }
}

/// Reads ``CheckHistory``.
package struct CheckHistoryFact: Fact {
    package static let name = "check-history"
    /// Seconds.
    static let hour = 3600.0
    /// How many lines of the last hour are searched, and how many are kept.
    static let depth = 20000
    static let most = 2000

    package init() {}

    /// Large journals are slow to search.
    package var duration: Int { 10 }

    /// What is logged once, at the start, may be days ago: its ten seconds are read besides.
    package let script = """
        \(KeepalivedProcess.function)
        now=$(date +%s)
        echo "now=$now"
        command -v journalctl >/dev/null || exit 0
        wanted() {
          grep -E 'VRRP_Script|cript .* now returning|Starting Keepalived|Reloading|Entering MASTER STATE|process event listen|process monitoring socket|track_process not|exec-ing|not executable for|Disabling track script'
        }
        find_keepalived
        start=
        if [ -n "$pid" ] && read -r stat <"/proc/$pid/stat" && set -- ${stat##*) } && [ $# -gt 19 ]; then
          shift 19
          start=$((\(DaemonProcesses.boot) + $1 / \(DaemonProcesses.ticks)))
        fi
        if [ -n "$start" ] && [ $((now - start)) -gt \(Int(hour)) ]; then
          journalctl -q --no-pager -o short-unix -u keepalived --since "@$((start - 2))" --until "@$((start + 10))" | head -n 1000 | wanted | head -n 200
        fi
        journalctl -q --no-pager -o short-unix -u keepalived --since -1h -n \(depth) | wanted | tail -n \(most)
        # What systemd says of haproxy, without haproxy's own log, which has a line for each request.
        journalctl -q --no-pager -o short-unix UNIT=haproxy.service _PID=1 --since -1h -n \(most) |
          sed -n 's/^\\([0-9.]*\\) [^ ]* systemd[^:]*: Started .*/haproxy=\\1/p' | tail -n 100
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> CheckHistory {
        var now = 0
        var entries: [JournalEntry] = []
        var proxyStarts: [Double] = []
        for line in output.lines.prefix(2 * Self.most + 300) {
            if line.hasPrefix("now=") {
                now = Int(line.dropFirst(4)) ?? 0
            } else if line.hasPrefix("haproxy=") {
                if let at = Double(line.dropFirst(8)), at.isFinite { proxyStarts.append(at) }
            } else if let entry = JournalEntry(shortUnix: line) {
                entries.append(entry)
            }
        }
        guard now > 0 else {
            throw .unreadable(fact: Self.name, cause: "the machine does not report its time")
        }
        return CheckHistory(now: now, entries: entries, proxyStarts: proxyStarts)
    }
}

package import Events

/// What a node's log has about its addresses, as journalctl prints it or as syslog has written it.
package struct NodeLogs: Hashable, Sendable {
    package struct Part: Hashable, Sendable {
        package enum Source: Hashable, Sendable {
            /// What the journal has of changes of state before the time asked for.
            case earlier
            case journal
            case file(String)
        }

        package var source: Source
        package var bytes: [UInt8]
    }

    /// From the oldest to the newest; empty when there is no log.
    package var parts: [Part] = []
    /// The node's time when it was asked.
    package var now: UTCTime
    /// The node's own time zone, in seconds east of UTC: that of its syslog.
    package var zone: Int
    /// When the journal begins; `nil` without one.
    package var journalBegins: UTCTime?
    /// Whether older lines of the time asked for are missing, because there were too many.
    package var isCut = false
}

/// The lines of keepalived, haproxy, systemd and the kernel's links in a node's logs, bounded in number and bytes.
package struct LogsFact: Fact {
    package static let name = "logs"

    package var since: UTCTime
    package var until: UTCTime?

    package init(since: UTCTime, until: UTCTime? = nil) {
        self.since = since
        self.until = until
    }

    /// The most lines that are read of one source, and the most bytes.
    static let mostLines = 20_000
    private static let mostBytes = 3 << 20

    package var duration: Int { 20 }

    /// How many lines before the time asked for are searched for changes of state.
    private static let earlierLines = 4000
    private static let daemonFields =
        "_SYSTEMD_UNIT=keepalived.service + SYSLOG_IDENTIFIER=Keepalived SYSLOG_IDENTIFIER=Keepalived_vrrp"

    /// The journal's fields, of `systemd.journal-fields(7)`: groups are joined by `+`, which is "or".
    private static let journalFields = """
        _SYSTEMD_UNIT=keepalived.service _SYSTEMD_UNIT=haproxy.service + UNIT=keepalived.service \
        UNIT=haproxy.service UNIT=systemd-networkd.service UNIT=NetworkManager.service UNIT=networking.service \
        + SYSLOG_IDENTIFIER=Keepalived SYSLOG_IDENTIFIER=Keepalived_vrrp SYSLOG_IDENTIFIER=keepalived \
        SYSLOG_IDENTIFIER=haproxy SYSLOG_IDENTIFIER=systemd-logind SYSLOG_IDENTIFIER=systemd-shutdown \
        SYSLOG_IDENTIFIER=systemd-networkd SYSLOG_IDENTIFIER=NetworkManager
        """

    /// haproxy's log of requests, `10.0.1.2:33317 [06/Feb/2026:12:14:14.655] …` and `Connect from …`, is not wanted, nor is
    /// keepalived's word that it was asked for its state.
    private static let unwanted = #":[0-9]+ \[[0-9]{2}/|: Connect from |Printing VRRP (data|as json|stats)"#
    private static let kernelWords =
        "[Ll]ink (is |becomes )?([Uu]p|[Dd]own|ready)|Linux version|[Oo]ut of memory|Killed process"
        + "|running in system mode|System Boot/Shutdown|target [Ss]hutdown|System is (reboot|power)|shutdown.target"

    /// Prints the same lines as they are written, from a time on, until its standard input ends. `haops-none` where there is
    /// no journal.
    package static func followScript(since: UTCTime) -> String {
        """
        LC_ALL=C TZ=UTC PATH="$PATH:/usr/sbin:/sbin"; export LC_ALL TZ PATH
        command -v journalctl >/dev/null 2>&1 || { echo 'haops-none'; exit 0; }
        \(followCommand(since: "@\(since.millisecondsSince1970 / 1000)")) &
        cat >/dev/null
        kill 0
        """
    }

    /// The command that prints them as they are written.
    ///
    /// - `since`: a time that `journalctl --since` understands.
    package static func followCommand(since: String) -> String {
        """
        journalctl -q -f --no-pager -o short-unix --since=\(since) \
          \(journalFields) + _TRANSPORT=kernel + _PID=1 SYSLOG_IDENTIFIER=systemd 2>/dev/null |
          grep -avE --line-buffered '\(unwanted)'
        """
    }

    package var script: String {
        let since = since.millisecondsSince1970 / 1000
        let until = until.map { String(($0.millisecondsSince1970 + 999) / 1000) } ?? ""
        return """
            since=\(since) until=\(until)
            wanted() { grep -avE '\(Self.unwanted)' | tail -n \(Self.mostLines) | tail -c \(Self.mostBytes); }
            journal() { journalctl -q --no-pager -o short-unix --since=@$since ${until:+--until=@$until} "$@"; }
            echo "now=$(date +%s) zone=$(unset TZ; date +%z)"
            first=
            if command -v journalctl >/dev/null; then
              first=$(journalctl -q --no-pager -o short-unix | head -n 1)
              first=${first%%.*}
            fi
            case $first in *[!0-9]*) first= ;; esac
            if [ -z "$first" ] || [ "$first" -gt "$since" ]; then
              for f in $(ls -1tr /var/log/messages* /var/log/syslog* /var/log/daemon.log* /var/log/keepalived*.log*); do
                [ -f "$f" ] && [ "$(stat -c %Y "$f")" -ge "$since" ] || continue
                echo "haops-source file $(stat -c %Y "$f") $f"
                case $f in *.gz) gzip -dc "$f" ;; *.xz) xz -dc "$f" ;; *.bz2) bzip2 -dc "$f" ;; *) cat "$f" ;; esac |
                  grep -aE 'eepalived|haproxy|systemd|kernel|NetworkManager|shutdown' | wanted
                echo
              done
            fi
            if [ -n "$first" ]; then
              echo "haops-source earlier"
              journalctl -q --no-pager -o short-unix --until=@$since -n \(Self.earlierLines) \(Self.daemonFields) |
                grep -aE 'STATE|[Ss]tate|Starting Keepalived|Stopp' | tail -n 200
              echo "haops-source journal $first"
              journal \(Self.journalFields) | wanted
              echo "haops-source journal $first"
              journal _TRANSPORT=kernel + _PID=1 SYSLOG_IDENTIFIER=systemd | grep -aE '\(Self.kernelWords)' | wanted
            fi
            :
            """
    }

    /// - Throws: ``FactError`` when the answer does not begin as it should.
    package func parse(_ output: SectionOutput) throws(FactError) -> NodeLogs {
        var lines = output.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        let head = lines.popFirst().map { String(decoding: $0, as: UTF8.self) } ?? ""
        let words = head.split(separator: " ")
        guard words.count == 2, words[0].hasPrefix("now="), words[1].hasPrefix("zone="),
            let now = Self.time(words[0].dropFirst(4)), let zone = Self.zone(words[1].dropFirst(5))
        else { throw .unreadable(fact: Self.name, cause: "the answer is incomplete") }
        var logs = NodeLogs(now: now, zone: zone)
        var count = 0
        for line in lines {
            if line.starts(with: Self.mark) {
                let words = String(decoding: line.dropFirst(Self.mark.count), as: UTF8.self)
                    .split(separator: " ", maxSplits: 2)
                guard let part = part(words, &logs) else { continue }
                logs.parts.append(part)
                count = 0
            } else if let last = logs.parts.indices.last, !line.isEmpty {
                logs.parts[last].bytes += line
                logs.parts[last].bytes.append(UInt8(ascii: "\n"))
                count += 1
                if count >= Self.mostLines || logs.parts[last].bytes.count >= Self.mostBytes {
                    logs.isCut = true
                }
            }
        }
        return logs
    }

    /// A line of a log begins with a time, so that none begins like this.
    private static let mark = Array("haops-source ".utf8)

    private func part(_ words: [Substring], _ logs: inout NodeLogs) -> NodeLogs.Part? {
        switch words.first {
        case "journal":
            logs.journalBegins = words.dropFirst().first.flatMap(Self.time)
            return NodeLogs.Part(source: .journal, bytes: [])
        case "earlier": return NodeLogs.Part(source: .earlier, bytes: [])
        case "file" where words.count == 3:
            return NodeLogs.Part(source: .file(String(words[2])), bytes: [])
        default: return nil
        }
    }

    /// Seconds since 1970, of eleven digits at most.
    private static func time(_ text: Substring) -> UTCTime? {
        guard text.utf8.count <= 11, let seconds = Int(text), seconds >= 0 else { return nil }
        return UTCTime(millisecondsSince1970: seconds * 1000)
    }

    /// `+0130` in seconds.
    private static func zone(_ text: Substring) -> Int? {
        guard text.utf8.count == 5, let number = Int(text.dropFirst()) else { return nil }
        return (text.hasPrefix("-") ? -1 : 1) * (number / 100 * 60 + number % 100) * 60
    }
}

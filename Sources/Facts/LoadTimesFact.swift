/// When each daemon read its configuration last, as far as its machine tells.
package struct LoadTimes: Hashable, Sendable {
    /// The latest start or reload that left a trace, by daemon, in seconds since 1970 on the machine's clock.
    package var times: [String: Int]
    /// Since when no reload can have gone unseen, by daemon. Of one that is missing here it is known only that it read
    /// its configuration then, or later.
    package var completeSince: [String: Int]

    package init(_ times: [String: Int] = [:], completeSince: [String: Int]? = nil) {
        self.times = times
        self.completeSince = completeSince ?? times.mapValues { _ in 0 }
    }

    package subscript(daemon: String) -> Int? { times[daemon] }

    /// Whether a daemon has read a file that was written then; `nil` when it may have, and nothing tells.
    package func hasRead(_ modified: Int, by daemon: String) -> Bool? {
        guard let loaded = times[daemon] else { return nil }
        if !LoadTimesFact.isYounger(modified, than: loaded) { return true }
        return completeSince[daemon].map { $0 <= modified } == true ? false : nil
    }
}

/// ``LoadTimes``, by whatever survives.
///
/// haproxy's newest process is as old as the last configuration that it took: that alone counts. keepalived reads a new
/// one in the same processes: systemd keeps when the unit's reload ran, and forgets it at each `daemon-reload`; the
/// daemon logs it; haops leaves a mark when it reloads.
package struct LoadTimesFact: Fact {
    package static let name = "load-times"

    package init() {}

    /// `log=` is the time of the oldest line that was looked at: since then the log misses no reload.
    package let script = """
        \(DaemonProcesses.function)
        hz= runs=
        for s in keepalived haproxy; do
          for p in $(processes_of "$s"); do
            if [ -z "$hz" ]; then
              hz=$(getconf CLK_TCK || echo 100)
              boot=$(sed -n 's/^btime //p' /proc/stat)
            fi
            # The process may be gone by now.
            read -r stat <"/proc/$p/stat" || continue
            # Behind the name, which may have blanks in it.
            set -- ${stat##*) }
            [ $# -gt 19 ] && shift 19 && echo "$s=$((boot + $1 / hz))" && runs="$runs $s"
          done
        done
        # What does not run has loaded nothing, whatever its log says.
        case $runs in *keepalived*) ;; *) exit 0 ;; esac
        if [ -d /run/systemd/system ]; then
          t=$(systemctl show -p ExecReload keepalived | sed -n 's/.*start_time=\\[\\([^]]*\\)\\].*code=exited ; status=0 .*/\\1/p' | tail -n 1)
          case $t in "" | n/a) ;; *) echo "keepalived-reload=$(date -d "$t" +%s)" ;; esac
        fi
        f=/run/haops/keepalived.loaded
        if [ -f "$f" ]; then echo "keepalived-mark=$(date -r "$f" +%s)"; fi
        command -v journalctl >/dev/null &&
          journalctl -q --no-pager -o short-unix -u keepalived -n 1000 |
            sed -n -e '1s/^\\([0-9]*\\)\\..*/log=\\1/p' -e '/ systemd\\[/d' -e 's/^\\([0-9]*\\)\\.[0-9]* .*: Reloading .*/keepalived-logged=\\1/p'
        true
        """

    /// Whether a file was written after a daemon had read it.
    ///
    /// Start times are known to the second, and the kernel's boot time is rounded as well.
    package static func isYounger(_ modified: Int, than loaded: Int) -> Bool { modified > loaded + 2 }

    package func parse(_ output: SectionOutput) throws(FactError) -> LoadTimes {
        var times: [String: Int] = [:]
        var completeSince: [String: Int] = ["haproxy": 0]
        for line in output.lines {
            let parts = line.split(separator: "=")
            guard parts.count == 2, let time = Int(parts[1]) else { continue }
            switch parts[0] {
            case "log": completeSince["keepalived"] = completeSince["keepalived"] ?? time
            case "keepalived-reload": completeSince["keepalived"] = 0
            default: break
            }
            let name =
                parts[0].hasPrefix("keepalived")
                ? "keepalived" : parts[0].hasPrefix("haproxy") ? "haproxy" : ""
            guard !name.isEmpty else { continue }
            times[name] = max(times[name] ?? 0, time)
        }
        return LoadTimes(times, completeSince: completeSince)
    }
}

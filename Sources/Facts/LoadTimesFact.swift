import Inventory

/// When each daemon last read its configuration, as far as the machine shows it.
package struct LoadTimes: Hashable, Sendable {
    /// The latest known start or reload, by daemon, in seconds since 1970 on the machine's clock.
    package var times: [String: Int]
    /// The time since which no reload can have gone unnoticed, by daemon. A daemon that is missing here read its
    /// configuration at the time in ``times`` or later.
    package var completeSince: [String: Int]

    package init(_ times: [String: Int] = [:], completeSince: [String: Int]? = nil) {
        self.times = times
        self.completeSince = completeSince ?? times.mapValues { _ in 0 }
    }

    package subscript(daemon: String) -> Int? { times[daemon] }

    /// Whether a daemon has read a file that was written at this time; `nil` if that is not known.
    package func hasRead(_ modified: Int, by daemon: String) -> Bool? {
        guard let loaded = times[daemon] else { return nil }
        if !LoadTimesFact.isYounger(modified, than: loaded) { return true }
        return completeSince[daemon].map { $0 <= modified } == true ? false : nil
    }
}

/// Reads ``LoadTimes`` from the traces that remain.
///
/// For haproxy, the age of its newest process is the time of the last accepted configuration. keepalived reads a new
/// configuration in the same processes, so there are several traces: systemd stores the time of the unit's reload
/// until the next `daemon-reload`; the daemon logs it; haops writes a file when it reloads.
package struct LoadTimesFact: Fact {
    package static let name = "load-times"

    package init() {}

    /// Large journals are slow to search.
    package var duration: Int { 10 }

    /// `log=` is the time of the oldest log line that was read: the log contains all reloads since then.
    package let script = """
        \(DaemonProcesses.function)
        runs=
        for s in keepalived haproxy; do
          for p in $(processes_of "$s"); do
            hz=\(DaemonProcesses.ticks) boot=\(DaemonProcesses.boot)
            # The process may have ended.
            read -r stat <"/proc/$p/stat" || continue
            # The fields after the name, which may contain blanks.
            set -- ${stat##*) }
            [ $# -gt 19 ] && shift 19 && echo "$s=$((boot + $1 / hz))" && runs="$runs $s"
          done
        done
        # A daemon that does not run has no loaded configuration, whatever its log says.
        case $runs in *keepalived*) ;; *) exit 0 ;; esac
        if [ -d /run/systemd/system ]; then
          t=$(systemctl show -p ExecReload keepalived | sed -n 's/.*start_time=\\[\\([^]]*\\)\\].*code=exited ; status=0 .*/\\1/p' | tail -n 1)
          case $t in "" | n/a) ;; *) echo "keepalived-reload=$(date -d "$t" +%s)" ;; esac
        fi
        f=\(NodePaths.volatileDirectory)/keepalived.loaded
        if [ -f "$f" ]; then echo "keepalived-mark=$(date -r "$f" +%s)"; fi
        command -v journalctl >/dev/null &&
          journalctl -q --no-pager -o short-unix -u keepalived -n 1000 |
            sed -n -e '1s/^\\([0-9]*\\)\\..*/log=\\1/p' -e '/ systemd\\[/d' -e 's/^\\([0-9]*\\)\\.[0-9]* .*: Reloading .*/keepalived-logged=\\1/p'
        true
        """

    /// Whether a file was written after a daemon had read it.
    ///
    /// Start times have a resolution of one second, and the kernel's boot time is rounded too.
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

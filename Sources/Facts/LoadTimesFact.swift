/// When each daemon read its configuration last, by start or by reload, in seconds since 1970 on the machine's clock.
///
/// systemd keeps when a unit's reload ran; a signal sent by hand leaves no trace here.
/// Where there is no systemd, only the start of the process and reloads by haops itself are known. haproxy's newest
/// worker is as old as the last reload that it accepted.
package struct LoadTimesFact: Fact {
    package static let name = "load-times"

    package init() {}

    package let script = """
        \(DaemonProcesses.function)
        boot=$(sed -n 's/^btime //p' /proc/stat)
        hz=$(getconf CLK_TCK || echo 100)
        for s in keepalived haproxy; do
          for p in $(processes_of "$s"); do
            # Behind the name, which may have blanks in it; the process may be gone by now.
            set -- $(sed 's/.*) //' "/proc/$p/stat")
            [ $# -gt 19 ] && shift 19 && echo "$s=$((boot + $1 / hz))"
          done
        done
        if [ -d /run/systemd/system ]; then
          for s in keepalived haproxy; do
            t=$(systemctl show -p ExecReload "$s" | sed -n 's/.*start_time=\\[\\([^]]*\\)\\].*/\\1/p' | tail -n 1)
            case $t in "" | n/a) ;; *) echo "$s-reload=$(date -d "$t" +%s)" ;; esac
          done
        else
          for s in keepalived haproxy; do
            f=/run/haops/$s.loaded
            if [ -f "$f" ]; then echo "$s-reload=$(date -r "$f" +%s)"; fi
          done
        fi
        true
        """

    /// Whether a file was written after a daemon had read it.
    ///
    /// Start times are known to the second, and the kernel's boot time is rounded as well.
    package static func isYounger(_ modified: Int, than loaded: Int) -> Bool { modified > loaded + 2 }

    package func parse(_ output: SectionOutput) throws(FactError) -> [String: Int] {
        var times: [String: Int] = [:]
        for line in output.lines {
            let parts = line.split(separator: "=")
            guard parts.count == 2, let time = Int(parts[1]) else { continue }
            let name =
                parts[0].hasPrefix("keepalived")
                ? "keepalived" : parts[0].hasPrefix("haproxy") ? "haproxy" : ""
            guard !name.isEmpty else { continue }
            times[name] = max(times[name] ?? 0, time)
        }
        return times
    }
}

/// The last configuration that haproxy loaded, and those that it has refused since.
///
/// `systemctl reload haproxy` succeeds whether or not haproxy accepts the new configuration: if its listeners cannot
/// start, the old workers continue. The age of its newest process is reliable.
package struct HAProxyLoad: Hashable, Sendable {
    /// One of the files that the running haproxy was started with.
    package struct File: Hashable, Sendable {
        package var path: String
        /// When its contents were written, in seconds since 1970, as all times here.
        package var modified: Int
        /// When anything about it was changed, including its name. A copy that keeps the original's modification time
        /// has a new value here.
        package var changed: Int

        package init(path: String, modified: Int, changed: Int? = nil) {
            self.path = path
            self.modified = modified
            self.changed = changed ?? modified
        }
    }

    package struct LogLine: Hashable, Sendable {
        package var at: Int
        package var message: String

        package init(at: Int, message: String) {
            self.at = at
            self.message = message
        }
    }

    package var files: [File]
    /// Start of the newest process, which is the worker that serves new connections: each accepted configuration
    /// starts a new one. `nil` when none runs.
    package var startedAt: Int?
    /// Consecutive failed reloads, as the master counts them; `nil` if it was not asked.
    package var failedReloads: Int?
    /// Its log, the oldest line first; empty if no file was written since ``startedAt``.
    package var log: [LogLine]

    package init(
        files: [File] = [], startedAt: Int? = nil, failedReloads: Int? = nil, log: [LogLine] = []
    ) {
        self.files = files
        self.startedAt = startedAt
        self.failedReloads = failedReloads
        self.log = log
    }
}

/// Reads the age of haproxy's newest process and of its files. If a file is newer, it also reads the master's count
/// of failed reloads (`show proc`) and the master's output in the journal, without request logs.
package struct HAProxyLoadFact: Fact {
    package static let name = "haproxy-load"

    package init() {}

    /// Large journals are slow to search.
    package var duration: Int { 10 }

    package let script = #"""
        \#(DaemonProcesses.function)
        \#(HAProxySocket.function)
        \#(HAProxySocket.masterFunction)
        started=0
        some=
        for p in $(processes_of haproxy); do
          [ -n "$some" ] || hz=\#(DaemonProcesses.ticks) boot=\#(DaemonProcesses.boot)
          some=$p
          # The process may have ended.
          read -r stat <"/proc/$p/stat" || continue
          # The fields after the name, which may contain blanks.
          set -- ${stat##*) }
          [ $# -gt 19 ] && shift 19 && at=$((boot + $1 / hz)) && [ "$at" -gt "$started" ] && started=$at
        done
        [ -n "$some" ] || exit 0
        echo "started=$started"
        words() { tr '\n\0' ' \n' <"/proc/$some/cmdline"; }
        newest=0
        IFS='
        '
        for f in $(words | sed -n -e '/^-f$/{n;p;}' -e '/^--$/,$p'); do
          case $f in /*) ;; *) continue ;; esac
          [ ! -d "$f" ] || f=$f/*.cfg
          for file in $f; do
            line=$(stat -L -c '%Y %Z %n' "$file") || continue
            echo "file=$line"
            at=${line#* }
            at=${at%% *}
            [ "$at" -gt "$newest" ] && newest=$at
          done
        done
        unset IFS
        [ $((newest + 2)) -ge "$started" ] || exit 0
        master_socket "$some" && query_socket "$master" "show proc" | sed -n 's/.*\[failed: *\([0-9]*\)\].*/failed=\1/p'
        command -v journalctl >/dev/null &&
          journalctl -q --no-pager -o short-unix -u haproxy _TRANSPORT=stdout -n 60 |
            grep -E 'ALERT|Loading|forked|waitpid|failed to start|Reloading' | tail -n 30 | sed 's/^/log=/'
        true
        """#

    package func parse(_ output: SectionOutput) throws(FactError) -> HAProxyLoad {
        var load = HAProxyLoad()
        for line in output.lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = line[line.index(after: equals)...]
            switch line[..<equals] {
            case "started": load.startedAt = Int(value).flatMap { $0 > 0 ? $0 : nil }
            case "failed": load.failedReloads = Int(value)
            case "file":
                let words = value.split(separator: " ", maxSplits: 2)
                guard words.count == 3, let modified = Int(words[0]), let changed = Int(words[1]) else {
                    continue
                }
                load.files.append(
                    HAProxyLoad.File(path: String(words[2]), modified: modified, changed: changed))
            case "log":
                // `1795251249.451859 lb1 haproxy[22]: [ALERT]    (22) : …`
                let words = value.split(separator: " ", maxSplits: 3)
                guard words.count == 4, let at = Double(words[0]),
                    let second = Int(exactly: at.rounded(.down))
                else { continue }
                load.log.append(HAProxyLoad.LogLine(at: second, message: String(words[3])))
            default: break
            }
        }
        return load
    }
}

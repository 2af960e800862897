/// The health of haproxy: its start according to its log, the state of its servers, and what it says of itself.
package struct HAProxyHealth: Hashable, Sendable {
    /// The rows of `show stat`; empty when no socket answers. Those of several processes are one.
    package var rows: [Row]
    /// The latest alerts and health changes in its log, the oldest first.
    package var log: [String]
    /// The processes that answered.
    package var processes: [HAProxyProcess] = []
    package var oldWorkers: [HAProxyOldWorker] = []
    /// The rows a second later, where the first look had something to compare.
    package var later: [Row] = []
    /// Whether more was answered than is read.
    package var isCut = false

    package init(rows: [Row] = [], log: [String] = []) {
        self.rows = rows
        self.log = log
    }
}

extension HAProxyHealth {
    /// The last failure of haproxy to listen.
    package struct BindFailure: Hashable, Sendable {
        package var message: String
        /// Whether another program has the port.
        package var isTaken: Bool

        package init(message: String, isTaken: Bool) {
            self.message = message
            self.isTaken = isTaken
        }
    }

    package var bindFailure: BindFailure? {
        log.last { $0.contains("annot bind") }.map {
            BindFailure(message: $0, isTaken: $0.contains("already in use"))
        }
    }
}

/// Reads `show stat` and what else haproxy says of itself over its sockets, with socat, nc or perl, whichever the machine
/// has; and haproxy's journal.
package struct HAProxyHealthFact: Fact {
    package static let name = "haproxy-health"

    /// What is asked besides the states of servers.
    package enum Extent: Hashable, Sendable {
        case servers
        /// Limits, peers and stick tables of every process, and old workers.
        case everything
        /// The same, and `show stat` again a second later where something waits or was tried again.
        case twice
    }

    /// Whether its journal is read too, which takes a while.
    package var readsLog: Bool
    package var extent: Extent

    package init(readsLog: Bool = true, extent: Extent = .servers) {
        self.readsLog = readsLog
        self.extent = extent
    }

    private static let log = """
        command -v journalctl >/dev/null &&
          journalctl -q --no-pager -o cat -u haproxy -n 200 |
            grep -E 'ALERT|annot bind|no server available|is DOWN|is UP' | tail -n 30 | sed 's/^/log=/'
        """
    /// Large journals are slow to search.
    package var duration: Int { 10 }
    package var waits: Bool { extent == .twice }

    package var script: String {
        let states = "ask_haproxy | sed 's/^/\(Self.rowMark)/' | head -c \(Self.most)"
        return #"""
            \#(readsLog ? Self.log : "")
            \#(Self.functions)
            \#(extent == .servers ? states : Self.everything(twice: extent == .twice))
            true
            """#
    }

    /// What a line of a socket's answer follows.
    package static let rowMark = "stat="

    /// Bytes of an answer that are read, with the marks: 5000 servers need less. Two of them are less than what a node may
    /// answer, so that an endless one costs no other fact.
    private static let most = 3 << 20

    /// `ask_haproxy` prints `show stat` of the first socket that answers.
    private static let functions = #"""
        \#(HAProxySocket.function)
        \#(HAProxyPaths.function)
        ask_haproxy() {
          for s in $(haproxy_sockets); do
            [ -S "$s" ] || continue
            states=$(query_socket "$s" "show stat" | head -c \#(most))
            [ -z "$states" ] || { printf '%s\n' "$states" && break; }
          done
        }
        """#

    /// The processes are asked by their own sockets; without one the master is, for the first of them.
    private static func everything(twice: Bool) -> String {
        #"""
        \#(DaemonProcesses.function)
        \#(HAProxySocket.masterFunction)
        ask() {
          answer=$(query_socket "$1" "${2}show info;${2}show stat;${2}show peers;${2}show table" |
            head -c \#(most) | sed 's/^/\#(rowMark)/' | head -c \#(most))
          case $answer in *pxname*) ;; *) return 1 ;; esac
          printf '%s\n' "$answer"
          # The shell takes the line ends at its end away.
          [ "${#answer}" -lt $((\#(most) - 64)) ] || echo cut=
          socket=$1 prefix=$2
        }
        found= first= family=
        read -r up rest </proc/uptime
        for p in $(processes_of haproxy); do
          read -r line <"/proc/$p/stat" || continue
          # The fields after the name, which may contain blanks.
          set -- ${line##*) }
          [ $# -gt 19 ] || continue
          hz=\#(DaemonProcesses.ticks)
          parent=$2
          shift 19
          echo "process=$p $parent $((${up%%.*} - $1 / hz))"
          found="$found $p" first=${first:-$p} family="$family $parent "
        done
        socket=
        for s in $(haproxy_sockets); do
          [ -S "$s" ] && ask "$s" "" || continue
          # Until 2.4 there may be several processes, each with a socket of its own.
          case $answer in *"Nbproc: 1"*) break ;; *Nbproc:*) ;; *) break ;; esac
        done
        if [ -z "$socket" ] && [ -n "$first" ] && master_socket "$first"; then ask "$master" "@1 "; fi
        \#(twice ? again : "")
        # One process, or a master and its worker: nothing is old.
        set -- $found
        [ $# -gt 1 ] || exit 0
        if [ $# -eq 2 ]; then case $family in *" $1 "* | *" $2 "*) exit 0 ;; esac; fi
        for p in $found; do
          ends=$(tr '\0\n' '  ' <"/proc/$p/cmdline" | sed -n 's/^.* -s[ft] \([0-9 ]*\).*/\1/p')
          [ -z "$ends" ] || echo "ends=$p $ends"
        done
        master_socket "$first" || exit 0
        listed=$(query_socket "$master" "show proc" | head -c 65536)
        printf '%s\n' "$listed" | sed 's/^/proc=/'
        for p in $(printf '%s\n' "$listed" | awk '/^#/ { old = $2 == "old" } old && $2 == "worker" { print $1 }' | head -n 4); do
          query_socket "$master" "@!$p show info" | head -c 65536 | sed -n "s/^CurrConns: /old=$p /p"
        done
        """#
    }

    /// Where nothing waits and nothing was tried again since its start, there is nothing to compare.
    private static let again = #"""
        if [ -n "$socket" ] && printf '%s\n' "$answer" | awk -F, '
          /^\#(rowMark)# pxname/ { for (i = 1; i <= NF; i++) column[$i] = i; next }
          column["wretr"] && $column["wretr"] + $column["wredis"] + $column["qcur"] > 0 { found = 1 }
          END { exit !found }'
        then
          sleep 1
          query_socket "$socket" "${prefix}show stat" | head -c \#(most) | sed 's/^/again=/' | head -c \#(most)
          echo
        fi
        """#

    /// Prints the proxies' and servers' names and states, the 1st, 2nd and 18th field of haproxy's documented order, as
    /// often as they change, until it is ended. haproxy itself is asked every two seconds, on its machine.
    ///
    /// Each line is written at once: other programs write to the same output.
    ///
    /// - `end`: the line behind the rows.
    package static func followScript(end: String) -> String {
        #"""
        {
          \#(functions)
          last=none
          while :; do
            rows=$(ask_haproxy | cut -d, -f1,2,18)
            if [ "$rows" != "$last" ]; then
              last=$rows
              printf '%s\n' "$rows" | while IFS= read -r row; do echo "\#(rowMark)$row"; done
              echo '\#(end)'
            fi
            sleep 2
          done
        }
        """#
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> HAProxyHealth {
        var health = HAProxyHealth()
        var answers = HAProxyAnswers()
        var later: HAProxyStatisticsReader?
        var processes = HAProxyProcessList()
        for line in output.lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = line[line.index(after: equals)...]
            switch line[..<equals] {
            case "log": health.log.append(String(value))
            case "stat": answers.read(value)
            case "again":
                if value.hasPrefix(HAProxyStatisticsReader.header) {
                    later = HAProxyStatisticsReader(header: value)
                } else {
                    later?.read(value)
                }
            case "cut": health.isCut = true
            case "process": processes.read(process: value)
            case "ends": processes.read(replacing: value)
            case "proc": processes.read(master: value)
            case "old": processes.read(connections: value)
            default: break
            }
        }
        answers.end()
        health.rows = .merged(answers.found.map(\.rows))
        // Without `show info` nothing is known of a process but its rows.
        health.processes = answers.found.map(\.process).filter { $0.pid != nil }
        health.later = later?.rows ?? []
        health.oldWorkers = processes.old
        return health
    }
}

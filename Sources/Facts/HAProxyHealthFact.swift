/// The health of haproxy: its start according to its log, and the state of its servers.
package struct HAProxyHealth: Hashable, Sendable {
    /// The rows of `show stat`; empty when no socket answers.
    package var rows: [Row]
    /// The latest alerts and health changes in its log, the oldest first.
    package var log: [String]

    package struct Row: Hashable, Sendable {
        package var proxy: String
        /// `FRONTEND`, `BACKEND`, or a server's name.
        package var server: String
        /// `UP`, `DOWN`, `MAINT`, `no check`…
        package var status: String
        /// The result of a server's last check: `L4CON`, `L7STS/503`.
        package var check: String
        /// Its present sessions; `nil` where haproxy does not say.
        package var sessions: Int?
        /// Whether a server serves only while none of the others does.
        package var isBackup = false

        package init(proxy: String, server: String, status: String, check: String = "", sessions: Int? = nil)
        {
            self.proxy = proxy
            self.server = server
            self.status = status
            self.check = check
            self.sessions = sessions
        }
    }

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

/// Reads `show stat` over the stats socket, with socat, nc or perl, whichever the machine has; and haproxy's journal.
package struct HAProxyHealthFact: Fact {
    package static let name = "haproxy-health"

    /// Whether its journal is read too, which takes a while.
    package var readsLog: Bool

    package init(readsLog: Bool = true) { self.readsLog = readsLog }

    private static let log = """
        command -v journalctl >/dev/null &&
          journalctl -q --no-pager -o cat -u haproxy -n 200 |
            grep -E 'ALERT|annot bind|no server available|is DOWN|is UP' | tail -n 30 | sed 's/^/log=/'
        """
    /// Large journals are slow to search.
    package var duration: Int { 10 }

    package var script: String {
        #"""
        \#(readsLog ? Self.log : "")
        \#(Self.functions)
        ask_haproxy | sed 's/^/\#(Self.rowMark)/'
        true
        """#
    }

    /// What a row of `show stat` follows.
    package static let rowMark = "stat="

    /// `ask_haproxy` prints `show stat` of the first socket that answers.
    private static let functions = #"""
        \#(HAProxySocket.function)
        \#(HAProxyPaths.function)
        ask_haproxy() {
          for s in $(haproxy_paths | sed -n 's/^socket //p') /run/haproxy/admin.sock; do
            [ -S "$s" ] && query_socket "$s" "show stat" && break
          done
        }
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
        var columns: [String: Int] = [:]
        for line in output.lines {
            if line.hasPrefix("log=") {
                health.log.append(String(line.dropFirst(4)))
            } else if line.hasPrefix(Self.rowMark + "# ") {
                for (index, name) in line.dropFirst(7).split(separator: ",", omittingEmptySubsequences: false)
                    .enumerated()
                {
                    columns[String(name)] = index
                }
            } else if line.hasPrefix(Self.rowMark) {
                let cells = line.dropFirst(5).split(separator: ",", omittingEmptySubsequences: false).map(
                    String.init)
                func cell(_ name: String) -> String {
                    columns[name].flatMap { cells.indices.contains($0) ? cells[$0] : nil } ?? ""
                }
                guard !cell("pxname").isEmpty else { continue }
                let check = [cell("check_status"), cell("check_code")].filter { !$0.isEmpty }.joined(
                    separator: "/")
                var row = HAProxyHealth.Row(
                    proxy: cell("pxname"), server: cell("svname"), status: cell("status"), check: check,
                    sessions: Int(cell("scur")))
                row.isBackup = cell("bck") == "1"
                health.rows.append(row)
            }
        }
        return health
    }
}

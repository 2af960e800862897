/// A failure while haops' notify script ran other scripts.
package struct NotifyFailure: Hashable, Sendable {
    package var instance: String
    /// The instance's new state: `MASTER`, `BACKUP`, `FAULT`, `STOP`.
    package var state: String
    /// `/etc/keepalived/status.sh: exit 7`, not yet safe for a terminal.
    package var message: String

    package init(instance: String, state: String, message: String) {
        self.instance = instance
        self.state = state
        self.message = message
    }
}

/// The failures of `notify` scripts in the log of the last day that no later success of the same transition follows.
package struct NotifyLogFact: Fact {
    package static let name = "notify-log"
    /// How many lines are read.
    static let depth = 300
    /// What haops' notify script logs when all scripts of a transition succeeded.
    static let success = "done"

    package init() {}

    /// Large journals are slow to search.
    package var duration: Int { 10 }

    /// Without a journal, it reads the files of a syslog daemon, whose age is not known.
    package var script: String {
        """
        if [ -d /run/systemd/system ] && command -v journalctl >/dev/null; then
          journalctl -q --no-pager -o cat -t haops-notify --since -24h -n \(Self.depth)
        else
          for f in /var/log/syslog /var/log/messages /var/log/daemon.log; do
            [ ! -r "$f" ] || tail -n 20000 "$f" | sed -n 's/^.* haops-notify\\(\\[[0-9]*\\]\\)\\{0,1\\}: //p'
          done | tail -n \(Self.depth)
        fi
        """
    }

    /// Parses lines like `VI_1 MASTER: /etc/keepalived/status.sh: exit 7` and ignores others.
    package func parse(_ output: SectionOutput) throws(FactError) -> [NotifyFailure] {
        var failures: [NotifyFailure] = []
        for line in output.lines {
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3, words[1].hasSuffix(":"),
                ["MASTER", "BACKUP", "FAULT", "STOP", "DELETED"].contains(words[1].dropLast())
            else { continue }
            let failure = NotifyFailure(
                instance: String(words[0]), state: String(words[1].dropLast()), message: String(words[2]))
            if failure.message == Self.success {
                failures.removeAll { $0.instance == failure.instance && $0.state == failure.state }
            } else if !failures.contains(failure) {
                failures.append(failure)
            }
        }
        return failures
    }
}

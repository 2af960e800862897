/// Names that keepalived looks up on a machine: users, programs, mail servers.
package struct KnownNames: Hashable, Sendable {
    package var users: Set<String>
    /// The programs that checks often use and that are in the search path.
    package var commands: Set<String>
    /// Mail servers of the configuration whose names do not resolve.
    package var unresolvable: Set<String>

    package init(users: Set<String> = [], commands: Set<String> = [], unresolvable: Set<String> = []) {
        self.users = users
        self.commands = commands
        self.unresolvable = unresolvable
    }
}

/// Users are those in the machine's own files, and those in the configuration that a directory service knows.
package struct NamesFact: Fact {
    package static let name = "names"
    static let commands = ["killall", "pidof", "pgrep"]

    package init() {}

    package var duration: Int { 10 }

    package let script = """
        cut -d: -f1 /etc/passwd | head -n 2000 | sed 's/^/user=/'
        all() { find -L /etc/keepalived -type f -size -512k | head -n 400 | while IFS= read -r f; do cat "$f"; echo; done; }
        after() { all | tr "\\"'{}" '    ' | awk -v key="^($1)\\$" '{ for (i = 1; i < NF; i++) if ($i ~ key) print $(i + 1) }' | sort -u | head -n 50; }
        after 'user|script_user' | while IFS= read -r u; do
          case $u in -*) ;; *) id -u "$u" >/dev/null && echo "user=$u" ;; esac
        done
        for c in \(commands.joined(separator: " ")); do command -v $c >/dev/null && echo "command=$c"; done
        after smtp_server | while IFS= read -r h; do
          case $h in
            -* | *:* | *[!a-zA-Z0-9.-]*) ;;
            *[a-zA-Z]*)
              timeout 3 getent ahosts "$h" >/dev/null
              # Only status 2 means that the name does not exist: 124 is a resolver that does not answer.
              [ $? -eq 2 ] && echo "unresolvable=$h"
              ;;
          esac
        done
        true
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> KnownNames {
        var names = KnownNames()
        for line in output.lines {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "user": names.users.insert(parts[1])
            case "command": names.commands.insert(parts[1])
            case "unresolvable": names.unresolvable.insert(parts[1])
            default: continue
            }
        }
        // Every machine has root.
        guard names.users.contains("root") else {
            throw .unreadable(fact: Self.name, cause: "there is no user `root`")
        }
        return names
    }
}

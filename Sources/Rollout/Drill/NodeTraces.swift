import Addresses
import Facts
import Inventory
import Remote

/// What a drill must leave as it was: daemons, interfaces, addresses, routes, and nothing of haops' own.
struct NodeTraces: Hashable, Sendable {
    var lines: Set<String>

    /// - `vips`: addresses that may be on another node now; the owners are checked elsewhere.
    init(_ output: String, without vips: [IPAddress]) {
        let names = Set(vips.map(\.description))
        lines = Set(
            output.split(separator: "\n").map(String.shown).filter { line in
                !line.split { " /".contains($0) }.contains { names.contains(String($0)) }
            })
    }

    /// What differs from an earlier look, a sentence each.
    func differences(from before: NodeTraces, on node: HostID) -> [String] {
        lines.subtracting(before.lines).sorted().map { "`\(node)`: \($0), which was not so before" }
            + before.lines.subtracting(lines).sorted().map { "`\(node)`: not \($0) any more" }
    }

    /// Prints one line for each thing.
    static func script(subject: String?) -> String {
        """
        LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; export LC_ALL PATH
        \(DaemonProcesses.function)
        ip -o addr show scope global | awk '{ print "address " $4 " on " $2 }'
        ip -o link show up | awk '{ sub(/[:@].*/, "", $2); print "interface " $2 " up" }'
        { ip -4 route show table all; ip -6 route show table all; } |
          grep -vE '^(local|broadcast|anycast|multicast|ff00)|^fe80' | sed 's/ expires [^ ]*//; s/^/route /'
        for d in keepalived haproxy; do
          p=$(processes_of $d)
          if [ -n "$p" ]; then echo "$d running"; else echo "$d stopped"; fi
          for n in $p; do
            case $(sed 's/.*) //' "/proc/$n/stat") in T*) echo "$d frozen" ;; esac
          done
        done
        { nft list tables; iptables-save; ip6tables-save; } 2>/dev/null | grep haops_drill | sed 's/^/filter /'
        s=\((subject ?? "/nowhere").shellQuoted)
        grep -F " $s " /proc/self/mounts | sed 's/^/mount /'
        for f in /var/lib/haops/armed /var/lib/haops/claimed.* /etc/systemd/system/haops-revert.service /etc/init.d/haops-revert; do
          [ ! -e "$f" ] || echo "file $f"
        done
        systemctl list-units --plain --no-legend 'haops-revert-*' 2>/dev/null | awk '{ print "unit " $1 }'
        true
        """
    }
}

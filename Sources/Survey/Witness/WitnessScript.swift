package import Addresses
import Facts
import Inventory
import Remote

/// The script that makes a machine tell what its kernel and its daemons do, as they do it. Each kind of line is read by
/// ``WitnessLines``. It ends with its standard input, and changes nothing.
package struct WitnessScript: Sendable {
    /// Whom the machine sends to, at the beginning and at every change.
    package var neighbours = true
    /// The addresses that it has at the beginning, links, the states of haproxy's servers, and a line every second whatever
    /// happens: for who has to know at any time what is so, and whether it can still be known.
    package var isForWatching = false
    /// From when on the journal is told: a time that `journalctl --since` understands.
    package var since = "now"
    /// The addresses whose announcements are captured, where the machine has tcpdump.
    package var announced: [IPAddress] = []
    /// Seconds after which it ends, also on a machine that has not noticed that nobody reads it any more.
    package var longest = 86_400

    /// - `announced`: the addresses whose announcements are captured.
    package init(announced: [IPAddress] = []) { self.announced = announced }

    package init(watchingSince since: String) {
        neighbours = false
        isForWatching = true
        self.since = since
    }

    /// A line that says nothing but that the machine runs.
    package static let beat = "beat"
    /// The line behind what was so at the beginning.
    package static let ready = "ready"
    /// A line that says that work of haops is pending there now and was not before, or the other way round.
    package static let pending = "pending"
    /// The line behind the states of all servers, which begin with ``HAProxyHealthFact/rowMark``.
    package static let servers = "servers"

    package var text: String {
        let objects = isForWatching ? "address link" : "address neigh"
        return """
            LC_ALL=C TZ=UTC PATH="$PATH:/usr/sbin:/sbin"; export LC_ALL TZ PATH
            \(neighbours ? "ip -o neigh show 2>/dev/null | sed 's/^/now /'" : "")
            ip -o -ts monitor \(objects) 2>/dev/null &
            \(isForWatching ? "ip -o addr show 2>/dev/null | sed 's/^/now /'" : "")
            echo \(Self.ready)
            if command -v journalctl >/dev/null 2>&1; then
              \(LogsFact.followCommand(since: since)) &
            fi
            \(isForWatching ? Self.watching : "")
            \(announced.isEmpty ? "" : capturing)
            { sleep \(longest); kill 0; } >/dev/null 2>&1 &
            cat >/dev/null
            kill 0
            """
    }

    /// More packets than these are not captured.
    private static let mostPackets = 5000

    private var capturing: String {
        """
        if command -v tcpdump >/dev/null 2>&1; then
          tcpdump -l -n -tt -e -s 128 -c \(Self.mostPackets) -i any \(Announcement.filter(announced).shellQuoted) 2>&1 &
        fi
        """
    }

    private static let watching = """
        s=\(NodePaths.stateDirectory) was=
        while echo \(beat); do
          now=
          [ ! -f $s/armed/held ] || now=held
          [ ! -f $s/unfinished ] || now=$now,unfinished
          [ "$now" = "$was" ] || echo \(pending)
          was=$now
          sleep 1
        done &
        if [ -e /etc/haproxy/haproxy.cfg ]; then
          \(HAProxyHealthFact.followScript(end: servers)) 2>/dev/null &
        fi
        """
}

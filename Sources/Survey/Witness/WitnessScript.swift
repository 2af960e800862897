import Facts

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

    package init() {}

    package init(watchingSince since: String) {
        neighbours = false
        isForWatching = true
        self.since = since
    }

    /// A line that says nothing but that the machine runs.
    package static let beat = "beat"
    /// The line behind what was so at the beginning.
    package static let ready = "ready"
    /// The line behind the states of all servers, which begin with ``HAProxyHealthFact/rowMark``.
    package static let servers = "servers"

    package var text: String {
        let objects = isForWatching ? "address link" : "address neigh"
        return """
            LC_ALL=C TZ=UTC PATH="$PATH:/usr/sbin:/sbin"; export LC_ALL TZ PATH
            \(neighbours ? "ip -o neigh show 2>/dev/null | sed 's/^/now /'" : "")
            ip -o -ts monitor \(objects) 2>/dev/null &
            \(isForWatching ? "ip -o addr show 2>/dev/null | sed 's/^/now /'; echo \(Self.ready)" : "")
            if command -v journalctl >/dev/null 2>&1; then
              \(LogsFact.followCommand(since: since)) &
            fi
            \(isForWatching ? Self.watching : "")
            cat >/dev/null
            kill 0
            """
    }

    private static let watching = """
        while echo \(beat); do sleep 1; done &
        if [ -e /etc/haproxy/haproxy.cfg ]; then
          \(HAProxyHealthFact.followScript(end: servers)) 2>/dev/null &
        fi
        """
}

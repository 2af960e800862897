/// The shell functions that find the paths in the machine's haproxy.cfg.
///
/// The paths are candidates, found on the machine to save a round trip. The parser of the `HAProxy` target decides
/// which of them haproxy really needs.
enum HAProxyPaths {
    /// `haproxy_paths` prints `chroot PATH` and `socket PATH`, one a line, without quotes and comments.
    ///
    /// `haproxy_sockets` prints the stats sockets that a haproxy.cfg names, and the one that packages set up, each once.
    static let function = #"""
        haproxy_paths() {
          tr -d "\"'\r" <"${1:-/etc/haproxy/haproxy.cfg}" | awk '{ sub(/#.*/, "") }
            $1 == "chroot" && $2 ~ /^\// { print $1, $2 }
            $1 == "stats" && $2 == "socket" { sub(/^unix@/, "", $3); if ($3 ~ /^\//) print $2, $3 }'
        }
        haproxy_sockets() {
          { haproxy_paths "$1" 2>/dev/null | sed -n 's/^socket //p'; echo /run/haproxy/admin.sock; } | awk '!seen[$0]++'
        }
        """#
}

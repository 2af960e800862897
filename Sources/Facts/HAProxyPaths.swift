/// How scripts find the paths that the machine's haproxy.cfg names.
///
/// These are candidates, found so that one round trip is enough: what haproxy really needs of them is for the reader of
/// the `HAProxy` target to say.
enum HAProxyPaths {
    /// `haproxy_paths` prints `chroot PATH` and `socket PATH`, one a line. Quotes and comments are taken off.
    static let function = #"""
        haproxy_paths() {
          tr -d "\"'\r" <"${1:-/etc/haproxy/haproxy.cfg}" | awk '{ sub(/#.*/, "") }
            $1 == "chroot" && $2 ~ /^\// { print $1, $2 }
            $1 == "stats" && $2 == "socket" { sub(/^unix@/, "", $3); if ($3 ~ /^\//) print $2, $3 }'
        }
        """#
}

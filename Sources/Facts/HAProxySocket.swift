/// The shell function that sends a command to a socket of haproxy.
package enum HAProxySocket {
    /// `query_socket PATH QUESTION` prints the answer. It uses socat, nc or perl, whichever the machine has.
    ///
    /// Each of them closes its sending direction after the question, because haproxy's master keeps the connection
    /// until then.
    package static let function = #"""
        query_socket() {
          if command -v socat >/dev/null; then
            echo "$2" | timeout 2 socat - "UNIX-CONNECT:$1"
          elif nc -h 2>&1 | grep -q -e '-U'; then
            close=
            if nc -h 2>&1 | grep -q -e '-N[[:blank:]]'; then close=-N; fi
            echo "$2" | timeout 2 nc $close -U "$1"
          elif command -v perl >/dev/null; then
            timeout 2 perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) and connect(S, sockaddr_un($ARGV[0])) or exit 1;
              syswrite(S, "$ARGV[1]\n"); shutdown(S, 1); print while <S>' "$1" "$2"
          else
            return 1
          fi
        }
        """#

    /// `admin_socket` finds a socket of haproxy that may change servers, or else one that answers at all: it sets `socket` to
    /// its path and `level` to what it allows. It fails where none answers. An argument is another haproxy.cfg than the usual one.
    package static let adminFunctions = #"""
        \#(function)
        \#(HAProxyPaths.function)
        admin_socket() {
          socket='' level=''
          for s in $(haproxy_sockets "$1"); do
            [ -S "$s" ] || continue
            allowed=$(query_socket "$s" 'show cli level' 2>/dev/null | head -n 1)
            case $allowed in
              admin)
                socket=$s level=admin
                return 0
                ;;
              operator | user) [ -n "$socket" ] || socket=$s level=$allowed ;;
              # haproxy before 1.8 does not know this question.
              ?*) [ "$level" = unknown ] || socket=$s level=unknown ;;
            esac
          done
          [ -n "$socket" ]
        }
        """#

    /// `master_socket PID` sets `master` to the path of the master's socket: that of the process's command line, else
    /// the one that packages use.
    package static let masterFunction = #"""
        master_socket() {
          master=$(tr '\n\0' ' \n' <"/proc/$1/cmdline" | sed -n '/^-S$/{n;s/,.*//;s/^unix@//;p;q;}')
          [ -S "${master:=/run/haproxy-master.sock}" ]
        }
        """#
}

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

    /// `master_socket PID` sets `master` to the path of the master's socket: that of the process's command line, else
    /// the one that packages use.
    package static let masterFunction = #"""
        master_socket() {
          master=$(tr '\n\0' ' \n' <"/proc/$1/cmdline" | sed -n '/^-S$/{n;s/,.*//;s/^unix@//;p;q;}')
          [ -S "${master:=/run/haproxy-master.sock}" ]
        }
        """#
}

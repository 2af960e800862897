/// What scripts begin with that ask for the processes of a daemon.
package enum DaemonProcesses {
    /// `processes_of NAME` prints the ids of the machine's own processes of a program.
    ///
    /// A process is known by its executable, as keepalived's `process_name` changes its name, and by its name only for
    /// who may not read that of others. What a container runs is not the machine's; only root may ask that.
    ///
    /// Where ``listing`` came before it, it looks no further than there.
    package static let function = """
        processes_of() {
          uid=${uid-$(id -u)}
          case ${executables-/$1} in *"/$1"*) ;; *) [ "$uid" -ne 0 ] || return 0 ;; esac
          # After an upgrade " (deleted)" stands behind it; some name the file for its version.
          for p in $(
            if [ -n "${executables+set}" ]; then printf '%s\\n' "$executables"; else ls -l /proc/[0-9]*/exe 2>/dev/null; fi |
              sed -n "s|.* /proc/\\([0-9]*\\)/exe -> .*/$1\\(-[0-9][^/]*\\)*\\( (deleted)\\)*\\$|\\1|p"
          ) $([ "$uid" -eq 0 ] || grep -lx "$1" /proc/[0-9]*/comm | cut -d/ -f3); do
            if [ -e "/proc/$p/ns/pid" ]; then
              [ "/proc/$p/ns/pid" -ef /proc/self/ns/pid ] && echo "$p"
            else
              # One that root cannot ask has ended.
              [ "$uid" -ne 0 ] && echo "$p"
            fi
          done
        }
        """

    /// Lists the daemons' executables once for all facts of a probe: on a machine with many processes that is what takes
    /// the time.
    package static let listing = """
        executables=$(ls -l /proc/[0-9]*/exe 2>/dev/null | grep -E '/(keepalived|haproxy)[^/]*$')

        """
}

/// Shell functions for scripts that look for a daemon's processes.
package enum DaemonProcesses {
    /// `processes_of NAME` prints the ids of the machine's own processes of a program.
    ///
    /// A process is identified by its executable, because keepalived's `process_name` changes its name. Users who may
    /// not read executables identify it by name. Processes in containers do not count; only root can recognise those.
    /// Nor do those in another network that are not of the program's own service, such as the keepalived and haproxy of
    /// each router of OpenStack; `processes_of NAME everywhere` prints them too.
    ///
    /// Any user may start a program of that name, with arguments of their own choice. The machine's own runs as root, as
    /// the user who asks or as the user of its package, or belongs to its service or its pid file.
    ///
    /// After ``listing``, the function only searches its result.
    package static let function = """
        \(userOf)
        is_machines_own() {
          user_of "$1"
          case $user in
            '') return 1 ;;
            0 | "$uid") return 0 ;;
          esac
          [ "$user" = "$(id -u "$2" 2>/dev/null)" ] && return 0
          # A user may have a service of that name too.
          grep "/$2[^/]*[.]service\\$" "/proc/$1/cgroup" | grep -qv '/user[-.@]' && return 0
          grep -qsx "$1" "/run/$2.pid" "/var/run/$2.pid"
        }
        processes_of() {
          uid=${uid-$(id -u)}
          case ${executables-/$1} in *"/$1"*) ;; *) [ "$uid" -ne 0 ] || return 0 ;; esac
          # After an upgrade the path ends with " (deleted)"; some builds have their version in the name.
          for p in $(
            if [ -n "${executables+set}" ]; then printf '%s\\n' "$executables"; else ls -l /proc/[0-9]*/exe 2>/dev/null; fi |
              sed -n "s|.* /proc/\\([0-9]*\\)/exe -> .*/$1\\(-[0-9][^/]*\\)*\\( (deleted)\\)*\\$|\\1|p"
          ) $([ "$uid" -eq 0 ] || grep -lx "$1" /proc/[0-9]*/comm | cut -d/ -f3); do
            is_machines_own "$p" "$1" || continue
            if [ -e "/proc/$p/ns/pid" ]; then
              [ "/proc/$p/ns/pid" -ef /proc/self/ns/pid ] || continue
              [ "/proc/$p/ns/net" -ef /proc/self/ns/net ] || [ -n "$2" ] ||
                grep -q "/$1[.]service\\$" "/proc/$p/cgroup" || continue
              echo "$p"
            else
              # A process that root cannot inspect has ended.
              [ "$uid" -ne 0 ] && echo "$p"
            fi
          done
        }
        """

    /// `user_of PID` sets `user` to the number of the real user of a process, with the shell's own means; empty when it has
    /// ended.
    package static let userOf = """
        user_of() {
          while read -r u_key user u_rest; do [ "$u_key" = Uid: ] && return; done 2>/dev/null <"/proc/$1/status"
          user=
        }
        """

    /// `is_frozen PID` succeeds where the control group of a process is frozen (cgroup v2), with the shell's own means.
    package static let freezer = """
        is_frozen() {
          while IFS=: read -r number controllers group; do
            [ "$number:$controllers" = 0: ] && [ -r "/sys/fs/cgroup$group/cgroup.events" ] || continue
            while read -r key value; do
              [ "$key $value" = "frozen 1" ] && return 0
            done <"/sys/fs/cgroup$group/cgroup.events"
          done <"/proc/$1/cgroup"
          return 1
        }
        """

    /// The kernel's ticks in a second, and the second since 1970 of its boot: proc(5) counts the start of a process so.
    package static let ticks = "${hz-$(getconf CLK_TCK || echo 100)}"
    package static let boot = "${boot-$(sed -n 's/^btime //p' /proc/stat)}"
    /// Reads both once for all facts of a probe, after ``listing``: without a daemon nobody needs them.
    package static let bootTime = "case ${executables-/} in */*) hz=\(ticks) boot=\(boot) ;; esac\n"

    /// Lists the daemons' executables once for all facts of a probe, because listing many processes takes most of a
    /// probe's time.
    package static let listing = """
        executables=$(ls -l /proc/[0-9]*/exe 2>/dev/null | grep -E '/(keepalived|haproxy)[^/]*$')

        """
}

/// Shell functions that find the machine's own keepalived among all that run.
enum KeepalivedProcess {
    /// `find_keepalived` sets `pid` to the parent process; empty when none runs.
    ///
    /// A machine may run several: one per router of OpenStack in a network namespace each, one in a container, one that
    /// somebody started by hand. The machine's own is the one of its pid files, else one in the machine's network. One
    /// that runs in another network counts if it belongs to keepalived's unit or reads the usual file:
    /// `net_namespace` moves it there. Only root can start the machine's own: a program of that name that another user runs
    /// says nothing of the machine.
    static let function = """
        \(DaemonProcesses.userOf)
        line_end='
        '
        elsewhere() { [ -e "/proc/$1/ns/$2" ] && ! [ "/proc/$1/ns/$2" -ef "/proc/self/ns/$2" ]; }
        is_ours() {
          # A keepalived in a container with its own network is not this machine's. In the machine's network it is, and
          # so is one that the machine has moved into another network. Only root may read namespaces and executables.
          elsewhere "$1" pid && elsewhere "$1" net && return 1
          user_of "$1"
          [ "$user" = 0 ] || [ "$user" = "${uid-$(id -u)}" ] || return 1
          # After an upgrade the path ends with " (deleted)"; some builds have their version in the name. A process that is not
          # in the list of executables is younger than it.
          e=${executables-}
          e=${e#*" /proc/$1/exe -> "}
          if [ "$e" != "${executables-}" ]; then
            e=${e%%$line_end*}
          elif ! e=$(readlink "/proc/$1/exe"); then
            read -r e <"/proc/$1/comm"
          fi
          e=${e% (deleted)}
          case ${e##*/} in keepalived | keepalived-[0-9]*) return 0 ;; esac
          return 1
        }
        is_parent() { is_ours "$1" && ! is_ours "$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status")"; }
        # The file after `-f`; empty for the usual one.
        file_of() {
          tr '\\0\\n' '\\n ' <"/proc/$1/cmdline" |
            sed -n -e '1d' -e '/^-f$/{n;p;q;}' -e '/^--use-file$/{n;p;q;}' -e '/^--use-file=/{s/^--use-file=//p;q;}' -e '/^-f./{s/^-f//p;q;}'
        }
        is_here() {
          elsewhere "$1" net || return 0
          grep -q '/keepalived[.]service$' "/proc/$1/cgroup" && return 0
          case $(file_of "$1") in '' | \(ConfigurationEvidence.usualMainFile)) return 0 ;; esac
          return 1
        }
        find_keepalived() {
          pid=
          for f in /run/keepalived.pid /var/run/keepalived.pid /run/keepalived/keepalived.pid; do
            [ -r "$f" ] && read -r p <"$f" && is_ours "$p" && is_here "$p" && { pid=$p; return; }
          done
          # One `ls` for all executables; users who may not read them use the names.
          names=${executables-$(ls -l /proc/[0-9]*/exe)}
          case $names in */keepalived*) ;; *) names= ;; esac
          for p in $([ -z "$names" ] || printf '%s\\n' "$names" | sed -n 's|.* /proc/\\([0-9]*\\)/exe -> .*/keepalived\\(-[0-9][^/]*\\)*\\( (deleted)\\)*$|\\1|p') \\
            $([ "${uid-$(id -u)}" -eq 0 ] || grep -lx keepalived /proc/[0-9]*/comm | cut -d/ -f3); do
            is_parent "$p" && is_here "$p" || continue
            pid=$p
            elsewhere "$p" net || return 0
          done
        }
        """
}

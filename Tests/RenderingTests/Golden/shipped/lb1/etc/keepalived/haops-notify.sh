#!/bin/sh
# Rendered by haops; local edits will be reported as drift.
#
# keepalived runs this at every change of state as: INSTANCE|GROUP NAME STATE [PRIORITY].
# The state file says "STATE PRIORITY SECONDS": what the daemon last said, and when. It is a hint and no proof:
# keepalived says nothing on a reload, and nothing when it is killed.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 022

type=$1 name=$2 state=$3 priority=${4:-0}

[ "$type" = INSTANCE ] || exit 0
case $name in
    '' | .* | *[!A-Za-z0-9_.-]*) exit 0 ;;
esac
case $state in
    MASTER | BACKUP | FAULT | STOP | DELETED) ;;
    *) exit 0 ;;
esac
case $priority in
    *[!0-9]*) priority=0 ;;
esac

# What goes wrong stands in the journal under this tag, where `haops doctor` reads it.
say() {
    failed=yes
    logger -t haops-notify -p daemon.warning -- "$name $state: $*" 2>/dev/null || echo "haops-notify: $name $state: $*" >&2
}

# Written beside, under a name that no reader looks for, and renamed: nobody sees half a line.
file=/run/haops-state.$name
new=/run/.haops-state.$name.$$
if [ -z "${HAOPS_NOTIFY_UNIT-}" ]; then
printf '%s %s %s\n' "$state" "$priority" "$(date +%s)" >"$new" && mv -f "$new" "$file" || {
    rm -f "$new"
    say "$file: cannot be written"
}
fi

# What is run now, in this order: STATE PATH; of a directory, with a slash behind it, all programs by their names.
scripts() {
    cat <<'END'
MASTER /etc/keepalived/status.sh
MASTER /etc/keepalived/on-master.d/
STOP /opt/my own/stop.sh
END
}
limit=5

LC_ALL=C
export LC_ALL
scripts | grep -q "^$state /" || exit 0

# A second after it has begun to stop, keepalived kills whatever it has started, with all of its process group, and
# systemd whatever is left of the service: what is to be run then is a unit of its own, or a session.
if [ "$state" = STOP ] && [ -z "${HAOPS_NOTIFY_UNIT-}" ]; then
    if [ ! -d /run/systemd/system ]; then
        if command -v setsid >/dev/null 2>&1; then
            HAOPS_NOTIFY_UNIT=1 setsid "$0" "$type" "$name" "$state" "$priority" </dev/null >/dev/null 2>&1 &
            exit 0
        fi
    elif [ "$(id -u)" = 0 ] &&
        systemd-run --quiet --setenv=HAOPS_NOTIFY_UNIT=1 "$0" "$type" "$name" "$state" "$priority" </dev/null >/dev/null 2>&1; then
        exit 0
    fi
fi
# The rest is ended with the service. (A signal that is ignored would be ignored by the scripts too.)
trap 'say "ended by a signal: what is left is not run"; exit 1' HUP INT TERM

bounded=
if timeout -k 1 1 true 2>/dev/null; then
    bounded="timeout -k 2 $limit"
elif timeout 1 true 2>/dev/null; then
    bounded="timeout $limit"
elif timeout -t 1 true 2>/dev/null; then
    bounded="timeout -t $limit"
else
    say "there is no timeout here: scripts run without a limit"
fi

# safe PATH: whether nobody but root can put another program in its place, as keepalived asks of its own scripts
# (enable_script_security).
safe() {
    place=$1
    while :; do
        [ -n "$(find -L "$place" -prune -user 0 \( -type d -perm -1000 -o ! -perm -002 \( ! -perm -020 -o -group 0 \) \))" ] ||
            return 1
        [ "$place" = / ] && return 0
        place=$(dirname "$place")
    done
}

# run PATH: one script, with keepalived's own arguments.
run() {
    if [ ! -e "$1" ]; then
        say "$1: there is no such file"
        return
    fi
    if [ ! -f "$1" ] || [ ! -x "$1" ]; then
        say "$1: cannot be executed"
        return
    fi
    if ! safe "$1"; then
        say "$1: not run, as others than root can change it or a directory above it"
        return
    fi
    began=$(date +%s)
    # The lock stays here: what a script leaves behind must not hold up the next transition.
    $bounded "$1" "$type" "$name" "$state" "$priority" </dev/null >/dev/null 2>&1 9>&-
    status=$?
    case $status in
        0) return ;;
        # timeout(1) says 124; where it is busybox's, or had to use force, the signal is left.
        124 | 137 | 143)
            if [ -n "$bounded" ] && [ $(($(date +%s) - began)) -ge "$limit" ]; then
                say "$1: ended, as it took longer than $limit s"
                return
            fi
            ;;
    esac
    say "$1: exit $status"
}

# The scripts of this transition. A success is told too: it ends what was said of failures before.
run_all() {
    failed=
    while read -r wanted path; do
        [ "$wanted" = "$state" ] || continue
        case $path in
            */)
                if [ ! -d "$path" ]; then
                    say "$path: there is no such directory"
                    continue
                fi
                for script in "$path"*; do
                    # What editors and package managers leave behind is not meant.
                    case $script in *'~' | *.dpkg-* | *.rpmnew | *.rpmsave | *.rpmorig) continue ;; esac
                    if [ -f "$script" ] && [ -x "$script" ]; then run "$script"; fi
                done
                ;;
            *) run "$path" ;;
        esac
    done <<END
$(scripts)
END
    [ -n "$failed" ] || logger -t haops-notify -p daemon.info -- "$name $state: done" 2>/dev/null
}

# keepalived does not wait for one transition before it starts the next. They are queued, in the order in which the
# kernel started these processes; whoever has the lock works the queue off.
queue=/run/haops-notify.$name
read -r stat </proc/$$/stat
# Behind the name, which may hold anything, the start is the 20th word.
set -- ${stat##*) }
ticket=$(printf '%020d-%010d' "${20}" "$$")
if ! command -v flock >/dev/null 2>&1; then
    say "there is no flock here: transitions that overlap are not kept apart"
    run_all
    exit 0
fi
if ! mkdir -p "$queue" || ! printf '%s %s\n' "$state" "$priority" >"$queue/.$ticket" ||
    ! mv "$queue/.$ticket" "$queue/$ticket" || ! : >>"$queue/.lock"; then
    say "$queue: cannot be written: transitions that overlap are not kept apart"
    run_all
    exit 0
fi
exec 9>>"$queue/.lock"
flock 9
while :; do
    set -- "$queue"/[0-9]*
    [ -f "$1" ] || break
    read -r state priority <"$1"
    rm -f "$1"
    ticket=${1##*/}
    owner=${ticket#*-}
    owner=${owner#"${owner%%[!0]*}"}
    last=
    [ ! -r "$queue/.last" ] || read -r last <"$queue/.last"
    if [ ! -d "/proc/$owner" ]; then
        say "its scripts are not run: it was ended before their turn"
    elif [ "$#" -gt 16 ]; then
        say "its scripts are not run: $# transitions wait"
    elif expr "x$ticket" '<' "x$last" >/dev/null; then
        say "its scripts are not run: a later transition has been served"
    else
        echo "$ticket" >"$queue/.last"
        run_all
    fi
done

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

# Written beside, under a name that no reader looks for, and renamed: nobody sees half a line.
file=/run/haops-state.$name
new=/run/.haops-state.$name.$$
printf '%s %s %s\n' "$state" "$priority" "$(date +%s)" >"$new" && mv -f "$new" "$file" || {
    rm -f "$new"
    exit 1
}

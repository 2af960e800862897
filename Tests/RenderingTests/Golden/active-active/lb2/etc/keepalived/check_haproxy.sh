#!/bin/sh
# Rendered by haops; local edits will be reported as drift.
#
# Succeeds while haproxy serves: its process is alive, and the kernel has a listening socket for each port of
# its frontends. A worker that only drains after a reload has closed its listening sockets, so it cannot pass for
# a service, as it does for `killall -0 haproxy`. Only the shell and /proc are used: nothing to install, and
# quick enough to run every second. What is behind haproxy is not asked: two balancers with the same dead
# backends gain nothing by handing the address to and fro.
PATH=/usr/sbin:/usr/bin:/sbin:/bin

is_haproxy() {
    [ -r "/proc/$1/comm" ] && read -r comm <"/proc/$1/comm" && [ "$comm" = haproxy ]
} 2>/dev/null

alive=no
if [ -r /run/haproxy.pid ]; then
    while read -r pid; do
        if is_haproxy "$pid"; then alive=yes; fi
    done </run/haproxy.pid
fi
if [ "$alive" = no ]; then
    # No pid file, or one that an earlier haproxy has left.
    for directory in /proc/[0-9]*; do
        if is_haproxy "${directory#/proc/}"; then
            alive=yes
            break
        fi
    done
fi
if [ "$alive" = no ]; then
    echo "haproxy does not run" >&2
    exit 1
fi

# "sl local_address rem_address st": the port is hexadecimal behind the last colon, state 0A is LISTEN. The kernel
# lists the listening sockets first (before Linux 4.4 with their half-open ones, state 03, among them), and the shell
# needs seconds for what may follow: tens of thousands of connections, under load. Nothing of those is read.
missing=" 0050 "
for table in /proc/net/tcp /proc/net/tcp6; do
    if [ "$missing" = " " ] || [ ! -r "$table" ]; then continue; fi
    while [ "$missing" != " " ] && read -r _ local _ state _; do
        case $state in
            0A) port=${local##*:} ;;
            st | 03) continue ;;
            *) break ;;
        esac
        case $missing in
            *" $port "*) missing="${missing%%" $port "*} ${missing#*" $port "}" ;;
        esac
    done <"$table"
done
if [ "$missing" != " " ]; then
    echo "haproxy listens no longer on port (hexadecimal):$missing" >&2
    exit 1
fi

#!/bin/sh
# Writes down what this load balancer is now. Called as: INSTANCE NAME STATE PRIORITY.
file=/tmp/load-balancer-status
# Everybody may write to /tmp: a name that nobody knows beforehand, and no link that somebody has put there.
new=$(mktemp "$file.XXXXXX") || exit 1
[ ! -L "$file" ] || rm -f "$file"
printf '%s: %s of %s is %s\n' "$(date)" "$2" "$(hostname)" "$3" >"$new" && chmod 644 "$new" && mv -f "$new" "$file" || {
    rm -f "$new"
    exit 1
}

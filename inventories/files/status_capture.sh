#!/bin/sh
# Writes down what this load balancer is now. Called as: INSTANCE NAME STATE PRIORITY.
file=/tmp/load-balancer-status
new=$file.$$
rm -f "$new"
printf '%s: %s of %s is %s\n' "$(date)" "$2" "$(hostname)" "$3" >"$new" && chmod 644 "$new" && mv -f "$new" "$file"

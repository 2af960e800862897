# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Ends a wrong claim on this node: STOP keepalived and wait until its addresses are gone, CLEAR exactly the named
# addresses (a line `INTERFACE ADDRESS/LENGTH` each), START keepalived. One script does all of it, so a lost
# connection leaves no node without its daemon.
trap '' HUP INT TERM PIPE
at_work
owns_lock || fail "this run has lost the node's lock"
journal "mending"
holds() { ip -o addr show dev "$1" | awk -v want="$2" '$4 == want { found = 1 } END { exit !found }'; }
if [ "$STOP" = yes ]; then
  service_do stop keepalived || fail "keepalived does not stop"
  n=0
  while [ "$n" -lt 50 ]; do
    left=$(printf '%s\n' "$CLEAR" | while read -r device address; do
      [ -n "$device" ] && holds "$device" "$address" && echo "$address"
    done)
    [ -n "$left" ] || break
    n=$((n + 1))
    sleep 0.1
  done
fi
printf '%s\n' "$CLEAR" | while read -r device address; do
  [ -n "$device" ] || continue
  if holds "$device" "$address"; then
    ip addr del "$address" dev "$device" || exit 1
    journal "removed $address from $device"
  fi
done || status=1
if [ "$START" = yes ]; then service_do start keepalived || fail "keepalived does not start"; fi
[ "${status:-0}" = 0 ] || fail "an address cannot be removed"
journal "mended"

# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Announces the ADDRESSES (one a line) that this node holds to the network segment: by gratuitous ARP if a tool for
# that is installed; otherwise keepalived is reloaded, which makes a MASTER announce its addresses, IPv6 included.
# An address that is only on lo is not announced: nothing leaves the machine there.
owns_lock || fail "this run has lost the node's lock"
reload=
unheard=
while read -r address; do
  [ -n "$address" ] || continue
  device=$(ip -o addr show | awk -v want="$address" '
    { split($4, part, "/") }
    part[1] == want && (device == "" || device == "lo") { device = $2 }
    END { print device }')
  [ -n "$device" ] || continue
  if [ "$device" = lo ]; then
    unheard="$unheard $address"
    continue
  fi
  case $address in
    *:*) reload=yes ;;
    *)
      if arping -h 2>&1 | grep -q -e '-U'; then
        arping -q -U -c 3 -I "$device" "$address" >&2 || reload=yes
      else
        reload=yes
      fi
      ;;
  esac
done <<EOF
$ADDRESSES
EOF
[ -z "$unheard" ] || fail "on lo, where an announcement reaches nobody:$unheard"
if [ -n "$reload" ]; then service_do reload keepalived || fail "keepalived does not reload"; fi
journal "announced"

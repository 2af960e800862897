# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Announces the ADDRESSES (one a line) that this node holds to the network segment: by gratuitous ARP if a tool for
# that is installed; otherwise keepalived is reloaded, which makes a MASTER announce its addresses, IPv6 included.
reload=
while read -r address; do
  [ -n "$address" ] || continue
  device=$(ip -o addr show | awk -v want="$address" '{ split($4, part, "/"); if (part[1] == want) { print $2; exit } }')
  [ -n "$device" ] || continue
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
if [ -n "$reload" ]; then service_do reload keepalived || fail "keepalived does not reload"; fi
journal "announced"

# shellcheck shell=sh
# Tells the segment who has the addresses (a line `INTERFACE ADDRESS` each): gratuitous ARP where the node can
# send it, else keepalived is reloaded, which makes a MASTER announce what it has, IPv6 included.
reload=
while read -r device address; do
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

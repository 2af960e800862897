# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# The failures of drills: how FAILURE is made real on a node, and how it ends. DEVICES, SUBJECT and BACKENDS say what fails.
# Nothing here is written to a disk: a reboot ends every failure but a stopped daemon that is not started at boot.

# The name of everything that a drill adds to a packet filter.
mark=haops_drill

# packet_filter RULE: makes RULE in the chains for incoming (`in`) and outgoing (`out`) packets: what RULE prints for `nft`, or
# its own words for iptables.
drop_protocol_112() {
  if have nft; then
    {
      echo "table inet $mark {"
      for way in $1; do
        case $way in in) hook=input ;; *) hook=output ;; esac
        echo "chain $way { type filter hook $hook priority -450; policy accept; meta l4proto 112 drop; }"
      done
      echo "}"
    } | nft -f -
  else
    for way in $1; do
      case $way in in) chain=INPUT ;; *) chain=OUTPUT ;; esac
      iptables -w -I "$chain" 1 -p 112 -m comment --comment "$mark" -j DROP || return 1
      if have ip6tables; then ip6tables -w -I "$chain" 1 -p 112 -m comment --comment "$mark" -j DROP || :; fi
    done
  fi
}

# Every packet on the named devices, below the kernel's own ARP: the machine goes silent, and no link is lost. A backend's
# packets are dropped by address and port.
drop_all() {
  {
    echo "table netdev $mark {"
    for device in $DEVICES; do
      n=$((${n:-0} + 1))
      echo "chain in$n { type filter hook ingress device \"$device\" priority -500; policy drop; }"
      echo "chain out$n { type filter hook egress device \"$device\" priority -500; policy drop; }"
    done
    echo "}"
  } | nft -f -
}

drop_backends() {
  {
    echo "table inet $mark {"
    echo "chain out { type filter hook output priority -450; policy accept;"
    printf '%s\n' "$BACKENDS" | while read -r family address port; do
      [ -z "$port" ] || echo "$family daddr $address tcp dport $port drop;"
    done
    echo "}"
    echo "}"
  } | nft -f -
}

# open_again: removes what a drill added to packet filters. Fails if something of it is left.
open_again() {
  if have nft; then
    for family in inet netdev; do
      nft list table "$family" "$mark" >/dev/null 2>&1 || continue
      nft delete table "$family" "$mark" || return 1
    done
  fi
  for tool in iptables ip6tables; do
    have "$tool" || continue
    for chain in INPUT OUTPUT; do
      while "$tool" -w -C "$chain" -p 112 -m comment --comment "$mark" -j DROP 2>/dev/null; do
        "$tool" -w -D "$chain" -p 112 -m comment --comment "$mark" -j DROP || return 1
      done
    done
  done
}

# Routes are lost with a link; until it is up again they are kept here, by device.
saved_routes=$volatile/routes.$RUN

# unrestorable DEVICE: prints why nothing would bring all of it back, if so.
unrestorable() {
  [ -d "/sys/class/net/$1" ] || { echo "there is no interface $1"; return; }
  for manager in NetworkManager systemd-networkd; do
    if is_running "$manager"; then
      echo "$manager manages interfaces here, and may not bring $1 back as it is"
      return
    fi
  done
  for upper in "/sys/class/net/$1"/upper_*; do
    if [ -e "$upper" ]; then
      echo "${upper##*/upper_} is on top of $1, and would lose its addresses"
      return
    fi
  done
  if ip -o addr show dev "$1" | grep -q ' dynamic '; then
    echo "an address of $1 is dynamic, and may not come back"
    return
  fi
  if { ip -4 route show table all dev "$1"; ip -6 route show table all dev "$1"; } | grep -vE ' table local ' | grep -q ' table '; then
    echo "$1 has routes in tables of their own, which would be lost"
    return
  fi
  ip -4 route save table main dev "$1" >/dev/null 2>&1 || echo "ip route save does not work here"
}

link_down() {
  for device in $DEVICES; do
    keep=/proc/sys/net/ipv6/conf/$device/keep_addr_on_down
    { cat "$keep" 2>/dev/null || echo 0; } >"$saved_routes.keep.$device" &&
      ip -4 route save table main dev "$device" >"$saved_routes.4.$device" &&
      ip -6 route save table main dev "$device" >"$saved_routes.6.$device" || return 1
    # The kernel drops IPv6 addresses with a link otherwise.
    if [ -w "$keep" ]; then echo 1 >"$keep" || return 1; fi
    ip link set dev "$device" down || return 1
  done
}

link_up() {
  for device in $DEVICES; do
    [ -f "$saved_routes.keep.$device" ] || continue
    ip link set dev "$device" up || return 1
    n=0
    until ip -o link show dev "$device" | grep -q LOWER_UP; do
      n=$((n + 1))
      [ "$n" -lt 100 ] || return 1
      sleep 0.1
    done
    # Routes that are there again are refused, and that is no failure.
    for family in 4 6; do ip "-$family" route restore <"$saved_routes.$family.$device" 2>/dev/null || :; done
    keep=/proc/sys/net/ipv6/conf/$device/keep_addr_on_down
    if [ -w "$keep" ]; then cat "$saved_routes.keep.$device" >"$keep" || return 1; fi
    rm -f "$saved_routes".*."$device"
  done
}

# Stopped first, so that no process starts or ends another one when it sees it die.
kill_all() {
  pids=$(processes_of "$1")
  [ -n "$pids" ] || return 1
  # shellcheck disable=SC2086
  kill -STOP $pids && kill -KILL $pids
}

signal_all() {
  pids=$(processes_of "$2")
  # shellcheck disable=SC2086
  [ -n "$pids" ] && kill "-$1" $pids
}

# impossible: prints why FAILURE cannot be made here, if so.
impossible() {
  case $FAILURE in
    stop | kill | freeze | failback) is_running keepalived || echo "keepalived does not run" ;;
    haproxy | haproxy-hang) is_running haproxy || echo "haproxy does not run" ;;
    adverts-*)
      have nft || have iptables || echo "there is neither nft nor iptables here"
      ;;
    crash | backend)
      have nft || { echo "there is no nft here"; return; }
      ;;
    interface | advert-interface)
      for device in $DEVICES; do unrestorable "$device"; done
      ;;
    check-fails)
      [ -x "$ROOT$SUBJECT" ] && have mount || { echo "$SUBJECT is not a program here"; return; }
      # What is mounted over must be this program, also when it ends.
      is_roots "$ROOT$SUBJECT" staff || echo "others than root can replace $SUBJECT or a directory above it"
      ;;
    reboot)
      is_systemd || { echo "reboots are made only where systemd runs"; return; }
      [ ! -e /run/nologin ] && [ ! -e /run/systemd/shutdown/scheduled ] || echo "the machine shuts down already"
      for daemon in keepalived haproxy; do
        if is_running "$daemon" && ! is_enabled "$daemon"; then echo "$daemon is not started at boot here"; fi
      done
      ;;
  esac
  if have nft && { nft list table inet "$mark" || nft list table netdev "$mark"; } >/dev/null 2>&1; then
    echo "the packet filter has a table $mark already, which another drill has left"
  fi
}

make_failure() {
  case $FAILURE in
    stop | failback) service_do stop keepalived ;;
    # Kept on the disk: the boot says when the failure began.
    reboot) cp "$volatile/begins.$RUN" "$state/armed/begins" && systemctl reboot ;;
    kill) kill_all keepalived ;;
    freeze) signal_all STOP keepalived ;;
    haproxy) service_do stop haproxy ;;
    haproxy-hang) signal_all STOP haproxy ;;
    adverts-in) drop_protocol_112 in ;;
    adverts-out) drop_protocol_112 out ;;
    adverts-both) drop_protocol_112 "in out" ;;
    crash) drop_all ;;
    interface | advert-interface) link_down ;;
    backend) drop_backends ;;
    check-fails) mount --bind /bin/false "$ROOT$SUBJECT" ;;
    *) return 1 ;;
  esac
}

# start_again NAME: starts a daemon that does not run. At boot it is left to the boot, which starts what is enabled, unless
# only this drill's end would start it.
start_again() {
  if [ "$CLAIM" = boot ]; then
    if is_systemd && ! is_enabled "$1"; then systemctl --no-block start "$1"; fi
  elif ! is_running "$1"; then
    service_do start "$1" || return 1
    n=0
    while ! is_running "$1"; do
      n=$((n + 1))
      [ "$n" -lt 50 ] || return 1
      sleep 0.1
    done
  fi
}

# The program may be running at this moment.
give_back() {
  n=0
  while grep -q " $1 " /proc/self/mounts; do
    umount "$1" 2>/dev/null || { [ "$n" -ge 50 ] && umount -l "$1"; } || sleep 0.1
    n=$((n + 1))
    [ "$n" -lt 100 ] || return 1
  done
}

end_failure() {
  case $FAILURE in
    stop | kill | failback) start_again keepalived ;;
    reboot) ;;
    freeze) [ "$CLAIM" = boot ] || signal_all CONT keepalived || start_again keepalived ;;
    haproxy) start_again haproxy ;;
    haproxy-hang) [ "$CLAIM" = boot ] || signal_all CONT haproxy || start_again haproxy ;;
    adverts-* | crash | backend) [ "$CLAIM" = boot ] || open_again ;;
    interface | advert-interface) [ "$CLAIM" = boot ] || link_up ;;
    check-fails) [ "$CLAIM" = boot ] || give_back "$ROOT$SUBJECT" ;;
  esac
}

# announce_held: announces those of ADDRESSES that this node has, by gratuitous ARP; where that cannot be, keepalived is reloaded,
# by which a MASTER announces its addresses, IPv6 included.
announce_held() {
  again=
  for address in $ADDRESSES; do
    device=$(ip -o addr show | awk -v want="$address" '{ split($4, part, "/") } part[1] == want && $2 != "lo" { print $2; exit }')
    [ -n "$device" ] || continue
    case $address in
      *:*) again=yes ;;
      *)
        if arping -h 2>&1 | grep -q -e '-U'; then
          arping -q -U -c 1 -w 1 -I "$device" "$address" >/dev/null 2>&1 &
        else
          again=yes
        fi
        ;;
    esac
  done
  wait
  if [ -n "$again" ] && [ "${1-}" = last ]; then service_do reload keepalived || :; fi
}

# tell_clients: a node that had the addresses all the time, as another one did, announces nothing when it is alone again
# (vrrp.c: only on an advert of lower priority). Clients that learned the other one would go on sending there.
tell_clients() {
  case $FAILURE:$CLAIM in
    *:boot) return 0 ;;
    crash:* | freeze:* | adverts-out:* | adverts-both:*) ;;
    *) return 0 ;;
  esac
  for pause in 0 1 2; do
    sleep "$pause"
    announce_held
  done
  # The other one announces a second time five seconds after its election (garp_master_delay).
  sleep 3
  announce_held last
}

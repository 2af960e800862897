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
    stop | kill | freeze) is_running keepalived || echo "keepalived does not run" ;;
    haproxy | haproxy-hang) is_running haproxy || echo "haproxy does not run" ;;
    adverts-*)
      have nft || have iptables || echo "there is neither nft nor iptables here"
      ;;
    crash | backend)
      have nft || { echo "there is no nft here"; return; }
      ;;
    check-fails)
      [ -x "$ROOT$SUBJECT" ] && have mount || echo "$SUBJECT is not a program here"
      ;;
  esac
  if have nft && { nft list table inet "$mark" || nft list table netdev "$mark"; } >/dev/null 2>&1; then
    echo "the packet filter has a table $mark already, which another drill has left"
  fi
}

make_failure() {
  case $FAILURE in
    stop) service_do stop keepalived ;;
    kill) kill_all keepalived ;;
    freeze) signal_all STOP keepalived ;;
    haproxy) service_do stop haproxy ;;
    haproxy-hang) signal_all STOP haproxy ;;
    adverts-in) drop_protocol_112 in ;;
    adverts-out) drop_protocol_112 out ;;
    adverts-both) drop_protocol_112 "in out" ;;
    crash) drop_all ;;
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

end_failure() {
  case $FAILURE in
    stop | kill) start_again keepalived ;;
    freeze) [ "$CLAIM" = boot ] || signal_all CONT keepalived || start_again keepalived ;;
    haproxy) start_again haproxy ;;
    haproxy-hang) [ "$CLAIM" = boot ] || signal_all CONT haproxy || start_again haproxy ;;
    adverts-* | crash | backend) [ "$CLAIM" = boot ] || open_again ;;
    check-fails)
      [ "$CLAIM" = boot ] || while grep -q " $ROOT$SUBJECT " /proc/self/mounts; do umount "$ROOT$SUBJECT" || return 1; done
      ;;
  esac
}

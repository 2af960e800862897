# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# keepalived and haproxy under systemd, or under init scripts where systemd does not run.

is_systemd() { [ -d "$ROOT/run/systemd/system" ]; }

# Init scripts are not asked: Debian's for keepalived does not support `status`. `processes_of` comes before this, see
# NodeScript.
is_running() {
  if is_systemd; then systemctl is-active --quiet "$1"; else [ -n "$(processes_of "$1")" ]; fi
}

is_enabled() {
  if is_systemd; then
    systemctl is-enabled --quiet "$1" 2>/dev/null
  else
    for link in /etc/rc[2-5].d/S??"$1" /etc/runlevels/default/"$1"; do [ -e "$link" ] && return 0; done
    return 1
  fi
}

# service_do start|stop|restart|reload NAME
service_do() {
  if is_systemd; then
    # systemd does not start a daemon that failed often before its counter is reset.
    case $1 in start | restart) systemctl reset-failed "$2" 2>/dev/null || : ;; esac
    systemctl "$1" "$2" && mark_loaded "$1" "$2"
  elif [ "$1" = restart ]; then
    # An init script's restart starts the daemon a second after it stops it, whether the old process has ended or not.
    init_script stop "$2"
    n=0
    while is_running "$2" && [ "$n" -lt 20 ]; do
      n=$((n + 1))
      sleep 1
    done
    init_script start "$2"
  else
    init_script "$1" "$2"
  fi </dev/null >&2 || return
  if [ "$2" = haproxy ]; then keep_servers "$1"; fi
}

# keep_servers VERB: haproxy was started, restarted or reloaded, and forgets which servers haops keeps out of service. Where
# systemd has had them set again, this finds them so.
keep_servers() {
  [ -f "$state/servers.sh" ] || return 0
  case $1 in
    start | restart) sh "$state/servers.sh" start ;;
    # Under systemd its new process has been waited for.
    reload) if is_systemd; then sh "$state/servers.sh" now; else sh "$state/servers.sh" reload; fi ;;
  esac </dev/null >&2 || journal "servers of haproxy could not be set again"
}

# systemd forgets the time of a daemon's reload at its own daemon-reload, and init scripts do not record it.
# mark_loaded VERB NAME
mark_loaded() { [ "$1" = stop ] || { mkdir -p "$volatile" && : >"$volatile/$2.loaded"; } || :; }

init_script() {
  if have service; then service "$2" "$1"; else "/etc/init.d/$2" "$1"; fi && mark_loaded "$1" "$2"
}

service_enable() {
  if is_systemd; then
    systemctl enable --quiet "$1"
  elif have update-rc.d; then
    update-rc.d "$1" defaults && update-rc.d "$1" enable
  elif have chkconfig; then
    chkconfig "$1" on
  elif have rc-update; then
    rc-update add "$1" default
  fi </dev/null >&2
}

service_disable() {
  if is_systemd; then
    systemctl disable --quiet "$1"
  elif have update-rc.d; then
    update-rc.d "$1" disable
  elif have chkconfig; then
    chkconfig "$1" off
  elif have rc-update; then
    rc-update del "$1" default
  fi </dev/null >&2
}

# states: the state of both daemons, one line each, for a backup's `services`.
states() {
  for name in haproxy keepalived; do
    running=inactive enabled=disabled
    is_running "$name" && running=active
    is_enabled "$name" && enabled=enabled
    printf '%s %s %s\n' "$name" "$running" "$enabled"
  done
}

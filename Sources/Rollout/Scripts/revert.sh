# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Restores the files that this run backed up. It runs when the scheduled time is up (CLAIM `timer`), when the node
# boots with an unconfirmed change (`boot`), or on haops' command (`haops`). SHARED `yes` means that another node
# claims the same addresses, so this node need not step aside.
# Prints restarts that it did not perform because the addresses must stay served.
trap '' HUP INT TERM PIPE
at_work
set_dir=$state/sets/$RUN
[ "${1-}" != boot ] || CLAIM=boot
# The process that renames the schedule performs the rollback: the timer, the boot, or haops after a lost connection.
case $CLAIM in
  timer | boot)
    mkdir -p "$volatile" && echo "$$" >"$volatile/reverting"
    if read -r armed_run _ 2>/dev/null <"$state/armed/when" && [ "$armed_run" = "$RUN" ]; then
      mv "$state/armed" "$state/claimed.$RUN" 2>/dev/null || exit 0
    else
      # A power failure interrupted the rollback.
      [ "$CLAIM" = boot ] && [ -d "$state/claimed.$RUN" ] || exit 0
    fi
    ;;
  *)
    if read -r armed_run _ _ put_off_by 2>/dev/null <"$state/armed/when" && [ "$armed_run${put_off_by:+ }$put_off_by" != "$RUN" ]; then
      fail "${put_off_by:-$armed_run} has changed this node since: the set from before $RUN is not put back"
    elif ! disarm; then
      # The timer has already started the rollback: wait for its end.
      n=0
      while [ -d "$state/claimed.$RUN" ] && [ "$n" -lt 60 ]; do
        n=$((n + 1))
        sleep 1
      done
      # Do not roll back twice, because that restarts daemons.
      case $(last_event) in restored*) exit 0 ;; esac
      # Another run has confirmed or finished the change while this run was disconnected.
      owns_lock || fail "this run has lost the node's lock: the set from before it is not put back"
    fi
    ;;
esac
[ -f "$set_dir/list" ] || fail "there is no set $RUN to go back to"
journal "restoring ($CLAIM)"

# The daemons that must not be restarted, because no other node serves the addresses.
alone=
if [ "$CLAIM" != boot ] && [ "$SHARED" != yes ]; then
  case "$KEEPALIVED_ACTION $HAPROXY_ACTION" in
    *restart*)
      if holds_any; then
        step_aside "$ASIDE_WAIT"
        if holds_any; then alone=yes; fi
      fi
      ;;
  esac
fi

# Stop daemons before the files are removed: an init script stops nothing without its daemon's configuration.
if [ "$CLAIM" != boot ]; then
  while read -r name running _; do
    [ "$running" = active ] || ! is_running "$name" || service_do stop "$name"
  done <"$set_dir/services"
fi
putback "$set_dir"
while read -r key value; do
  path=$ROOT/proc/sys/$(printf '%s' "$key" | tr './' '/.')
  [ -w "$path" ] && printf '%s\n' "$value" >"$path"
done <"$set_dir/sysctls"
if is_systemd; then systemctl daemon-reload; fi
# haproxy first, because keepalived's checks test it.
while read -r name running enabled; do
  case $name in haproxy) action=$HAPROXY_ACTION ;; *) action=$KEEPALIVED_ACTION ;; esac
  if [ "$action" = restart ] && [ -n "$alone" ] && is_running "$name"; then
    action=reload
    echo "$name is reloaded and not restarted, because no other node took its addresses over: what it reads only at its start comes into force with its next"
    journal "$name is not restarted: it alone serves"
  fi
  if [ "$enabled" = disabled ] && is_enabled "$name"; then service_disable "$name"; fi
  if [ "$CLAIM" = boot ]; then
    # The daemon starts after this script, or must not start at all.
    if [ "$running" = inactive ] && is_systemd; then systemctl --no-block stop "$name"; fi
  elif [ "$running" = inactive ]; then
    : # stopped above
  elif ! is_running "$name"; then
    service_do start "$name"
  elif [ "$action" = reload ]; then
    # A daemon may end when it reads an invalid configuration; then it must be started again.
    service_do reload "$name"
    sleep 1
    is_running "$name" || service_do start "$name"
  elif [ "$action" != none ]; then
    service_do restart "$name"
  fi
done <"$set_dir/services"
step_back
printf '%s\t%s\t%s\t%s\n' "$RUN" "$(stamp)" "$(field "$WHO")" "$(field "$WHAT, restored ($CLAIM)")" >"$state/unfinished.part" &&
  mv -f "$state/unfinished.part" "$state/unfinished"
journal "restored ($CLAIM)"
rm -rf "$state/claimed.$RUN"
[ -d "$state/armed" ] || boot_unhook

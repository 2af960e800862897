# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Puts the node back to the set that this run kept. Runs when the armed time is up (CLAIM `timer`), when the node boots with
# the change unconfirmed (`boot`), or when haops says so (`haops`).
# SHARED says that another node claims the same addresses: then this one is not alone, and need not step aside.
# Prints what was left undone so that the addresses stay served.
trap '' HUP INT TERM PIPE
at_work
set_dir=$state/sets/$RUN
[ "${1-}" != boot ] || CLAIM=boot
# Whoever renames the arming has the say: the timer, the boot, or haops that came back.
case $CLAIM in
  timer | boot)
    mkdir -p "$volatile" && echo "$$" >"$volatile/reverting"
    if read -r armed_run _ 2>/dev/null <"$state/armed/when" && [ "$armed_run" = "$RUN" ]; then
      mv "$state/armed" "$state/claimed.$RUN" 2>/dev/null || exit 0
    else
      # The power was cut while it went back.
      [ "$CLAIM" = boot ] && [ -d "$state/claimed.$RUN" ] || exit 0
    fi
    ;;
  *)
    if read -r armed_run _ _ put_off_by 2>/dev/null <"$state/armed/when" && [ "$armed_run${put_off_by:+ }$put_off_by" != "$RUN" ]; then
      fail "${put_off_by:-$armed_run} has changed this node since: the set from before $RUN is not put back"
    elif ! disarm; then
      # The timer was faster. What it does is what is wanted here: let it end.
      n=0
      while [ -d "$state/claimed.$RUN" ] && [ "$n" -lt 60 ]; do
        n=$((n + 1))
        sleep 1
      done
      # Once is enough: going back restarts daemons.
      case $(last_event) in restored*) exit 0 ;; esac
      # Confirmed, or finished by another run while this one was not heard of.
      owns_lock || fail "this run has lost the node's lock: the set from before it is not put back"
    fi
    ;;
esac
[ -f "$set_dir/list" ] || fail "there is no set $RUN to go back to"
journal "restoring ($CLAIM)"

# What must not be restarted, because nobody else serves the addresses.
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

# Before the files go: an init script without its daemon's configuration stops nothing.
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
# haproxy first: keepalived's checks ask it.
while read -r name running enabled; do
  case $name in haproxy) action=$HAPROXY_ACTION ;; *) action=$KEEPALIVED_ACTION ;; esac
  if [ "$action" = restart ] && [ -n "$alone" ] && is_running "$name"; then
    action=reload
    echo "$name is reloaded and not restarted, because no other node took its addresses over: what it reads only at its start comes into force with its next"
    journal "$name is not restarted: it alone serves"
  fi
  if [ "$enabled" = disabled ] && is_enabled "$name"; then service_disable "$name"; fi
  if [ "$CLAIM" = boot ]; then
    # It starts after this, or is not to start at all.
    if [ "$running" = inactive ] && is_systemd; then systemctl --no-block stop "$name"; fi
  elif [ "$running" = inactive ]; then
    : # stopped above
  elif ! is_running "$name"; then
    service_do start "$name"
  elif [ "$action" = reload ]; then
    # A daemon that does not like what it reads may leave; it must not stay away.
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

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
# resume: continues a rollback that has no process any more, or one of a change that was confirmed on this node.
resume() {
  mkdir -p "$volatile" && printf '%s\n' "$$" >"$volatile/reverting.$RUN" || :
  [ ! -d "$state/claimed.$RUN" ] || return 0
  [ -f "$set_dir/revert.sh" ] && boot_hook && mkdir "$state/claimed.$RUN" &&
    cp "$set_dir/revert.sh" "$state/claimed.$RUN/revert.sh" || :
}
# The process that renames the schedule performs the rollback: the timer, the boot, or haops.
case $CLAIM in
  timer) claim || exit 0 ;;
  boot)
    # A power failure may have interrupted it, or it failed.
    claim || [ -d "$state/claimed.$RUN" ] || exit 0
    resume
    ;;
  *)
    if read -r armed_run _ _ put_off_by 2>/dev/null <"$state/armed/when" && [ "$armed_run${put_off_by:+ }$put_off_by" != "$RUN" ]; then
      fail "${put_off_by:-$armed_run} has changed this node since: the set from before $RUN is not put back"
    elif ! claim; then
      # The timer has already started the rollback, or this is asked again after a lost connection: wait for its end.
      n=0
      while is_claimed "$RUN"; do
        [ "$n" -lt 60 ] || fail "its rollback has not come to its end"
        n=$((n + 1))
        sleep 1
      done
      # Do not roll back twice, because that restarts daemons.
      case $(last_event) in restored*) exit 0 ;; esac
      # Another run has confirmed or finished the change while this run was disconnected.
      owns_lock || fail "this run has lost the node's lock: the set from before it is not put back"
      resume
    fi
    ;;
esac
# The change hangs before it has replaced anything: it finds this event, and ends.
if [ ! -f "$set_dir/list" ] && [ "$(last_event)" = preparing ]; then
  journal "restored ($CLAIM): nothing was replaced"
  exit 0
fi
[ -f "$set_dir/list" ] || fail "there is no set $RUN to go back to"
journal "restoring ($CLAIM)"
failed=
failure() { failed="$failed${failed:+; }$*"; }

# The run's change may still be at work, if the connection was lost while a daemon hangs. It ends before its next step.
changes_still() { changer=$(cat "$volatile/changing.$RUN" 2>/dev/null) && is_at_work "$volatile/step.$changer"; }
if [ "$CLAIM" != boot ]; then
  n=0
  while changes_still && [ "$n" -lt 60 ]; do
    n=$((n + 1))
    sleep 1
  done
fi

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
# A unit that this run brought is disabled while its file is there.
while read -r kind _ _ _ path; do
  case $kind:$path in
    absent:/etc/systemd/system/*.service | absent:/etc/init.d/*)
      name=${path##*/}
      name=${name%.service}
      if [ -f "$ROOT$path" ] && is_enabled "$name"; then service_disable "$name"; fi
      ;;
  esac
done <"$set_dir/list"
putback "$set_dir" || failure "files could not be put back"
while read -r key value; do
  path=$ROOT/proc/sys/$(printf '%s' "$key" | tr './' '/.')
  if [ -w "$path" ]; then printf '%s\n' "$value" >"$path" || failure "$key could not be set back"; fi
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
  was_enabled=
  if is_enabled "$name"; then was_enabled=yes; fi
  case $enabled:$was_enabled in
    disabled:yes) service_disable "$name" || failure "$name could not be disabled" ;;
    enabled:) service_enable "$name" || failure "$name could not be enabled" ;;
  esac
  if [ "$CLAIM" = boot ]; then
    # The daemon starts after this script, or must not start at all. This boot does not start what was disabled until now.
    if [ "$running" = inactive ] && is_systemd; then systemctl --no-block stop "$name"; fi
    if [ "$running:$enabled:$was_enabled" = active:enabled: ] && is_systemd; then systemctl --no-block start "$name"; fi
  elif [ "$running" = inactive ]; then
    : # stopped above
  elif ! is_running "$name"; then
    service_do start "$name" || failure "$name does not start"
  elif [ "$action" = reload ]; then
    # A daemon may end when it reads an invalid configuration; then it must be started again.
    service_do reload "$name"
    sleep 1
    is_running "$name" || service_do start "$name" || failure "$name does not start"
  elif [ "$action" != none ]; then
    service_do restart "$name" || failure "$name does not restart"
  fi
done <"$set_dir/services"
step_back
printf '%s\t%s\t%s\t%s\n' "$RUN" "$(stamp)" "$(field "$WHO")" "$(field "$WHAT, ${failed:+not }restored ($CLAIM)")" >"$state/unfinished.part" &&
  mv -f "$state/unfinished.part" "$state/unfinished"
rm -f "$volatile/reverting.$RUN" "$volatile/changing.$RUN"
if [ -n "$failed" ]; then
  # The next boot tries again.
  journal "restoring failed ($CLAIM): $failed"
  fail "the old set is not whole: $failed"
fi
journal "restored ($CLAIM)"
# A rollback that was itself put back has undone nothing: the next one finds it here (HaopsStateFact).
if [ -f "$set_dir/why" ] && ! grep -q ', put back$' "$set_dir/why"; then
  sed 's/$/, put back/' "$set_dir/why" >"$set_dir/why.part" && mv -f "$set_dir/why.part" "$set_dir/why" || rm -f "$set_dir/why.part"
fi
rm -rf "$state/claimed.$RUN"
unhook

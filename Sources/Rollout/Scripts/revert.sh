# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Puts the node back to the set that this run kept. Runs when the armed time is up, or when haops says so.
trap '' HUP INT TERM PIPE
set_dir=$state/sets/$RUN
# Whoever renames the arming has the say: the timer, or haops that came back.
if [ "$CLAIM" = timer ]; then
  mkdir -p "$volatile" && echo "$$" >"$volatile/reverting"
  mv "$state/armed" "$state/claimed.$RUN" 2>/dev/null || exit 0
elif read -r armed_run _ 2>/dev/null <"$state/armed/when" && [ "$armed_run" != "$RUN" ]; then
  fail "$armed_run has changed this node since: the set from before $RUN is not put back"
elif ! disarm; then
  # The timer was faster. What it does is what is wanted here: let it end.
  n=0
  while [ -d "$state/claimed.$RUN" ] && [ "$n" -lt 60 ]; do
    n=$((n + 1))
    sleep 1
  done
  # Once is enough: going back restarts daemons.
  [ "$(last_event)" != "restored (timer)" ] || exit 0
fi
[ -f "$set_dir/list" ] || fail "there is no set $RUN to go back to"
journal "restoring ($CLAIM)"
# Before the files go: an init script without its daemon's configuration stops nothing.
while read -r name running _; do
  [ "$running" = active ] || ! is_running "$name" || service_do stop "$name"
done <"$set_dir/services"
putback "$set_dir"
while read -r key value; do
  path=$ROOT/proc/sys/$(printf '%s' "$key" | tr './' '/.')
  [ -w "$path" ] && printf '%s\n' "$value" >"$path"
done <"$set_dir/sysctls"
if is_systemd; then systemctl daemon-reload; fi
# haproxy first: keepalived's checks ask it.
while read -r name running enabled; do
  case $name in haproxy) action=$HAPROXY_ACTION ;; *) action=$KEEPALIVED_ACTION ;; esac
  if [ "$running" = inactive ]; then
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
  if [ "$enabled" = disabled ] && is_enabled "$name"; then service_disable "$name"; fi
done <"$set_dir/services"
printf '%s %s %s %s\n' "$RUN" "$(stamp)" "$WHO" "restored ($CLAIM)" >"$state/unfinished.part" &&
  mv -f "$state/unfinished.part" "$state/unfinished"
journal "restored ($CLAIM)"
rm -rf "$state/claimed.$RUN"

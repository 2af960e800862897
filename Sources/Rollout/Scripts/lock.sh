# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Holds the node's lock while the connection lives: until standard input ends, or no line has arrived for LEASE
# seconds, as from a machine that lost its power. While a rollback of this run is scheduled, the lock stays, for at
# most LONGEST seconds.
# Prints `locked`, `busy` and the holder, or `refused` and the reason; then a line at intervals, which detects a dead
# connection.
# `owner` has one line with tab-separated fields: PID WHO RUN WHAT CONTROLLER-PID TIME.
refuse() {
  printf 'refused %s\n' "$*"
  exit 1
}
mkdir -p "$volatile" && chmod 700 "$volatile" || refuse "cannot make $volatile"
have flock || refuse "there is no flock here: install util-linux"
exec 9>>"$volatile/lock" || refuse "cannot open $volatile/lock"
if ! flock -n 9; then
  printf 'busy\t%s\n' "$(cut -f 2- "$volatile/owner" 2>/dev/null)"
  exit 0
fi
printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$$" "$(field "$WHO")" "$RUN" "$(field "$WHAT")" "$CONTROLLER" "$(stamp)" \
  >"$volatile/owner.part" && : >"$volatile/beat" && mv -f "$volatile/owner.part" "$volatile/owner" ||
  refuse "cannot write $volatile/owner"
# Whoever has reloaded haproxy by a signal has ended what haops keeps of its servers: every run sets it again.
[ ! -f "$state/servers.sh" ] || sh "$state/servers.sh" now </dev/null >/dev/null 2>&1 9>&- || :
echo locked
# The `sleep` processes must not keep the connection's output open after the script has ended.
# Whoever breaks the lock ends this shell alone, and the holder learns it by the end of the lines.
(while sleep 10 >/dev/null 2>&1 && kill -0 "$$" 2>/dev/null; do echo alive || exit; done) 9>&- &
alive=$!
(
  quiet=0 last=
  while sleep 2 && kill -0 "$$" 2>/dev/null; do
    beat=$(cat "$volatile/beat")
    if [ "$beat" != "$last" ]; then
      last=$beat quiet=0
      continue
    fi
    quiet=$((quiet + 2))
    [ "$quiet" -ge "$LEASE" ] || continue
    if [ "$quiet" -lt "$LONGEST" ]; then
      armed_run=
      read -r armed_run _ 2>/dev/null <"$state/armed/when" || :
      if [ "$armed_run" = "$RUN" ] && [ ! -f "$state/armed/held" ] || [ -d "$state/claimed.$RUN" ]; then continue; fi
    fi
    # The rollback is over, or there was none: the lock is not needed any more.
    IFS=$tab read -r pid _ 2>/dev/null <"$volatile/owner" && [ "$pid" = "$$" ] || exit
    journal "lock expired: nothing was heard of its holder for $quiet s"
    rm -f "$volatile/owner"
    kill -KILL "$alive" "$$"
  done
) 9>&- >/dev/null 2>&1 &
watch=$!
while read -r beat; do echo "$beat" >"$volatile/beat"; done
kill "$alive" "$watch" 2>/dev/null
if IFS=$tab read -r pid _ <"$volatile/owner" && [ "$pid" = "$$" ]; then rm -f "$volatile/owner"; fi

# shellcheck shell=sh
# Holds the node's lock for as long as the connection lives, which is as long as standard input is open.
# Prints `locked`, or `busy` and the holder; then a line now and then, so that a dead connection is noticed.
mkdir -p "$state" && chmod 700 "$state" || fail "cannot make $state"
have flock || fail "there is no flock here: install util-linux"
exec 9>>"$state/lock" || fail "cannot open $state/lock"
if ! flock -n 9; then
  printf 'busy %s\n' "$(cut -d ' ' -f 2- "$state/lock.owner" 2>/dev/null)"
  exit 0
fi
printf '%s %s, since %s\n' "$$" "$OWNER" "$(stamp)" >"$state/lock.part" && mv -f "$state/lock.part" "$state/lock.owner" ||
  fail "cannot write $state/lock.owner"
echo locked
# The pause must not keep the connection's output open when the rest has ended.
(while sleep 10 >/dev/null 2>&1; do echo alive || exit; done) 9>&- &
beat=$!
cat >/dev/null
kill "$beat" 2>/dev/null
rm -f "$state/lock.owner"

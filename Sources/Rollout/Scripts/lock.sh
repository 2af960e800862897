# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Holds the node's lock for as long as the connection lives, which is as long as standard input is open.
# Prints `locked`, `busy` and the holder, or `refused` and why; then a line now and then, so that a dead
# connection is noticed.
refuse() {
  printf 'refused %s\n' "$*"
  exit 1
}
mkdir -p "$volatile" && chmod 700 "$volatile" || refuse "cannot make $volatile"
have flock || refuse "there is no flock here: install util-linux"
exec 9>>"$volatile/lock" || refuse "cannot open $volatile/lock"
if ! flock -n 9; then
  printf 'busy %s\n' "$(cut -d ' ' -f 2- "$volatile/owner" 2>/dev/null)"
  exit 0
fi
printf '%s %s, since %s\n' "$$" "$OWNER" "$(stamp)" >"$volatile/owner.part" && mv -f "$volatile/owner.part" "$volatile/owner" ||
  refuse "cannot write $volatile/owner"
echo locked
# The pause must not keep the connection's output open when the rest has ended.
(while sleep 10 >/dev/null 2>&1; do echo alive || exit; done) 9>&- &
beat=$!
cat >/dev/null
kill "$beat" 2>/dev/null
rm -f "$volatile/owner"

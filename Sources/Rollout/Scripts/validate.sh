# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Lets the daemons themselves judge the staged configuration. Prints `keepalived STATUS` or `haproxy STATUS`
# and, below each, what was said, every line behind a `|`.
here=$state/staged/$RUN
judge() {
  name=$1
  shift
  said=$("$@" 2>&1 </dev/null)
  printf '%s %s\n' "$name" "$?"
  printf '%s\n' "$said" | sed 's/^/|/'
}
# What is staged, or a file that somebody else wrote and that the daemon is about to read.
read_next=$STANDING
[ -z "$KEEPALIVED" ] || read_next=$here/check$KEEPALIVED
if [ -n "$read_next" ] && have keepalived; then
  judge keepalived-version keepalived -v
  judge keepalived keepalived -t -f "$read_next"
fi
if [ -n "$HAPROXY" ] && have haproxy; then
  judge haproxy haproxy -c -f "$here/check$HAPROXY"
fi

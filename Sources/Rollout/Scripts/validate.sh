# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Tests the staged configuration with the daemons themselves. Prints `keepalived STATUS` or `haproxy STATUS` and,
# below each, its output, every line after a `|`.
here=$state/staged/$RUN
judge() {
  name=$1
  shift
  said=$("$@" 2>&1 </dev/null)
  printf '%s %s\n' "$name" "$?"
  printf '%s\n' "$said" | sed 's/^/|/'
}
# The staged file, or else the current one that is about to be read.
to_read=$STANDING_KEEPALIVED
[ -z "$KEEPALIVED" ] || to_read=$here/check$KEEPALIVED
if [ -n "$to_read" ] && have keepalived; then
  judge keepalived-version keepalived -v
  judge keepalived keepalived -t -f "$to_read"
fi
to_read=
[ -z "$HAPROXY" ] || to_read=$here/check$HAPROXY
if [ -z "$to_read" ] && [ -n "$STANDING_HAPROXY" ]; then
  # The running haproxy may have been started with several files, or others. A test runs the Lua of the files that it reads,
  # so only root says which: a worker that somebody else has taken over may call itself as it likes.
  for p in $(processes_of haproxy); do
    user_of "$p"
    [ "$user" = 0 ] || continue
    to_read=$(tr '\0' '\n' <"/proc/$p/cmdline" | sed -n '/^-f$/{n;/^\//p;}')
    break
  done
  [ -n "$to_read" ] || to_read=$STANDING_HAPROXY
fi
if [ -n "$to_read" ] && have haproxy; then
  set --
  while read -r file; do set -- "$@" -f "$file"; done <<EOF
$to_read
EOF
  judge haproxy haproxy -c "$@"
fi

# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Ends the failure of this run's drill. It runs when its time is up (CLAIM `timer`), when the node boots (`boot`), when another run
# finds it half done (`again`), or on haops' command (`haops`).
# Prints `began` and `mended`, each with the node's time: the first one is when the failure was made, if that is known.
trap '' HUP INT TERM PIPE
at_work
[ -z "${1-}" ] || CLAIM=$1
now() { date +%s.%N; }
resume() {
  mkdir -p "$volatile" && printf '%s\n' "$$" >"$volatile/reverting.$RUN" || :
}
mended() {
  printf 'began %s\n' "$(cat "$volatile/begins.$RUN" 2>/dev/null)"
  printf 'mended %s\n' "$(cat "$volatile/mended.$RUN" 2>/dev/null || now)"
}
# A reboot is ended by the boot, and asked about again until then.
if [ "$FAILURE" = reboot ] && [ "$CLAIM" = haops ] && [ -e "$volatile/begins.$RUN" ] && [ -d "$state/armed" ]; then
  fail "the machine has not gone down yet"
fi
case $CLAIM in
  timer) claim || exit 0 ;;
  boot | again)
    claim || [ -d "$state/claimed.$RUN" ] || exit 0
    resume
    ;;
  *)
    if ! claim; then
      # The timer was first, or this is asked again after a lost connection: wait for its end.
      n=0
      while is_claimed "$RUN"; do
        [ "$n" -lt 60 ] || fail "the end of the failure takes too long"
        n=$((n + 1))
        sleep 1
      done
      case $(last_event) in
        ended*) mended; exit 0 ;;
      esac
      [ -d "$state/claimed.$RUN" ] || fail "nothing is scheduled here for this run"
      resume
    fi
    ;;
esac
journal "ending ($CLAIM)"
# The failure may still be in the making, if the connection was lost while a daemon hangs.
n=0
while [ "$CLAIM" != boot ] && changer=$(cat "$volatile/changing.$RUN" 2>/dev/null) &&
  is_at_work "$volatile/step.$changer" && [ "$n" -lt 600 ]; do
  n=$((n + 1))
  sleep 0.1 2>/dev/null || sleep 1
done
now >"$volatile/mended.$RUN"
if [ -f "$state/claimed.$RUN/begins" ]; then cp "$state/claimed.$RUN/begins" "$volatile/begins.$RUN"; fi
if ! end_failure; then
  # The next boot tries again, and so does the next run that changes this node.
  journal "ending failed ($CLAIM): $FAILURE could not be ended"
  fail "the failure $FAILURE could not be ended"
fi
tell_clients
rm -f "$volatile/reverting.$RUN" "$volatile/changing.$RUN"
journal "ended ($CLAIM)"
rm -rf "$state/claimed.$RUN"
unhook
mended

# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Makes FAILURE real, after its end is scheduled: in AFTER seconds, and at the node's next boot. Standard input is the script that
# ends it, which has BYTES bytes. It continues when the connection is cut.
# Prints `begins` and `made`, each with the node's time. With DETACHED `yes` it makes the failure after its answer, because the
# failure may cut the connection.
# Exit 3: nothing was broken. Exit 1: the failure may be there, and its end is scheduled.
trap '' HUP INT TERM PIPE
at_work
printf '%s\n' "$$" >"$volatile/changing.$RUN" || :
untouched() {
  journal "refused: $*"
  printf '%s\n' "$*" >&2
  exit 3
}
now() { date +%s.%N; }
begin() {
  [ ! -d "$state/claimed.$RUN" ] || fail "the failure ends already"
  now >"$volatile/begins.$RUN"
  make_failure || fail "cannot make the failure $FAILURE"
  journal "broken: $FAILURE${SUBJECT:+ $SUBJECT}"
}
owns_lock || { echo "this run has lost the node's lock" >&2; exit 3; }
mkdir -p "$state" && chmod 700 "$state" || untouched "cannot make $state"
if is_going_back; then untouched "the node restores itself right now: try again in a minute"; fi
# An incomplete schedule: its run has changed nothing yet.
if [ -d "$state/armed" ] && ! read -r _ 2>/dev/null <"$state/armed/when"; then rm -rf "$state/armed"; fi
[ ! -d "$state/armed" ] || untouched "an automatic rollback is scheduled here"
# What a dead drill has left is ended first.
forget_claims
why=$(impossible)
[ -z "$why" ] || untouched "$why"
arm "$AFTER" "$BYTES" drill || { rm -rf "$state/armed"; unhook; untouched "cannot schedule the end of the failure"; }
journal "drill: $FAILURE${SUBJECT:+ $SUBJECT}, ends by itself after $AFTER s"
echo "begins $(now)"
if [ "$DETACHED" = yes ]; then
  (sleep 0.5 2>/dev/null || sleep 1; begin) >/dev/null 2>&1 </dev/null &
  exit 0
fi
begin
echo "made $(now)"

# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Confirms the change: its automatic rollback is cancelled and the second names of the old files are removed.
if [ -d "$state/armed" ]; then
  read -r armed_run _ _ put_off_by <"$state/armed/when"
  [ "$armed_run" = "$RUN" ] || fail "the rollback that is armed here is that of $armed_run"
  [ -z "$put_off_by" ] || fail "$put_off_by has taken over from this run"
  disarm || fail "the node went back by itself before this"
else
  # Either confirmed earlier over a lost connection, or rolled back: the journal shows which.
  case $(last_event) in confirmed) ;; *) fail "the node went back by itself before this" ;; esac
fi
[ -f "$state/staged/$RUN/list" ] && forget "$state/staged/$RUN/list"
journal "confirmed"

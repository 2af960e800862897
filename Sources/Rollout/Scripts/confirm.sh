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
# A run that waited for a person has ended, and its list of new files with it; the backup has the same names.
for list in "$state/staged/$RUN/list" "$state/sets/$RUN/list"; do
  if [ -f "$list" ]; then forget "$list"; fi
done
journal "confirmed"

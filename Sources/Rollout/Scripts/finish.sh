# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# The run is over on this node, well or ill. KEEP sets stay.
rm -rf "$state/staged"
rm -f "$state/unfinished"
n=0
total=0
for old in "$state"/sets/*/; do [ -d "$old" ] && total=$((total + 1)); done
# Names begin with the time, so that the glob lists the oldest first. A restart replaces no file: its set is
# nothing to go back to.
for old in "$state"/sets/*/; do
  [ -d "$old" ] || continue
  n=$((n + 1))
  if [ ! -s "$old/list" ] || [ "$n" -le "$((total - KEEP))" ]; then rm -rf "$old"; fi
done
if [ -f "$state/journal" ] && [ "$(wc -l <"$state/journal")" -gt 2000 ]; then
  tail -n 1000 "$state/journal" >"$state/journal.part" && mv -f "$state/journal.part" "$state/journal"
fi
journal "$OUTCOME"

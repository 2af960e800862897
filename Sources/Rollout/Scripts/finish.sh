# shellcheck shell=sh
# The run is over on this node, well or ill. KEEP sets stay.
rm -rf "$state/staged"
rm -f "$state/unfinished"
n=0
for old in $(ls -r "$state/sets" 2>/dev/null); do
  n=$((n + 1))
  [ "$n" -le "$KEEP" ] || rm -rf "$state/sets/$old"
done
if [ "$(wc -l <"$state/journal")" -gt 2000 ]; then
  tail -n 1000 "$state/journal" >"$state/journal.part" && mv -f "$state/journal.part" "$state/journal"
fi
journal "$OUTCOME"

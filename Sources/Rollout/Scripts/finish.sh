# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# The run is over on this node, successful or not. KEEP backups stay. Prints what the operator should know.
# Second names of old files that a disk which cannot be written has kept: nothing needs them, unless a rollback is still to come.
if [ -f "$state/staged/$RUN/list" ] && [ ! -d "$state/armed" ] && [ ! -d "$state/claimed.$RUN" ]; then
  while read -r _ _ _ _ path; do
    old=$(beside "$ROOT$path" old)
    [ ! -e "$old" ] || rm -f "$old" 2>/dev/null || echo "$old could not be removed; nothing needs it"
  done <"$state/staged/$RUN/list"
fi
rm -rf "$state/staged/$RUN"
rm -f "$volatile/changing.$RUN" "$volatile/begins.$RUN" "$volatile/mended.$RUN"
rmdir "$state/staged" 2>/dev/null
if IFS=$tab read -r begun _ 2>/dev/null <"$state/unfinished" && [ "$begun" = "$RUN" ]; then rm -f "$state/unfinished"; fi
# A rollback of an earlier run that this run has postponed. JUDGED `yes` means that this run's gates have passed the
# current state, which then stays. Otherwise the node rolls back at the original due time, or at once if that is over.
if read -r armed_run due _ put_off_by 2>/dev/null <"$state/armed/when" && [ "$put_off_by" = "$RUN" ]; then
  if [ "$JUDGED" = yes ]; then
    disarm && journal "took over the armed revert of $armed_run"
  elif [ "$JUDGED" = no ]; then
    if [ -f "$state/armed/unfinished" ]; then mv -f "$state/armed/unfinished" "$state/unfinished"; fi
    if [ -f "$state/armed/held-before" ]; then held_again=yes; fi
    left=$((due - $(seconds_up)))
    [ "$left" -ge 5 ] || left=5
    put_off "$left"
    put_off_end=$?
    if [ -n "${held_again-}" ]; then mv -f "$state/armed/held-before" "$state/armed/held" 2>/dev/null; fi
    case $put_off_end in
      0) echo "rolls back in $left s to its state before $armed_run" ;;
      1) echo "is rolling back to its state before $armed_run" ;;
      *) echo "rolls back automatically to its state before $armed_run" ;;
    esac
  fi
fi
# A rollback that failed is tried again at the next boot, unless the gates have passed what is in force.
if [ "$JUDGED" = yes ]; then forget_claims; fi
# Backups that a scheduled or running rollback needs.
armed_run=
unhook
if [ -f "$boot_unit" ] && [ ! -d "$state/armed" ] && ! ls -d "$state"/claimed.* >/dev/null 2>&1; then
  echo "$boot_unit could not be removed; at the next boot it finds nothing to do"
fi
[ ! -f "$state/armed/when" ] || read -r armed_run _ <"$state/armed/when"
is_wanted() { [ "$1" = "$armed_run" ] || [ -d "$state/claimed.$1" ]; }
n=0
total=0
for old in "$state"/sets/*/; do [ -s "$old/list" ] && total=$((total + 1)); done
# Names begin with the time, so the glob lists the oldest first. A restart replaces no file, so only its own rollback
# needs its backup.
for old in "$state"/sets/*/; do
  [ -d "$old" ] || continue
  name=${old%/}
  if is_wanted "${name##*/}"; then continue; fi
  if [ ! -s "$old/list" ]; then
    rm -rf "$old"
    continue
  fi
  n=$((n + 1))
  if [ "$n" -le "$((total - KEEP))" ]; then rm -rf "$old"; fi
done
if [ -f "$state/journal" ] && [ "$(wc -l <"$state/journal")" -gt 2000 ]; then
  tail -n 1000 "$state/journal" >"$state/journal.part" && mv -f "$state/journal.part" "$state/journal"
fi
journal "$OUTCOME"

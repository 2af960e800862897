# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Copies the new files to the node, beside the current ones. Standard input is their contents one after the other;
# INDEX has a line `OFFSET SIZE MODE TREE PATH` for each, and LIST is stored for the later steps. A rollback that an
# unfinished run scheduled must not happen during this run, and must not be lost. It is postponed until this run has
# verified the current state (see finish), or longer than this run can last.
trap '' HUP INT TERM PIPE
owns_lock || fail "this run has lost the node's lock"
if is_going_back; then fail "the node is going back to its old set right now: try again in a minute"; fi
# An incomplete schedule: its run has changed nothing yet.
if [ -d "$state/armed" ] && ! read -r armed_run _ 2>/dev/null <"$state/armed/when"; then
  rm -rf "$state/armed"
  unhook
fi
forget_policy
if [ -d "$state/armed" ]; then
  # A rollback of the very change that waits for a person; the end of this run decides about both.
  if [ -f "$state/armed/held" ] && read -r armed_run _ 2>/dev/null <"$state/armed/when" && [ "$armed_run" = "${UNDOES-}" ]; then
    mv -f "$state/armed/held" "$state/armed/held-before"
  fi
  put_off "$RUN_LASTS"
  case $? in
    0) journal "put off the armed revert of $armed_run" ;;
    1) fail "the node has just begun to go back to its old set: try again in a minute" ;;
    *)
      [ ! -f "$state/armed/held" ] || fail "the change of $armed_run waits for somebody to confirm it"
      fail "the revert that $armed_run has armed here cannot be put off"
      ;;
  esac
  if IFS=$tab read -r begun _ 2>/dev/null <"$state/unfinished" && [ "$begun" != "$RUN" ]; then
    mv -f "$state/unfinished" "$state/armed/unfinished"
  fi
fi
for list in "$state"/staged/*/list; do [ -f "$list" ] && forget "$list"; done
rm -rf "$state/staged"
# A handover would otherwise end during this run.
for left in "$volatile"/handover.*.sh; do
  [ -f "$left" ] || continue
  name=${left##*/handover.}
  never "haops-handover-${name%.sh}"
  sh "$left" && rm -f "$left" && journal "took over a handover of ${name%.sh}"
done
mkdir -p "$state/staged" "$state/sets" && chmod 700 "$state" || fail "cannot make $state"
here=$state/staged/$RUN
mkdir -p "$here" || fail "cannot make $here"
for place in "$state" "$ROOT/etc"; do
  free=$(df -Pk "$place" | awk 'NR == 2 { print $4 }')
  [ "${free:-0}" -ge "$NEED" ] || {
    cat >/dev/null
    rm -rf "$here"
    fail "no space on the disk of ${place#"$ROOT"}: $free KiB are free, $NEED KiB are wanted"
  }
done
undo() {
  rm -rf "$here"
  fail "cannot write to $here"
}
cat >"$here/bundle" || undo
printf '%s\n' "$INDEX" | while read -r offset size mode tree path; do
  [ -n "$path" ] || continue
  mkdir -p "$here/$tree$(dirname "$path")" || exit 1
  tail -c "+$((offset + 1))" "$here/bundle" | head -c "$size" >"$here/$tree$path" || exit 1
  [ "$(($(wc -c <"$here/$tree$path")))" -eq "$size" ] || exit 1
  chmod "$mode" "$here/$tree$path" || exit 1
done || undo
rm -f "$here/bundle"
printf '%s' "$LIST" >"$here/list" || undo
object_to_any "$here/list"
[ -z "$why" ] || { rm -rf "$here"; fail "$why"; }
printf '%s\t%s\t%s\t%s\n' "$RUN" "$(stamp)" "$(field "$WHO")" "$(field "$WHAT")" >"$state/unfinished.part" &&
  mv -f "$state/unfinished.part" "$state/unfinished" || undo
journal staged

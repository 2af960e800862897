# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Brings the new files to the node, apart from where they will stand. Standard input holds their contents
# one after the other; INDEX has a line `OFFSET SIZE MODE TREE PATH` for each and LIST is kept for the later steps.
# What a run left behind that did not end is taken over first: its revert would undo this run, its handover would
# end in the middle of it. The gates of this run judge what stands.
if [ -d "$state/armed" ]; then disarm && journal "took over an armed revert"; fi
for list in "$state"/staged/*/list; do [ -f "$list" ] && forget "$list"; done
rm -rf "$state/staged"
for left in "$volatile"/handover.*.sh; do
  [ -f "$left" ] || continue
  name=${left##*/handover.}
  never "haops-handover-${name%.sh}" "$left"
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
printf '%s %s %s %s\n' "$RUN" "$(stamp)" "$WHO" "$WHAT" >"$state/unfinished.part" &&
  mv -f "$state/unfinished.part" "$state/unfinished" || undo
journal staged

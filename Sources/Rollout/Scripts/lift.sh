# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# lift: writes the number that keepalived adds to an instance's priority, and beside it who wrote it and why, so no
# override is hidden. VALUE 0 ends the override. After EXPIRES seconds the number becomes BEFORE again; 0 means never.

# quoted TEXT: one word of a shell. On nodes that others have set up, an instance is called as they like.
quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

file=$ROOT/run/haops-handover.$INSTANCE
unit=haops-handover-$INSTANCE
[ -f "$file" ] || fail "keepalived follows no $file"
[ "$VALUE" = 0 ] || owns_lock || fail "this run has lost the node's lock"
never "$unit"
# A script that is left over would end this override.
rm -f "$volatile/handover.$INSTANCE.sh"
if [ "$VALUE" = 0 ]; then
  printf '0\n' >"$file" || fail "cannot write $file"
  rm -f "$file.why"
else
  printf '%s %s run=%s: %s\n' "$(stamp)" "$WHO" "$RUN" "$(field "$WHY")" >"$file.why" || fail "cannot write $file.why"
  if [ "$EXPIRES" -gt 0 ]; then
    mkdir -p "$volatile"
    end=$volatile/handover.$INSTANCE.sh
    {
      printf 'echo %s >%s\n' "${BEFORE:-0}" "$(quoted "$file")"
      if [ "${BEFORE:-0}" = 0 ]; then printf 'rm -f %s\n' "$(quoted "$file.why")"; fi
      printf 'rm -f %s\n' "$(quoted "$end")"
    } >"$end" &&
      later "$unit" "$EXPIRES" "$end" || fail "cannot make the handover expire"
  fi
  printf '%s\n' "$VALUE" >"$file" || fail "cannot write $file"
fi
journal "handover of $INSTANCE: $VALUE"

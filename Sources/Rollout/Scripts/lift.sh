# shellcheck shell=sh
# lift: writes the number that keepalived adds to an instance's priority, and beside it who wrote it and why, so
# that no override is hidden. VALUE 0 takes it back. EXPIRES seconds later it goes by itself; 0 is never.
file=$ROOT/run/haops-handover.$INSTANCE
unit=haops-handover-$INSTANCE
[ -f "$file" ] || fail "keepalived follows no $file"
never "$unit" "$state/handover.$INSTANCE.sh"
if [ "$VALUE" = 0 ]; then
  printf '0\n' >"$file" || fail "cannot write $file"
  rm -f "$file.why" "$state/handover.$INSTANCE.sh"
else
  printf '%s %s run=%s: %s\n' "$(stamp)" "$WHO" "$RUN" "$WHY" >"$file.why" || fail "cannot write $file.why"
  if [ "$EXPIRES" -gt 0 ]; then
    mkdir -p "$state"
    printf 'echo 0 >%s; rm -f %s.why\n' "'$file'" "'$file'" >"$state/handover.$INSTANCE.sh" &&
      later "$unit" "$EXPIRES" "$state/handover.$INSTANCE.sh" || fail "cannot make the handover expire"
  fi
  printf '%s\n' "$VALUE" >"$file" || fail "cannot write $file"
fi
journal "handover of $INSTANCE: $VALUE"

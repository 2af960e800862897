# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# The run has passed, and a person is to confirm it: the rollback is due AFTER seconds from now, and from here on no other run
# postpones or cancels it. `armed/held` has WHO, WHAT and TIME, separated by tabs.
read -r armed_run _ _ put_off_by 2>/dev/null <"$state/armed/when" && [ "$armed_run" = "$RUN" ] ||
  fail "the node went back by itself before this"
[ -z "$put_off_by" ] || fail "$put_off_by has taken over from this run"
printf '%s\t%s\t%s\n' "$(field "$WHO")" "$(field "$WHAT")" "$(stamp)" >"$state/armed/held.part" &&
  mv -f "$state/armed/held.part" "$state/armed/held" || fail "cannot write $state/armed/held"
durable "$state/armed/held"
put_off "$AFTER" || fail "its automatic rollback cannot be put off"
# Asked again after a lost connection, it writes the event once.
[ "$(last_event)" = held ] || journal held

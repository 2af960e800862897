# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Postpones the rollback of a changed node while the other nodes are changed: it is due AFTER seconds from now.
read -r armed_run _ 2>/dev/null <"$state/armed/when" && [ "$armed_run" = "$RUN" ] ||
  fail "the node went back by itself before this"
put_off "$AFTER" || fail "its automatic rollback cannot be put off"
# Write the event only once, because the rollback is postponed again for each later node.
[ "$(last_event)" = verified ] || journal verified

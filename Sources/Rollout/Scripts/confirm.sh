# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# The change is good: the revert is called off and the old files keep no second names.
if [ -d "$state/armed" ]; then disarm || fail "the node went back by itself before this"; fi
[ -f "$state/staged/$RUN/list" ] && forget "$state/staged/$RUN/list"
journal "confirmed"

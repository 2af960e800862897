# shellcheck shell=sh
# The change is good: the revert is called off and the old files keep no second names.
if [ -d "$state/armed" ]; then disarm || fail "the node went back by itself before this"; fi
[ -f "$state/staged/$RUN/list" ] && forget "$state/staged/$RUN/list"
journal "confirmed"

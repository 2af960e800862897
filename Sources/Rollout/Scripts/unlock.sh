# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Breaks the lock of HOLDER, a run, which then changes nothing more here. Its scheduled rollback stays scheduled.
# Prints `free` if the lock is not held any more, `other` if another run holds it.
if ! IFS=$tab read -r pid _ holding_run _ 2>/dev/null <"$volatile/owner" ||
  [ "$(readlink "/proc/$pid/fd/9")" != "$volatile/lock" ]; then
  echo free
  exit 0
fi
if [ "$holding_run" != "$HOLDER" ]; then
  echo other
  exit 0
fi
rm -f "$volatile/owner"
kill -KILL "$pid" || fail "cannot end process $pid, which holds the lock"
journal "broke the lock of $HOLDER"
echo free

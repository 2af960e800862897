# shellcheck shell=sh
# What every script of haops on a node starts with: POSIX sh, as dash and busybox read it.
# ROOT is empty on a node and a scratch directory in tests. RUN, WHO and WHAT come from the caller.
umask 077
LC_ALL=C TZ=UTC PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export LC_ALL TZ PATH
state=$ROOT/var/lib/haops
# What must not outlive a reboot, and must work on a full disk.
volatile=$ROOT/run/haops

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

stamp() { date -u +%Y-%m-%dT%H:%M:%SZ; }

tab=$(printf '\t')

# field TEXT: one field of a line whose fields have tabs between them, whatever characters somebody's name has in it.
field() { printf '%s' "$*" | tr '\t\n\r' '   '; }

# One line per event: TIME, RUN, WHO, WHAT, EVENT, FROM, with tabs between them. FROM is the address that the connection
# comes from, empty where there is none, or where sudo keeps it to itself.
# A full disk must not stop a restore, so a lost line is no failure.
journal() {
  from=${SSH_CONNECTION-}
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$(stamp)" "$RUN" "$(field "$WHO")" "$(field "$WHAT")" "$(field "$*")" \
    "$(field "${from%% *}")" \
    >>"$state/journal" || :
}

# last_event: what this run wrote into the journal last.
last_event() { awk -F '\t' -v run="$RUN" '$2 == run { event = $5 } END { print event }' "$state/journal" 2>/dev/null; }

# seconds_up: since the boot. Nobody sets this clock, unlike the one that `date` reads.
seconds_up() { cut -d . -f 1 /proc/uptime; }

# owns_lock: whether this run still holds the node's lock. A controller that slept past its lease must change nothing.
# LOCKED is empty where a script runs without a lock, as in tests of one script.
owns_lock() {
  [ -n "${LOCKED-}" ] || return 0
  IFS=$tab read -r _ _ holding_run _ 2>/dev/null <"$volatile/owner" && [ "$holding_run" = "$RUN" ]
}

# at_work: says until this shell ends that it changes the node: a run that finds the step of a dead one at work waits for
# its end. The file is kept open as 8; without that a file that was left behind means nothing.
at_work() {
  mkdir -p "$volatile" || return 0
  for left in "$volatile"/step.*; do
    if [ -f "$left" ] && [ "$(readlink "/proc/${left##*.}/fd/8")" != "$left" ]; then rm -f "$left"; fi
  done
  printf '%s\n' "$RUN" >"$volatile/step.$$.part" && mv -f "$volatile/step.$$.part" "$volatile/step.$$" &&
    exec 8<"$volatile/step.$$"
  return 0
}

# durable FILE: what stands in the file survives a power cut from here on.
durable() { sync "$1" 2>/dev/null || sync; }

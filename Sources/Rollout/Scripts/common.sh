# shellcheck shell=sh
# The common start of every script of haops on a node: POSIX sh, as dash and busybox support it. ROOT is empty on a
# node and a temporary directory in tests. The caller sets RUN, WHO and WHAT.
umask 077
LC_ALL=C TZ=UTC PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export LC_ALL TZ PATH
state=$ROOT/var/lib/haops
# State that must not survive a reboot and must be writable when the disk is full.
volatile=$ROOT/run/haops

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# A path may have a backslash, which some shells' own echo would take for more than that.
echo() { printf '%s\n' "$*"; }

have() { command -v "$1" >/dev/null 2>&1; }

stamp() { date -u +%Y-%m-%dT%H:%M:%SZ; }

tab=$(printf '\t')

# field TEXT: one field of a tab-separated line; control characters in names become spaces.
field() { printf '%s' "$*" | tr '\t\n\r' '   '; }

# One line per event: TIME, RUN, WHO, WHAT, EVENT, FROM, separated by tabs. FROM is the address that the connection
# comes from; it is empty if there is none, or if sudo removes it. A full disk must not stop a rollback, so a lost
# line is not an error.
journal() {
  from=${SSH_CONNECTION-}
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$(stamp)" "$RUN" "$(field "$WHO")" "$(field "$WHAT")" "$(field "$*")" \
    "$(field "${from%% *}")" \
    >>"$state/journal" || :
}

# last_event: the last event of this run in the journal.
last_event() { awk -F '\t' -v run="$RUN" '$2 == run { event = $5 } END { print event }' "$state/journal" 2>/dev/null; }

# seconds_up: seconds since the boot. Unlike the clock of `date`, this clock cannot be set.
seconds_up() { cut -d . -f 1 /proc/uptime; }

# owns_lock: whether this run still holds the node's lock. A controller whose lease expired while it was suspended
# must change nothing. LOCKED is empty if a script runs without a lock, as in tests of one script.
owns_lock() {
  [ -n "${LOCKED-}" ] || return 0
  IFS=$tab read -r _ _ holding_run _ 2>/dev/null <"$volatile/owner" && [ "$holding_run" = "$RUN" ]
}

# is_at_work STEP: whether the process that has marked the node with this file lives. Another process may have its number by
# now, and does not have the file open.
is_at_work() { [ "$(readlink "/proc/${1##*.}/fd/8")" = "$1" ]; }

# at_work: marks the node as being changed until this shell ends: another run waits for the end of a dead run's step.
# The shell keeps the file open as descriptor 8; a file without such a process is left over and ignored.
at_work() {
  mkdir -p "$volatile" || return 0
  for left in "$volatile"/step.*; do
    if [ -f "$left" ] && ! is_at_work "$left"; then rm -f "$left"; fi
  done
  printf '%s\n' "$RUN" >"$volatile/step.$$.part" && mv -f "$volatile/step.$$.part" "$volatile/step.$$" &&
    exec 8<"$volatile/step.$$"
  return 0
}

# forget_policy: removes the file that kept daemons from being started while a run that is gone installed packages.
policy=$ROOT/usr/sbin/policy-rc.d
forget_policy() {
  [ -f "$policy" ] && grep -q '^# by haops' "$policy" || return 0
  installing=$(sed -n 's/^step=//p' "$policy")
  if [ -n "$installing" ] && is_at_work "$installing"; then return 0; fi
  rm -f "$policy"
  if [ -e "$policy.before-haops" ]; then mv "$policy.before-haops" "$policy"; fi
}

# durable FILE: makes the file's contents survive a power failure.
durable() { sync "$1" 2>/dev/null || sync; }

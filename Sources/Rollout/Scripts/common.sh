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

# One line per event. A full disk must not stop a restore, so a lost line is no failure.
journal() {
  printf '%s run=%s who=%s what=%s: %s\n' "$(stamp)" "$RUN" "$WHO" "$WHAT" "$*" >>"$state/journal" || :
}

# last_event: what this run wrote into the journal last.
last_event() { sed -n "s/^[^ ]* run=$RUN [^:]*: //p" "$state/journal" 2>/dev/null | tail -n 1; }

# durable FILE: what stands in the file survives a power cut from here on.
durable() { sync "$1" 2>/dev/null || sync; }

# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# A scheduled rollback happens automatically unless it is cancelled: when its time is up, or at the node's next boot.
# `armed/when` contains its run, its due time, its timer, and the later run that has postponed it, if any:
# RUN SECONDS-OF-UPTIME UNIT [RUN]

# The end of a drill's failure is scheduled the same way, and marked by `armed/drill`: no other run postpones or cancels it.

# A change that waits for a person to confirm it is marked by `armed/held`, and no other run touches its schedule either.

# is_untouchable: whether a schedule of another run is there that only ends as that run has arranged it.
is_untouchable() {
  { [ -f "$state/armed/drill" ] || [ -f "$state/armed/held" ]; } &&
    read -r armed_run _ 2>/dev/null <"$state/armed/when" && [ "$armed_run" != "$RUN" ]
}

# arm SECONDS BYTES [drill]: schedules the script on standard input, which has BYTES bytes: an incomplete script must never
# run. Cancels the rollback of another run; fails if that has already begun, or must not be touched.
arm() {
  if is_going_back || is_untouchable; then return 1; fi
  forget_claims
  if [ -d "$state/armed" ]; then disarm || return 1; fi
  mkdir -p "$state/armed" && { [ -z "${3-}" ] || : >"$state/armed/drill"; } &&
    cat >"$state/armed/revert.sh" &&
    [ "$(($(wc -c <"$state/armed/revert.sh")))" -eq "$2" ] && boot_hook &&
    printf '%s %s haops-revert-%s\n' "$RUN" "$(($(seconds_up) + $1))" "$RUN" >"$state/armed/when" || return 1
  durable "$state/armed/revert.sh"
  durable "$state/armed/when"
  later "haops-revert-$RUN" "$1" "$state/armed/revert.sh"
}

# put_off SECONDS: postpones the scheduled rollback to SECONDS from now. If another run postpones it, `when` keeps the
# original due time. Returns 1 if the rollback has already begun, 2 if it cannot be postponed and keeps its due time.
put_off() {
  read -r armed_run due old _ 2>/dev/null <"$state/armed/when" || return 1
  if is_untouchable; then return 2; fi
  unit=haops-revert-$armed_run-$$
  if [ "$armed_run" = "$RUN" ]; then
    line="$RUN $(($(seconds_up) + $1)) $unit"
  else
    line="$armed_run $due $unit $RUN"
  fi
  # The old timer is removed last, so there is a timer at any moment.
  printf '%s\n' "$line" >"$state/armed/when.part" &&
    later "$unit" "$1" "$state/armed/revert.sh" || { rm -f "$state/armed/when.part"; return 2; }
  mv -f "$state/armed/when.part" "$state/armed/when" || { never "$unit"; return 1; }
  durable "$state/armed/when"
  never "$old"
  # The old timer may have fired meanwhile.
  [ -d "$state/armed" ]
}

# A rollback in progress is `claimed.RUN`, which has its script; the boot hook stays until it is over, so the next boot
# finishes what a power failure interrupts. `reverting.RUN` has the process id, where nothing survives a reboot, because the
# id may then belong to another process.

# claim: takes this run's scheduled rollback, which the caller then performs. Fails if another process has taken it, or
# if none is scheduled.
claim() {
  read -r armed_run _ unit _ 2>/dev/null <"$state/armed/when" && [ "$armed_run" = "$RUN" ] || return 1
  mkdir -p "$volatile" && printf '%s\n' "$$" >"$volatile/claim.$$" || :
  if mv "$state/armed" "$state/claimed.$RUN" 2>/dev/null; then
    mv -f "$volatile/claim.$$" "$volatile/reverting.$RUN"
    # The timer must not stop itself.
    [ "$CLAIM" != haops ] || never "$unit"
    return 0
  fi
  rm -f "$volatile/claim.$$"
  return 1
}

# is_claimed RUN: whether a process that lives rolls the run back.
is_claimed() {
  [ -d "$state/claimed.$1" ] || return 1
  # Between the claim and the note of its process there is an instant.
  n=0
  while [ ! -f "$volatile/reverting.$1" ] && [ -d "$state/claimed.$1" ] && [ "$n" -lt 5 ] && ls "$volatile"/claim.* >/dev/null 2>&1; do
    n=$((n + 1))
    sleep 0.2 2>/dev/null || sleep 1
  done
  kill -0 "$(cat "$volatile/reverting.$1" 2>/dev/null)" 2>/dev/null
}

# is_going_back: whether a rollback is running.
is_going_back() {
  for claimed in "$state"/claimed.*; do
    if [ -d "$claimed" ] && is_claimed "${claimed##*/claimed.}"; then return 0; fi
  done
  return 1
}

# forget_claims: removes the rollbacks that ended halfway or failed, because the node's set is decided anew. A drill's failure
# is ended first.
forget_claims() {
  for claimed in "$state"/claimed.*; do
    if [ -d "$claimed" ] && ! is_claimed "${claimed##*/claimed.}"; then
      if [ -f "$claimed/drill" ]; then sh "$claimed/revert.sh" again >/dev/null || continue; fi
      rm -rf "$claimed"
    fi
  done
}

# unhook: removes the boot hook, unless a rollback is scheduled or has not come to its end.
unhook() {
  for left in "$state/armed" "$state"/claimed.*; do
    if [ -d "$left" ]; then return 0; fi
  done
  boot_unhook
}

# later UNIT SECONDS SCRIPT: runs a script file after a while, independently of this connection.
later() {
  if [ -d "$ROOT/run/systemd/system" ] && have systemd-run; then
    systemd-run --quiet --unit="$1" --on-active="$2" --timer-property=AccuracySec=1s /bin/sh "$3" >&2
  else
    mkdir -p "$volatile" || return 1
    # shellcheck disable=SC2016
    setsid nohup sh -c 'sleep "$1"; exec sh "$2"' haops "$2" "$3" >/dev/null 2>&1 </dev/null &
    printf '%s\n' "$!" >"$volatile/$1.pid"
  fi
}

# never UNIT: cancels what `later` scheduled.
never() {
  if [ -d "$ROOT/run/systemd/system" ]; then
    systemctl stop "$1.timer" 2>/dev/null || :
    systemctl reset-failed "$1.timer" "$1.service" 2>/dev/null || :
  elif [ -f "$volatile/$1.pid" ]; then
    # The process has inherited that this shell ignores HUP and TERM.
    kill -KILL "$(cat "$volatile/$1.pid")" 2>/dev/null || :
    rm -f "$volatile/$1.pid"
  fi
}

# disarm: cancels the scheduled rollback; fails if it has already begun.
disarm() {
  if [ ! -d "$state/armed" ]; then return 1; fi
  read -r _ _ unit _ <"$state/armed/when"
  never "$unit"
  mv "$state/armed" "$state/disarmed.$RUN" 2>/dev/null || return 1
  rm -rf "$state/disarmed.$RUN"
  unhook
}

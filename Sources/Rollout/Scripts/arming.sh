# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# A rollback that happens by itself unless it is cancelled: when its time is up, or at the node's next boot.
# `armed/when` says whose it is, when it is due, by which timer, and, where a later run has put it off, by which:
#     RUN SECONDS-OF-UPTIME UNIT [RUN]

# arm SECONDS BYTES: the script comes on standard input and is so long: half of one must never run.
# What another run has armed is called off; fails when that has begun already.
arm() {
  if is_going_back; then return 1; fi
  if [ -d "$state/armed" ]; then disarm || return 1; fi
  mkdir -p "$state/armed" && cat >"$state/armed/revert.sh" &&
    [ "$(($(wc -c <"$state/armed/revert.sh")))" -eq "$2" ] && boot_hook &&
    printf '%s %s haops-revert-%s\n' "$RUN" "$(($(seconds_up) + $1))" "$RUN" >"$state/armed/when" || return 1
  durable "$state/armed/revert.sh"
  durable "$state/armed/when"
  later "haops-revert-$RUN" "$1" "$state/armed/revert.sh"
}

# put_off SECONDS: what is armed happens so many seconds from now. When another run puts it off, the time at which it
# was due stays noted.
# Returns 1 when it has begun already, 2 when it cannot be put off: then it happens when it was due.
put_off() {
  read -r armed_run due old _ 2>/dev/null <"$state/armed/when" || return 1
  unit=haops-revert-$armed_run-$$
  if [ "$armed_run" = "$RUN" ]; then
    line="$RUN $(($(seconds_up) + $1)) $unit"
  else
    line="$armed_run $due $unit $RUN"
  fi
  # The old timer goes last: there is one at any moment.
  printf '%s\n' "$line" >"$state/armed/when.part" &&
    later "$unit" "$1" "$state/armed/revert.sh" || { rm -f "$state/armed/when.part"; return 2; }
  mv -f "$state/armed/when.part" "$state/armed/when" || { never "$unit"; return 1; }
  durable "$state/armed/when"
  never "$old"
  # It may have been faster than this.
  [ -d "$state/armed" ]
}

# is_going_back: whether a revert is at work. Whoever claimed it may have been cut off, by the power for one.
is_going_back() {
  for claim in "$state"/claimed.*; do
    [ -d "$claim" ] || continue
    # Kept where nothing survives a reboot, as the number may be another process then.
    if kill -0 "$(cat "$volatile/reverting" 2>/dev/null)" 2>/dev/null; then return 0; fi
    rm -rf "$claim"
  done
  return 1
}

# later UNIT SECONDS SCRIPT: runs a script file after a while, whatever becomes of this connection.
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

# never UNIT: calls off what `later` began.
never() {
  if [ -d "$ROOT/run/systemd/system" ]; then
    systemctl stop "$1.timer" 2>/dev/null || :
    systemctl reset-failed "$1.timer" "$1.service" 2>/dev/null || :
  elif [ -f "$volatile/$1.pid" ]; then
    # It has inherited that this shell does not end by a hangup or a TERM.
    kill -KILL "$(cat "$volatile/$1.pid")" 2>/dev/null || :
    rm -f "$volatile/$1.pid"
  fi
}

# disarm: fails when the revert has begun already.
disarm() {
  if [ ! -d "$state/armed" ]; then return 1; fi
  read -r _ _ unit _ <"$state/armed/when"
  never "$unit"
  mv "$state/armed" "$state/disarmed.$RUN" 2>/dev/null || return 1
  rm -rf "$state/disarmed.$RUN"
  boot_unhook
}

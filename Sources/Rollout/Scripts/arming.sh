# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# A revert that happens by itself unless it is called off.

# arm SECONDS BYTES: the script comes on standard input and is so long: half of one must never run.
# What another run has armed is called off; fails when that has begun already.
arm() {
  if [ -d "$state/armed" ]; then disarm || return 1; fi
  mkdir -p "$state/armed" && cat >"$state/armed/revert.sh" &&
    [ "$(($(wc -c <"$state/armed/revert.sh")))" -eq "$2" ] &&
    printf '%s %s haops-revert-%s\n' "$RUN" "$(($(date +%s) + $1))" "$RUN" >"$state/armed/when" || return 1
  durable "$state/armed/revert.sh"
  later "haops-revert-$RUN" "$1" "$state/armed/revert.sh"
}

# put_off SECONDS: what is armed happens so many seconds from now. When it was due stays noted.
# Fails when it has begun already.
put_off() {
  read -r armed_run due unit <"$state/armed/when" || return 1
  never "$unit" "$state/armed/revert.sh"
  unit=haops-revert-$armed_run-$$
  [ -d "$state/armed" ] && printf '%s %s %s\n' "$armed_run" "$due" "$unit" >"$state/armed/when.part" &&
    mv -f "$state/armed/when.part" "$state/armed/when" && later "$unit" "$1" "$state/armed/revert.sh"
}

# later UNIT SECONDS SCRIPT: runs a script file after a while, whatever becomes of this connection.
later() {
  if [ -d "$ROOT/run/systemd/system" ] && have systemd-run; then
    systemd-run --quiet --unit="$1" --on-active="$2" --timer-property=AccuracySec=1s /bin/sh "$3" >&2
  else
    # shellcheck disable=SC2016
    setsid nohup sh -c 'sleep "$1"; exec sh "$2"' haops "$2" "$3" >/dev/null 2>&1 </dev/null &
    printf '%s\n' "$!" >"$3.pid"
  fi
}

# never UNIT SCRIPT: calls off what `later` began.
never() {
  if [ -d "$ROOT/run/systemd/system" ]; then
    systemctl stop "$1.timer" 2>/dev/null || :
    systemctl reset-failed "$1.timer" "$1.service" 2>/dev/null || :
  elif [ -f "$2.pid" ]; then
    kill "$(cat "$2.pid")" 2>/dev/null || :
    rm -f "$2.pid"
  fi
}

# disarm: fails when the revert has begun already.
disarm() {
  if [ ! -d "$state/armed" ]; then return 1; fi
  read -r _ _ unit <"$state/armed/when"
  never "$unit" "$state/armed/revert.sh"
  mv "$state/armed" "$state/disarmed.$RUN" 2>/dev/null || return 1
  rm -rf "$state/disarmed.$RUN"
}

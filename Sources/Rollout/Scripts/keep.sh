# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Keeps servers of haproxy as they are wanted: KEPT is the new list of those that are kept, empty where none is any more; SERVERS
# are set now; EVENT is for the journal. Standard input is the script that sets them again after a reload and a restart. Run
# again with the former values, it takes itself back. It continues when the connection is cut.
trap '' HUP INT TERM PIPE
at_work
owns_lock || fail "this run has lost the node's lock"
mkdir -p "$state" && chmod 700 "$state" || fail "cannot make $state"
# A full disk is no reason not to take something back.
{
  printf '%s\t%s\t%s\t%s\n' "$RUN" "$(stamp)" "$(field "$WHO")" "$(field "$WHAT")" >"$state/unfinished.part" &&
    mv -f "$state/unfinished.part" "$state/unfinished" || rm -f "$state/unfinished.part"
  journal "$EVENT"
} 2>/dev/null

# systemd runs the script: a haproxy whose script fails starts all the same (`-`).
drop_in=$ROOT/etc/systemd/system/haproxy.service.d/90-haops-servers.conf
hook() {
  [ -d "$ROOT/run/systemd/system" ] || return 0
  unit_lines="# By haops, while it keeps servers out of service: haops enable ends it.
[Service]
ExecStartPost=-/bin/sh $resident start
ExecReload=-/bin/sh $resident reload"
  if printf '%s\n' "$unit_lines" | cmp -s - "$drop_in"; then return 0; fi
  if [ ! -d "${drop_in%/*}" ]; then mkdir -p "${drop_in%/*}" && chmod 755 "${drop_in%/*}" || return 1; fi
  printf '%s\n' "$unit_lines" >"$drop_in.part" && chmod 644 "$drop_in.part" && mv -f "$drop_in.part" "$drop_in" || {
    rm -f "$drop_in.part"
    return 1
  }
  durable "$drop_in" && systemctl daemon-reload >&2
}
forget_servers() {
  rm -f "$kept" "$resident" "$set_last" || return 1
  if [ -f "$drop_in" ]; then
    rm -f "$drop_in" || return 1
    rmdir "${drop_in%/*}" 2>/dev/null
    systemctl daemon-reload >&2
  fi
}

if [ -n "$KEPT" ]; then
  mkdir -p "$volatile" || fail "cannot make $volatile"
  if cat >"$resident.part" && printf '%s\n' "$KEPT" >"$kept.part"; then
    mv -f "$resident.part" "$resident" && mv -f "$kept.part" "$kept" && durable "$kept" || fail "cannot write $kept"
  else
    rm -f "$resident.part" "$kept.part"
    # What is there already needs no room.
    printf '%s\n' "$KEPT" | cmp -s - "$kept" && [ -f "$resident" ] || fail "cannot write $kept"
  fi
  hook || fail "cannot write $drop_in"
else
  cat >/dev/null
  forget_servers || fail "cannot remove $kept"
fi

[ -n "$SERVERS" ] || exit 0
admin_socket "$ROOT/etc/haproxy/haproxy.cfg" || fail "no runtime socket of haproxy answers"
judged=$(judge_servers "$SERVERS" "$(set_servers "$SERVERS")")
case $judged in
  *process*) ;;
  *) fail "haproxy's runtime socket $socket does not answer" ;;
esac
if printf '%s\n' "$judged" | grep -q '^other \|^absent '; then
  said=$(printf '%s\n' "$judged" | sed -n 's/^complaint //p' | sort -u)
  left=$(printf '%s\n' "$judged" | sed -n -e 's/^other \([^ ]*\) \([^ ]*\) \(.*\)/\1 stays \2, weight \3/p' -e 's/^absent \(.*\)/there is no \1/p')
  fail "haproxy does not do it: ${said:+$said: }$left"
fi
[ -z "$KEPT" ] || printf '%s\n' "$judged" | sed -n 's/^process //p' >"$set_last" || :

# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Changes the node: keeps the old set, arms the revert, replaces the files, sets the kernel's values, opens the
# firewall, and lets the daemons read what is new. Goes on when the connection is cut.
# Standard input holds the revert's script.
# Exit 3: it failed, and nothing was changed. Exit 1: it failed half-way, the revert is armed.
trap '' HUP INT TERM PIPE
at_work
# From here on a lost connection finds this run under way (see reread).
journal "preparing"
here=$state/staged/$RUN
set_dir=$state/sets/$RUN
untouched() {
  unprepare "$here/list"
  rm -rf "$set_dir.part" "$set_dir"
  journal "refused: $*"
  printf '%s\n' "$*" >&2
  exit 3
}
[ -f "$here/list" ] || { echo "nothing is staged for this run" >&2; exit 3; }
owns_lock || { echo "this run has lost the node's lock" >&2; exit 3; }
prepare "$here/root" "$here/list" || untouched "cannot write the new files"
keep "$set_dir" "$here/list" || untouched "cannot keep the old files"
{
  printf '%s\n' "$SYSCTLS" | while read -r key _; do
    [ -n "$key" ] || continue
    path=$ROOT/proc/sys/$(printf '%s' "$key" | tr './' '/.')
    [ -r "$path" ] && printf '%s %s\n' "$key" "$(cat "$path")"
  done
  :
} >"$set_dir.part/sysctls" && states >"$set_dir.part/services" &&
  printf '%s\t%s\n' "$(field "$WHO")" "$(field "$WHAT")" >"$set_dir.part/why" && rm -rf "$set_dir" && mv "$set_dir.part" "$set_dir" ||
  untouched "cannot keep the old state"
sync
arm "$REVERT_AFTER" "$REVERT_BYTES" || { rm -rf "$state/armed"; boot_unhook; untouched "cannot schedule the automatic rollback"; }
journal "changing"
swap "$here/list" || fail "cannot put the new files in place"
printf '%s\n' "$SYSCTLS" | while read -r key value; do
  [ -n "$key" ] || continue
  path=$ROOT/proc/sys/$(printf '%s' "$key" | tr './' '/.')
  printf '%s\n' "$value" >"$path" || exit 1
done || fail "cannot set the kernel's values"
printf '%s\n' "$FIREWALL" | while read -r opening; do
  [ -z "$opening" ] || eval "$opening" >&2 || exit 1
done || fail "cannot open the firewall"
# A rule file that does not load would leave the node without any after a reboot.
for rules in /etc/nftables.conf /etc/sysconfig/nftables.conf; do
  if grep -q "^file .* firewall $rules\$" "$here/list" && [ -f "$rules" ]; then
    nft -c -f "$rules" || fail "nft does not accept $rules"
  fi
done
if is_systemd; then systemctl daemon-reload || fail "systemd does not reload its units"; fi
for name in $ENABLE; do service_enable "$name" || fail "cannot enable $name"; done
for name in $DISABLE; do service_disable "$name" || fail "cannot disable $name"; done
# What was started since the plan was made, by its package for one, has not read what is there now.
[ "$HAPROXY_ACTION" != start ] || HAPROXY_ACTION=restart
[ "$KEEPALIVED_ACTION" != start ] || KEEPALIVED_ACTION=restart
# haproxy first: keepalived's checks ask it.
[ "$HAPROXY_ACTION" = none ] || service_do "$HAPROXY_ACTION" haproxy || fail "haproxy does not $HAPROXY_ACTION"
[ "$KEEPALIVED_ACTION" = none ] || service_do "$KEEPALIVED_ACTION" keepalived ||
  fail "keepalived does not $KEEPALIVED_ACTION"
journal "changed"

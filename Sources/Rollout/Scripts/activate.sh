# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Changes the node: backs up the current files, schedules the rollback, replaces the files, sets the kernel's
# settings, opens the firewall, and makes the daemons read the new files. It continues when the connection is cut.
# Standard input is the rollback's script.
# Exit 3: it failed, and nothing was changed. Exit 1: it failed after it began, and the rollback is scheduled.
trap '' HUP INT TERM PIPE
at_work
printf '%s\n' "$$" >"$volatile/changing.$RUN" || :
# After a lost connection, reread finds from here on that this run has begun.
journal "preparing"
here=$state/staged/$RUN
set_dir=$state/sets/$RUN
untouched() {
  # A run that has ended meanwhile, because this step hung, has removed its own list.
  for list in "$here/list" "$set_dir.part/list" "$set_dir/list"; do [ ! -f "$list" ] || unprepare "$list"; done
  rm -rf "$set_dir.part" "$set_dir"
  journal "refused: $*"
  printf '%s\n' "$*" >&2
  exit 3
}
# is_called_off: whether the run's rollback has begun, or the run is over without this step, which hung.
is_called_off() {
  if [ -d "$state/claimed.$RUN" ]; then return 0; fi
  case $(last_event) in restor* | finished*) return 0 ;; *) return 1 ;; esac
}
# goes_on: ends this step when the run's rollback has begun, which happens if the connection is lost while a daemon hangs.
goes_on() { if is_called_off; then fail "the rollback has begun"; fi; }
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
# Called off while it hung: nothing was replaced. A rollback that has begun needs the set.
if [ ! -d "$state/claimed.$RUN" ] && is_called_off; then untouched "the rollback has begun"; fi
goes_on
arm "$REVERT_AFTER" "$REVERT_BYTES" || { rm -rf "$state/armed"; unhook; untouched "cannot schedule the automatic rollback"; }
cp "$state/armed/revert.sh" "$set_dir/revert.sh"
journal "changing"
goes_on
swap "$here/list" || fail "cannot put the new files in place"
printf '%s\n' "$SYSCTLS" | while read -r key value; do
  [ -n "$key" ] || continue
  path=$ROOT/proc/sys/$(printf '%s' "$key" | tr './' '/.')
  printf '%s\n' "$value" >"$path" || exit 1
done || fail "cannot set the kernel's values"
printf '%s\n' "$FIREWALL" | while read -r opening; do
  [ -z "$opening" ] || eval "$opening" >&2 || exit 1
done || fail "cannot open the firewall"
# A rule file that does not load would leave the node without rules after a reboot.
for rules in /etc/nftables.conf /etc/sysconfig/nftables.conf; do
  if grep -q "^file .* firewall $rules\$" "$here/list" && [ -f "$rules" ]; then
    nft -c -f "$rules" || fail "nft does not accept $rules"
  fi
done
goes_on
if is_systemd; then systemctl daemon-reload || fail "systemd does not reload its units"; fi
for name in $ENABLE; do service_enable "$name" || fail "cannot enable $name"; done
for name in $DISABLE; do service_disable "$name" || fail "cannot disable $name"; done
# A daemon that was started since the plan was made, for example by its package, has not read the new files.
[ "$HAPROXY_ACTION" != start ] || HAPROXY_ACTION=restart
[ "$KEEPALIVED_ACTION" != start ] || KEEPALIVED_ACTION=restart
# haproxy first, because keepalived's checks test it.
goes_on
[ "$HAPROXY_ACTION" = none ] || service_do "$HAPROXY_ACTION" haproxy || fail "haproxy does not $HAPROXY_ACTION"
goes_on
[ "$KEEPALIVED_ACTION" = none ] || service_do "$KEEPALIVED_ACTION" keepalived ||
  fail "keepalived does not $KEEPALIVED_ACTION"
goes_on
journal "changed"

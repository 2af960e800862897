# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# A scheduled or interrupted rollback happens when the node boots, before the kernel's settings, the packet filter,
# haproxy and keepalived are started. The boot hook exists only while a rollback is scheduled.
boot_unit=$ROOT/etc/systemd/system/haops-revert.service
boot_link=$ROOT/etc/systemd/system/sysinit.target.wants/haops-revert.service
boot_script=$ROOT/etc/init.d/haops-revert

# The command is the same under systemd and init scripts; `claimed.*` are rollbacks that a power failure interrupted.
boot_command="for a in $ROOT/var/lib/haops/armed $ROOT/var/lib/haops/claimed.*; do [ ! -f \"\$a/revert.sh\" ] || sh \"\$a/revert.sh\" boot; done"

# boot_hook: fails if the node would not roll back at its next boot.
boot_hook() {
  if [ -d "$ROOT/run/systemd/system" ]; then
    mkdir -p "${boot_link%/*}" && cat >"$boot_unit.part" <<EOT && chmod 644 "$boot_unit.part" || return 1
[Unit]
Description=haops: go back from a change that was not confirmed
DefaultDependencies=no
RequiresMountsFor=/etc /var/lib/haops
After=local-fs.target systemd-remount-fs.service
Before=sysinit.target systemd-sysctl.service network-pre.target haproxy.service keepalived.service shutdown.target
Before=nftables.service netfilter-persistent.service iptables.service ip6tables.service firewalld.service haops-firewall.service
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart=/bin/sh -c '$(printf '%s' "$boot_command" | sed 's/\$/$$/g')'

[Install]
WantedBy=sysinit.target
EOT
    mv -f "$boot_unit.part" "$boot_unit" && ln -sf ../haops-revert.service "$boot_link" || return 1
    durable "$boot_unit"
  elif have rc-update && [ -x /sbin/openrc-run ]; then
    printf '#!/sbin/openrc-run\ndepend() { need localmount; before net sysctl iptables nftables haproxy keepalived; }\nstart() { %s; }\n' \
      "$boot_command" >"$boot_script" && chmod 755 "$boot_script" && rc-update --quiet add haops-revert boot >&2 || return 1
    durable "$boot_script"
  else
    mkdir -p "${boot_script%/*}" && cat >"$boot_script" <<EOT && chmod 755 "$boot_script" || return 1
#!/bin/sh
### BEGIN INIT INFO
# Provides: haops-revert
# Required-Start: \$local_fs
# Required-Stop:
# X-Start-Before: procps networking haproxy keepalived
# Default-Start: S
# Default-Stop:
# Short-Description: go back from a change that was not confirmed
### END INIT INFO
# chkconfig: 2345 01 99
# description: go back from a change that haops did not confirm
case \${1-} in start) $boot_command ;; esac
EOT
    durable "$boot_script"
    if [ -n "$ROOT" ]; then
      mkdir -p "$ROOT/etc/rcS.d" && ln -sf ../init.d/haops-revert "$ROOT/etc/rcS.d/S01haops-revert"
    elif have update-rc.d; then
      update-rc.d haops-revert defaults >&2
    elif have chkconfig; then
      chkconfig --add haops-revert >&2
    else
      # Without a tool to register it, link it into the directory of scripts that run before all runlevels.
      [ -d /etc/rcS.d ] && ln -sf ../init.d/haops-revert /etc/rcS.d/S01haops-revert
    fi
  fi
}

boot_unhook() {
  rm -f "$boot_link" "$boot_unit"
  rmdir "${boot_link%/*}" 2>/dev/null
  [ -f "$boot_script" ] || return 0
  if [ -z "$ROOT" ] && have rc-update; then
    rc-update --quiet del haops-revert boot
  elif [ -z "$ROOT" ] && have chkconfig; then
    chkconfig --del haops-revert
  fi >/dev/null 2>&1
  rm -f "$boot_script"
  for link in "$ROOT"/etc/rc?.d/[SK]??haops-revert; do [ ! -L "$link" ] || rm -f "$link"; done
}

# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Installs PACKAGES with the node's own package manager, without letting the daemons start: there is no
# configuration yet that haops stands for.
for name in $PACKAGES; do
  case $name in -* | *[!A-Za-z0-9.+:=~_-]*) fail "\`$name\` is no name of a package" ;; esac
done
journal "installing $PACKAGES"
policy=$ROOT/usr/sbin/policy-rc.d
install_apt() {
  # Debian starts what it installs unless this says no. It says no only while this shell lives, so that one
  # left behind by a lost machine does no harm.
  if [ -e "$policy" ] && ! grep -q 'haops' "$policy"; then mv "$policy" "$policy.before-haops"; fi
  cat >"$policy" <<EOF
#!/bin/sh
# by haops, while process $$ installs packages
case \${1%.service} in keepalived | haproxy) kill -0 $$ 2>/dev/null && exit 101 ;; esac
[ -x $policy.before-haops ] && exec $policy.before-haops "\$@"
exit 0
EOF
  chmod 755 "$policy"
  trap 'rm -f "$policy"; [ -e "$policy.before-haops" ] && mv "$policy.before-haops" "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  set -- apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=60 \
    install $PACKAGES
  # Old lists are good enough where they have it; they are fetched only when they do not.
  "$@" >&2 || { apt-get -q update >&2 && "$@" >&2; }
}
# shellcheck disable=SC2086
case $MANAGER in
  apt) install_apt ;;
  dnf | yum) "$MANAGER" -y -q install $PACKAGES >&2 ;;
  zypper) zypper --non-interactive --quiet install $PACKAGES >&2 ;;
  apk) apk add --quiet $PACKAGES >&2 ;;
  *) fail "there is no package manager that haops knows" ;;
esac </dev/null || fail "cannot install $PACKAGES"
journal "installed $PACKAGES"

# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Installs PACKAGES with the node's own package manager and prevents the daemons from starting, because haops'
# configuration is not in place yet.
for name in $PACKAGES; do
  case $name in -* | *[!A-Za-z0-9.+:=~_-]*) fail "\`$name\` is no name of a package" ;; esac
done
at_work
owns_lock || fail "this run has lost the node's lock"
journal "installing $PACKAGES"
said=$volatile/packages.$$
mkdir -p "$volatile" || fail "cannot make $volatile"
trap 'rm -f "$said"' EXIT
trap 'exit 1' HUP INT TERM

# manage CMD...: runs the package manager. Its questions get end of file. Its output goes to a file: a remaining
# background agent (gpg's) would keep a pipe open, and haops would wait for it.
manage() { "$@" </dev/null >>"$said" 2>&1; }

# anew CMD...: runs it again and discards the earlier output.
anew() {
  : >"$said"
  manage "$@"
}

# Seconds to wait for another installation in progress.
patience=60

# All functions below first use the existing package lists, and fetch new ones only if that fails. A failure to fetch
# some lists is ignored, because one dead repository among ten is usual.

install_apt() {
  # Debian starts installed services unless this file forbids it. It forbids it only while this step is at work, so a
  # file that is left over after a crash has no effect, and the next run removes it.
  forget_policy
  if [ -e "$policy" ]; then mv "$policy" "$policy.before-haops"; fi
  cat >"$policy" <<END
#!/bin/sh
# by haops, while its step installs packages:
step=$volatile/step.$$
case \${1%.service} in keepalived | haproxy) [ "\$(readlink "/proc/\${step##*.}/fd/8")" = "\$step" ] && exit 101 ;; esac
[ -x $policy.before-haops ] && exec $policy.before-haops "\$@"
exit 0
END
  chmod 755 "$policy"
  trap 'rm -f "$said" "$policy"; [ -e "$policy.before-haops" ] && mv "$policy.before-haops" "$policy"' EXIT
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  set -- apt-get -qq -y --no-install-recommends -o Dpkg::Options::=--force-confold \
    -o DPkg::Lock::Timeout="$patience" install $PACKAGES
  manage "$@" || { anew apt-get -qq update; manage "$@"; }
}

# dnf in all versions, and yum, which is the same program or its predecessor.
install_dnf() {
  # Weak dependencies are called recommended packages by apt. dnf would wait for a lock forever, so it is run again
  # instead: 200 means that another process holds the lock.
  set -- "$MANAGER" -y -q --setopt=install_weak_deps=False --setopt=exit_on_lock=True install $PACKAGES
  deadline=$(($(date +%s) + patience))
  while anew "$@"; status=$?; [ "$status" -eq 200 ] && [ "$(date +%s)" -lt "$deadline" ]; do sleep 1; done
  case $status in
    0 | 200) return "$status" ;;
    *) manage "$MANAGER" -q clean expire-cache; anew "$@" ;;
  esac
}

install_zypper() {
  # Only this variable makes libzypp wait for a lock.
  ZYPP_LOCK_TIMEOUT=$patience
  export ZYPP_LOCK_TIMEOUT
  # shellcheck disable=SC2086
  set -- zypper --non-interactive --quiet install --no-recommends $PACKAGES
  manage "$@" || zypper_means_done "$?" || {
    manage zypper --non-interactive --quiet refresh
    anew "$@"
  } || zypper_means_done "$?"
}

# zypper(8), "Exit codes": the packages are installed, but the machine or zypper needs a restart, or a repository was
# skipped, or a package's script failed, which is only a warning for dnf and yum.
zypper_means_done() { case $1 in 102 | 103 | 106 | 107) ;; *) return 1 ;; esac; }

# dnf prints the error first and then details; the other managers print the error last.
cause() {
  grep -v '^[[:space:]]*$' "$said" | case $MANAGER in dnf | yum) head -n 6 ;; *) tail -n 6 ;; esac
}

# shellcheck disable=SC2086
case $MANAGER in
  apt) install_apt ;;
  dnf | yum) install_dnf ;;
  zypper) install_zypper ;;
  apk) manage apk add --quiet $PACKAGES ;;
  *) fail "there is no package manager that haops knows" ;;
esac || {
  journal "$MANAGER did not install $PACKAGES"
  cause >&2
  exit 1
}
journal "installed $PACKAGES"

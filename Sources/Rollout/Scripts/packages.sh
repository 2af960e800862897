# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Installs PACKAGES with the node's own package manager, without letting the daemons start: there is no
# configuration yet that haops stands for.
for name in $PACKAGES; do
  case $name in -* | *[!A-Za-z0-9.+:=~_-]*) fail "\`$name\` is no name of a package" ;; esac
done
at_work
journal "installing $PACKAGES"
said=$volatile/packages.$$
mkdir -p "$volatile" || fail "cannot make $volatile"
trap 'rm -f "$said"' EXIT
trap 'exit 1' HUP INT TERM

# manage CMD...: the manager at work. Whatever it asks finds the end of its input. What it says goes to a file, as an
# agent that it leaves behind (gpg's) would keep a pipe open, and haops would wait for that.
manage() { "$@" </dev/null >>"$said" 2>&1; }

# anew CMD...: the same, and what was said before is forgotten.
anew() {
  : >"$said"
  manage "$@"
}

# So many seconds are waited for whoever else is just installing.
patience=60

# All of them below: old lists are good enough where they have it, and are fetched only when they do not. Whether every
# list could be fetched is not asked: one dead repository among ten is usual.

policy=$ROOT/usr/sbin/policy-rc.d
install_apt() {
  # Debian starts what it installs unless this says no. It says no only while this shell lives, so that one
  # left behind by a lost machine does no harm.
  if [ -e "$policy" ] && ! grep -q 'haops' "$policy"; then mv "$policy" "$policy.before-haops"; fi
  cat >"$policy" <<END
#!/bin/sh
# by haops, while process $$ installs packages
case \${1%.service} in keepalived | haproxy) kill -0 $$ 2>/dev/null && exit 101 ;; esac
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

# dnf of every generation, and yum, which is the same program or the one before it.
install_dnf() {
  # Weak dependencies are what apt calls recommended. A lock would be waited for without end, so it is tried again
  # instead: 200 means that somebody else holds it.
  # shellcheck disable=SC2086
  set -- "$MANAGER" -y -q --setopt=install_weak_deps=False --setopt=exit_on_lock=True install $PACKAGES
  deadline=$(($(date +%s) + patience))
  while anew "$@"; status=$?; [ "$status" -eq 200 ] && [ "$(date +%s)" -lt "$deadline" ]; do sleep 1; done
  case $status in
    0 | 200) return "$status" ;;
    *) manage "$MANAGER" -q clean expire-cache; anew "$@" ;;
  esac
}

install_zypper() {
  # zypper asks libzypp to wait for a lock only by this.
  ZYPP_LOCK_TIMEOUT=$patience
  export ZYPP_LOCK_TIMEOUT
  # shellcheck disable=SC2086
  set -- zypper --non-interactive --quiet install --no-recommends $PACKAGES
  manage "$@" || zypper_means_done "$?" || {
    manage zypper --non-interactive --quiet refresh
    anew "$@"
  } || zypper_means_done "$?"
}

# zypper(8), "Exit codes": installed, but the machine or zypper wants to be restarted, or a repository was skipped, or
# a package's script failed, which dnf and yum only warn of.
zypper_means_done() { case $1 in 102 | 103 | 106 | 107) ;; *) return 1 ;; esac; }

# dnf says first what is wrong and then all that it knows of it; the others come to the point at the end.
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

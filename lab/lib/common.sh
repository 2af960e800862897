# shellcheck shell=bash
# Names, paths, messages and waiting, which all parts of the lab use.

readonly LAB_CACHE=/var/lib/haops-lab
readonly LAB_RUN=/run/haops-lab

say() { printf 'lab: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
die_usage() { say "$*"; exit 64; }

# Chooses the lab; every namespace, path and cgroup below derives from its name.
lab_select() {
    [[ $1 =~ ^[a-z][a-z0-9-]{0,23}$ ]] ||
        die_usage "bad lab name \`$1\`: a lower-case letter, then letters, digits and dashes, 24 at most"
    lab=$1
    state=$LAB_RUN/$lab
}

# The mount of the kernel's cgroup2 tree. Each machine has its own cgroup there, because a cgroup can be frozen
# and killed as a whole.
cgroup_root() {
    local root target kind
    while read -r _ target kind _; do [[ $kind != cgroup2 ]] || { root=$target; break; }; done </proc/mounts
    [[ -n ${root-} ]] || {
        root=$LAB_RUN.cgroup
        mkdir -p "$root"
        mount -t cgroup2 cgroup2 "$root" || die "cannot mount cgroup2: the lab needs a kernel with it, and root"
    }
    printf '%s/haops-lab\n' "$root"
}

# Unmounts it, unless the lab did not mount it or another lab still uses it.
cgroup_root_drop() {
    rmdir "${lab_cgroup_path%/*}" 2>/dev/null || return 0
    [[ ${lab_cgroup_path} != "$LAB_RUN.cgroup/"* ]] || { umount "$LAB_RUN.cgroup" && rmdir "$LAB_RUN.cgroup"; }
}

# The cgroup of this lab; created if necessary.
lab_cgroup() {
    [[ -n ${lab_cgroup_path-} ]] || lab_cgroup_path=$(cgroup_root)/$lab
    [[ -d $lab_cgroup_path ]] || mkdir -p "$lab_cgroup_path"
}

# Only one command at a time may change a lab. Processes that outlive the command must close descriptor 9.
lab_lock() {
    local file=$LAB_RUN/$lab.lock
    until [[ $file -ef /dev/fd/9 ]]; do # `down` removes the file: a lock on a removed one is worth nothing
        mkdir -p "$LAB_RUN"
        exec 9>"$file"
        flock --wait 120 9 || die "another command is still at work on lab \`$lab\`"
    done
}

lab_is_up() { [[ -e $state/ready ]]; }
require_up() { lab_is_up || die "lab \`$lab\` is not up; start it with: lab/lab --name $lab up"; }
require_node() {
    [[ -n ${1-} ]] || die_usage "which node? one of: $(nodes | tr '\n' ' ')"
    grep -qxF -e "$1" "$state/machines" || die_usage "no node \`$1\`; there are: $(nodes | tr '\n' ' ')"
}

nodes() { cat "$state/machines"; }
balancers() { nodes | grep '^lb' || true; }

# Polls a command until it succeeds: await SECONDS WHAT CMD...
await() {
    local -i limit=$1 deadline
    local what=$2
    shift 2
    deadline="$(now_ms) + limit * 1000"
    until "$@" >/dev/null 2>&1; do
        (($(now_ms) < deadline)) || { say "gave up after $limit s: $what"; return 1; }
        pause
    done
}

now_ms() { printf '%s\n' "${EPOCHREALTIME/[.,]/}" | sed 's/...$//'; }

# Waits 20 ms without starting a process: reads with a timeout from a pipe that is never written.
pause() { read -rt 0.02 <> <(:) || true; }

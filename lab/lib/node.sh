# shellcheck shell=bash
# One machine: its disk, its power switch, and a console that needs no network.

readonly DISK_SIZE=256m # of each machine's own writable layer; small, so that it can be filled for real

node_dir() { printf '%s/nodes/%s\n' "$state" "$1"; }
node_cgroup() { lab_cgroup; printf '%s/%s\n' "$lab_cgroup_path" "$1"; }

# Creates a disk: the shared image below, a bounded tmpfs above, and on that the machine's own files.
disk_make() {
    local node=$1 dir root
    dir=$(node_dir "$node")
    root=$dir/root
    mkdir -p "$dir"/{disk,root,faults}
    mount -t tmpfs -o "size=$DISK_SIZE,mode=755" "haops-lab-$lab" "$dir/disk"
    mkdir "$dir/disk/upper" "$dir/disk/work"
    mount -t overlay -o "lowerdir=$image,upperdir=$dir/disk/upper,workdir=$dir/disk/work" "haops-lab-$lab" "$root"

    printf '%s\n' "$node" >"$root/etc/hostname"
    tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
    interfaces_file "$node" >"$root/etc/network/interfaces"
    hosts_file >"$root/etc/hosts"
    local type
    for type in ed25519 ecdsa; do
        ssh-keygen -q -t "$type" -N '' -C "root@$node" -f "$root/etc/ssh/ssh_host_${type}_key"
    done
    local home
    for home in root home/ops home/deploy; do
        install -d -m 700 "$root/$home/.ssh"
        install -m 600 "$state/id_ed25519.pub" "$root/$home/.ssh/authorized_keys"
    done
    chroot "$root" chown -R ops: /home/ops/.ssh
    chroot "$root" chown -R deploy: /home/deploy/.ssh
    printf 'ops:%s\n' "$(<"$state/ops.password")" | chroot "$root" chpasswd -c SHA512
    # What costs most of a login, and of every reload of systemd, and does nothing here.
    sed -i '/pam_motd/d' "$root/etc/pam.d/sshd"
    local unit generator
    install -d "$root/etc/systemd/system-generators"
    for generator in cryptsetup debug getty gpt-auto hibernate-resume integritysetup rc-local system-update veritysetup; do
        ln -s /dev/null "$root/etc/systemd/system-generators/systemd-$generator-generator"
    done
    for unit in $(units_of "$node"); do
        ln -s "/lib/systemd/system/$unit" "$root/etc/systemd/system/multi-user.target.wants/$unit"
    done
    [[ $node != scale ]] || install -m 644 "$here/image/sshd-scale.conf" "$root/etc/ssh/sshd_config.d/scale.conf"

    # The files that `reset` restores.
    cp -a "$dir/disk/upper" "$dir/seed"
}

units_of() { [[ $1 != web* ]] || echo nginx.service; }

hosts_file() {
    local node
    printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n'
    for node in control $(nodes); do printf '%s %s\n' "$(address_on adverts "$node")" "$node"; done
}

# Switches a machine on and returns at once. The script `machine` runs it.
power_on() {
    local node=$1
    mkdir -p "$(node_cgroup "$node")"
    setsid --fork "$here/machine" "$lab" "$node" </dev/null >>"$(node_dir "$node")/console.log" 2>&1 9>&-
    await 10 "\`$node\` to get power" has_power "$node"
}

# The cgroup of a machine that is off may be gone.
has_power() { [[ -d $(node_cgroup "$1") ]] && ! cgroup_is_empty "$(node_cgroup "$1")"; }

# Cuts the power: no process of the machine can stop regularly. Works on a frozen machine too.
power_off() {
    local cgroup
    cgroup=$(node_cgroup "$1")
    cgroup_kill "$cgroup"
    unplug "$1"
}

# Kills everything in a cgroup and below, waits for it, and removes the cgroup.
cgroup_kill() {
    [[ -d $1 ]] || return 0
    echo 1 >"$1/cgroup.kill"
    await 20 "the processes in $1 to die" cgroup_is_empty "$1"
    find "$1" -depth -type d -exec rmdir {} +
}
cgroup_is_empty() { grep -qx 'populated 0' "$1/cgroup.events"; }

# The machine's own process 1, as the host numbers it; fails when the machine is off.
leader() {
    local pid
    read -r pid <"$(node_cgroup "$1")/payload/init.scope/cgroup.procs" || return 1
    printf '%s\n' "$pid"
} 2>/dev/null

# Sets `way` to the words that run what follows them on a machine, as root, without its network or its sshd.
way_into() {
    local pid
    pid=$(leader "$1") || die "\`$1\` is off"
    way=(nsenter --target "$pid" --all -- /usr/bin/env -i HOME=/root TERM="${TERM:-dumb}"
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
}

# Runs a command on a machine. With a time limit, because a machine that shuts down first stops running commands.
on_node() {
    local -a way
    way_into "$1"
    timeout --kill-after=1 60 "${way[@]}" "${@:2}"
}

# Whether the machine is ready for an operator: it answers over ssh, and its boot is complete.
await_boot() {
    local node=$1 answer
    await 60 "ssh to \`$node\`" in_netns control ssh -F "$state/ssh_config" "$node" true || return 1
    answer=$(in_netns control ssh -F "$state/ssh_config" "$node" systemctl is-system-running --wait) || {
        say "\`$node\` is $answer:"
        on_node "$node" systemctl --no-pager --failed >&2
        return 1
    }
}

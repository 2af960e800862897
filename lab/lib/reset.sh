# shellcheck shell=bash
# Resets balancers to their initial state, faster than a reboot.

cmd_reset() {
    require_up
    lab_lock
    local node image
    local LC_ALL=C
    export LC_ALL
    image=$(findmnt --noheadings --output OPTIONS "$(node_dir "$(nodes | head -1)")/root" |
        sed 's/.*lowerdir=\([^,]*\).*/\1/')
    thaw_all
    # shellcheck disable=SC2046 # node names are words
    in_parallel revive $(nodes) || die "not every machine runs; lab/lab down and up is the way out"
    heal_all
    in_parallel reset_node $(balancers) || die "not every balancer is bare again; lab/lab down and up is"
    for node in control $(nodes); do ip -n "$(netns "$node")" neigh flush all; done
}

# Waits for a machine that is rebooting, and switches on one that is off.
revive() { await 60 "\`$1\` to run" revived "$1"; }
revived() {
    has_power "$1" || power_on "$1"
    [[ $(on_node "$1" timeout 5 systemctl is-system-running) =~ ^(running|degraded)$ ]]
}

reset_node() {
    end_sessions "$1"
    on_node "$1" bash -s <"$here/lib/bare-before" || return
    reset_links "$1" || return
    reset_disk "$1" || return
    on_node "$1" bash -s <"$here/lib/bare-after" || return
    reset_sysctls "$1"
}

# Ends all logins, including those of broken connections: everything in sshd's unit except sshd itself.
end_sessions() {
    local pid
    while read -r pid; do
        # A process that is ending is listed as 0, and `kill 0` would kill this script's process group.
        ((pid > 0)) || continue
        [[ $(tr '\0' ' ' <"/proc/$pid/cmdline") == *'[listener]'* ]] || kill -KILL "$pid"
    done <"$(node_cgroup "$1")/payload/system.slice/ssh.service/cgroup.procs" 2>/dev/null || true
}

# No interface and no address but its own.
reset_links() {
    local node=$1 space link network interface address
    space=$(netns "$node")
    for link in $(ip -n "$space" -o link show | sed -E 's/^[0-9]+: ([^:@]+).*/\1/'); do
        [[ $link =~ ^(lo|eth[01])$ ]] || ip -n "$space" link del dev "$link"
    done
    for network in $(networks_of "$node"); do
        interface=$(interface_on "$network")
        ip -n "$space" -o address show dev "$interface" scope global |
            awk '{ print $4 }' |
            grep -vxF -e "$(address_on "$network" "$node")/24" -e "$(address6_on "$network" "$node")/64" |
            while read -r address; do ip -n "$space" address del "$address" dev "$interface"; done || true
        ip -n "$space" link set dev "$interface" up
        ip -n "$space" address replace "$(address_on "$network" "$node")/24" dev "$interface"
        ip -n "$space" address replace "$(address6_on "$network" "$node")/64" dev "$interface" nodad
    done
    # Not behind a `grep -q`: it closes the pipe, and `ip` may end by SIGPIPE, which pipefail takes for "nothing found".
    ip -n "$space" address flush dev lo scope global 2>/dev/null || true
}

# Restores the files: compares the writable layer with its state before the first boot (the seed) and with the
# image below. Works through the mounted root, because the layers must not change while they are mounted. The
# journal and systemd's own state stay. Works on lists, because a process for each file would take a second.
reset_disk() {
    local node=$1 root upper seed path
    root=$(node_dir "$node")/root
    upper=$(node_dir "$node")/disk/upper
    seed=$(node_dir "$node")/seed
    local -a kept=(-path ./var/log -o -path ./var/lib/systemd -o -path ./run -o -path ./etc/resolv.conf) folders=()

    # Removes what was added or changed. What the seed has is unchanged as long as its time is.
    while IFS= read -r -d '' path; do
        [[ (-e $seed/$path || -L $seed/$path) && ! $upper/$path -nt $seed/$path && ! $upper/$path -ot $seed/$path ]] ||
            printf '%s\0' "$path"
    done < <(cd "$upper" && find . \( "${kept[@]}" \) -prune -o ! -type d ! -type c -print0) |
        (cd "$root" && xargs -0r rm -f --)
    while IFS= read -r -d '' path; do
        [[ -d $image/$path || -d $seed/$path ]] || printf '%s\0' "$path"
    done < <(cd "$upper" && find . \( "${kept[@]}" \) -prune -o -type d -print0) |
        (cd "$root" && xargs -0r rm -rf --)

    # Restores what the image or the seed has and the machine lacks.
    while IFS= read -r -d '' path; do
        [[ ! -d $image/$path ]] || folders+=("$path")
    done < <(cd "$upper" && find . \( "${kept[@]}" \) -prune -o -type d -print0)
    while IFS= read -r -d '' path; do
        chown --reference="$image/$path" "$root/$path"
        chmod --reference="$image/$path" "$root/$path"
    done < <(only_in_image modes_of)
    only_in_image entries_of | (cd "$image" && xargs -0r cp -a --parents --target-directory "$root" --)
    cp -a --update "$seed/." "$root/"
}

# The paths in what a function prints of `folders` in the image and not in the machine's root.
only_in_image() { comm -z -23 <(cd "$image" && "$1" | sort -z) <(cd "$root" && "$1" | sort -z) | cut -z -d ' ' -f 2-; }
modes_of() { printf '%s\0' "${folders[@]}" | xargs -0r stat --printf '%u:%g:%a %n\0'; }
entries_of() {
    # shellcheck disable=SC2016 # for the inner shell
    printf '%s\0' "${folders[@]}" | xargs -0r sh -c 'find "$@" -mindepth 1 -maxdepth 1 -printf "- %p\0"' sh
}

reset_sysctls() {
    local line
    while IFS= read -r line; do
        # A value that was empty cannot be written, and one that the kernel keeps to itself neither.
        on_node "$1" sysctl -qe -w "${line/:/=}" 2>/dev/null || true
    done < <(comm -23 "$(node_dir "$1")/sysctls" <(sysctls_of "$1"))
}
# The settings that can be changed, without read-only ones such as counters, one `path:value` a line.
sysctls_of() {
    # shellcheck disable=SC2016 # for the machine's shell
    on_node "$1" sh -c 'cd /proc/sys && find net/ipv4 net/ipv6 net/core -type f -perm -600 ! -name "*stable_secret" -exec grep -s . {} +' |
        LC_ALL=C sort || true
}

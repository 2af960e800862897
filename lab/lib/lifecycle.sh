# shellcheck shell=bash
# Starts and removes a lab.

cmd_image() {
    case ${1-} in
        '' | --force) image_ensure "${1-}" ;;
        *) die_usage "image takes --force or nothing" ;;
    esac
    printf '%s\n' "$image"
}

# Sets `image` to the root that the machines share, building it when it is missing or its recipe changed.
image_ensure() {
    local recipe
    recipe=$(cat "$here"/image/* | sha256sum | cut -c1-12)
    image=$LAB_CACHE/image-$recipe
    if [[ ! -d $image || ${1-} == --force ]]; then
        "$here/image/build" "$image" "${1-}" || die "cannot build the image"
    fi
}

cmd_up() {
    local -i balancers=2 backends=2 started
    while (($#)); do
        case $1 in
            --balancers) balancers=$(count "$@"); shift 2 ;;
            --backends) backends=$(count "$@"); shift 2 ;;
            *) die_usage "up takes --balancers N and --backends M, not \`$1\`" ;;
        esac
    done
    lab_is_up && { say "lab \`$lab\` is up already"; return 0; }
    image_ensure
    lab_lock
    lab_is_up && { say "lab \`$lab\` is up already"; return 0; }
    started=$(now_ms)
    tear_down # what an earlier `up` left when it was killed

    lab_cgroup
    # So that `down` finds this process and its children in any case.
    mkdir "$lab_cgroup_path/work"
    echo $$ >"$lab_cgroup_path/work/cgroup.procs"

    mkdir -p "$state"
    printf '%s\n' client "$(numbered lb "$balancers")" "$(numbered web "$backends")" >"$state/machines"
    keys_make
    modprobe -qa overlay veth bridge ip_tables ip6_tables nf_tables nf_conntrack 2>/dev/null || true
    room_for_watches
    switch_up
    control_up
    each_node disk_make
    known_hosts_write
    ssh_config_write
    env_write
    each_node boot_and_await || die "not every machine came up; see $state/nodes/*/console.log"
    touch "$state/ready"
    say "lab \`$lab\` is up after $(seconds_since "$started"): $(nodes | xargs)"
}

# Every machine's systemd watches a handful of files, and all machines count as one user to the kernel, whose
# usual limit of 128 is reached with two dozen of them. Left raised: another lab may depend on it.
room_for_watches() {
    local limit=/proc/sys/fs/inotify/max_user_instances
    (($(<"$limit") >= 4096)) || echo 4096 >"$limit"
}

boot_and_await() {
    power_on "$1" && await_boot "$1" || return
    # The state that `reset` restores; saved on the first boot only, before any change.
    [[ -e $(node_dir "$1")/sysctls ]] || sysctls_of "$1" >"$(node_dir "$1")/sysctls"
}

count() {
    [[ ${2-} =~ ^[1-9]$ ]] || die_usage "$1 takes a number from 1 to 9"
    echo "$2"
}
numbered() {
    local -i i
    for ((i = 1; i <= $2; i++)); do echo "$1$i"; done
}
seconds_since() { local -i ms; ms=$(now_ms)-$1; printf '%d.%d s\n' $((ms / 1000)) $((ms % 1000 / 100)); }

# Calls a function for every node in parallel; fails when one of them does.
each_node() {
    # shellcheck disable=SC2046 # node names are words
    in_parallel "$1" $(nodes)
}
in_parallel() {
    local work=$1 node failed=0
    shift
    local -a jobs=()
    for node; do
        "$work" "$node" &
        jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job" || failed=1; done
    return "$failed"
}

cmd_down() {
    lab_cgroup
    cgroup_kill "$lab_cgroup_path/work" # an `up` that is still at it, or what it left running
    lab_lock
    tear_down
    cgroup_root_drop
    rm -f "$LAB_RUN/$lab.lock"
    rmdir "$LAB_RUN" 2>/dev/null || true
    say "lab \`$lab\` is down"
}

# Finds everything by name and not by records, which may be incomplete.
tear_down() {
    local space target
    lab_cgroup
    cgroup_kill "$lab_cgroup_path"
    for space in /run/netns/"$(netns '')"*; do
        [[ ! -e $space ]] || ip netns del "${space##*/}"
    done
    while read -r target; do umount "$target"; done < <(
        findmnt --raw --noheadings --output TARGET | grep -F "$state/" | sort -r)
    rm -rf "$state"
    rmdir /run/systemd/nspawn/propagate/"haops-$lab-"* 2>/dev/null || true
}

cmd_status() {
    lab_is_up || { say "lab \`$lab\` is not up"; return 1; }
    local node
    printf '%-8s %-8s %-15s %-15s %s\n' NODE STATE ETH0 ETH1 FAULTS
    for node in $(nodes); do
        printf '%-8s %-8s %-15s %-15s %s\n' "$node" "$(node_state "$node")" "$(address_on adverts "$node")" \
            "$(if [[ $node == scale ]]; then echo "$SCALE_PREFIX"; else address_on service "$node"; fi)" \
            "$(faults_of "$node" | xargs)"
    done
    printf '\ncontrol  %s   ssh -F %s\n' "$(address_on adverts control)" "$state/ssh_config"
}
node_state() {
    if ! leader "$1" >/dev/null; then echo off
    elif is_frozen "$1"; then echo frozen
    else echo on
    fi
}

cmd_env() { require_up; cat "$state/lab.env"; }

cmd_run() {
    require_up
    (($#)) || die_usage "run what?"
    export HAOPS_LAB=$state
    exec nsenter --net="/run/netns/$(netns control)" -- "$@"
}

cmd_ssh() {
    require_up
    require_node "${1-}"
    exec nsenter --net="/run/netns/$(netns control)" -- ssh -F "$state/ssh_config" "$@"
}

cmd_console() {
    require_up
    require_node "${1-}"
    local node=$1
    shift
    (($#)) || set -- bash -l
    local -a way
    way_into "$node"
    exec "${way[@]}" "$@"
}

cmd_reboot() {
    require_up
    require_node "${1-}"
    lab_lock
    power_off "$1"
    boot_and_await "$1" || die "\`$1\` did not come back; see $(node_dir "$1")/console.log"
}

cmd_scale() {
    require_up
    lab_lock
    case ${1-} in
        up)
            if grep -qx scale "$state/machines"; then say "the scale node is up already"; return 0; fi
            image_ensure
            echo scale >>"$state/machines"
            disk_make scale
            known_hosts_write
            ssh_config_write
            env_write
            boot_and_await scale || die "the scale node did not come up; see $(node_dir scale)/console.log"
            ip -n "$(netns control)" route replace "$SCALE_PREFIX" via "$(address_on adverts scale)"
            await 10 "an answer from the far end of $SCALE_PREFIX" \
                in_netns control ssh -F "$state/ssh_config" 198.19.255.254 true
            ;;
        down)
            grep -qx scale "$state/machines" || return 0
            ip -n "$(netns control)" route del "$SCALE_PREFIX" 2>/dev/null || true
            power_off scale
            umount "$(node_dir scale)/root" "$(node_dir scale)/disk"
            rm -rf "$(node_dir scale)"
            sed -i '/^scale$/d' "$state/machines"
            known_hosts_write
            ssh_config_write
            env_write
            ;;
        *) die_usage "scale up, or scale down" ;;
    esac
}

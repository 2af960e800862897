# shellcheck shell=bash
# One key pair and one known_hosts per lab, and the files that point ssh, haops and tests to them.

keys_make() {
    [[ -e $state/id_ed25519 ]] ||
        ssh-keygen -q -t ed25519 -N '' -C "lab-$lab" -f "$state/id_ed25519"
    [[ -e $state/ops.password ]] ||
        (umask 077 && head -c 12 /dev/urandom | base64 | tr '+/' 'xy' >"$state/ops.password")
}

# Names and addresses under which a machine's host key is known.
known_as() {
    local node=$1 network
    printf '%s' "$node"
    for network in $(networks_of "$node"); do
        printf ',%s,%s' "$(address_on "$network" "$node")" "$(address6_on "$network" "$node")"
    done
    [[ $node != scale ]] || printf ',198.18.*,198.19.*'
    printf '\n'
}

known_hosts_write() {
    local node key
    for node in $(nodes); do
        for key in "$state/nodes/$node"/root/etc/ssh/ssh_host_*_key.pub; do
            printf '%s %s\n' "$(known_as "$node")" "$(cut -d' ' -f1,2 "$key")"
        done
    done >"$state/known_hosts.new"
    mv "$state/known_hosts.new" "$state/known_hosts"
}

ssh_config_write() {
    local node
    {
        for node in $(nodes); do
            printf 'Host %s\n    HostName %s\n\n' "$node" "$(address_on adverts "$node")"
        done
        cat <<EOF
Host *
    User root
    IdentityFile $state/id_ed25519
    IdentitiesOnly yes
    UserKnownHostsFile $state/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    UpdateHostKeys no
    ConnectTimeout 5
    LogLevel ERROR
EOF
    } >"$state/ssh_config"
}

env_write() {
    local node
    {
        printf 'LAB_NAME=%s\n' "$lab"
        printf 'LAB_STATE=%s\n' "$state"
        printf 'LAB_BALANCERS="%s"\n' "$(balancers | xargs)"
        printf 'LAB_BACKENDS="%s"\n' "$(nodes | grep '^web' | xargs)"
        printf 'LAB_NETNS=%s\n' "$(netns control)"
        printf 'LAB_KEY=%s\n' "$state/id_ed25519"
        printf 'LAB_KNOWN_HOSTS=%s\n' "$state/known_hosts"
        printf 'LAB_SSH_CONFIG=%s\n' "$state/ssh_config"
        printf 'LAB_OPS_PASSWORD_FILE=%s\n' "$state/ops.password"
        printf 'LAB_VIP=%s.50\nLAB_VIP6=%s50\n' "$SERVICE4" "$SERVICE6"
        printf 'LAB_SCALE=%s\n' "$SCALE_PREFIX"
        for node in control $(nodes); do
            printf 'LAB_%s=%s\n' "${node^^}" "$(address_on adverts "$node")"
            [[ $(networks_of "$node") != *service* ]] ||
                printf 'LAB_%s_SERVICE=%s\n' "${node^^}" "$(address_on service "$node")"
        done
    } >"$state/lab.env"
}

# shellcheck shell=bash
# Two networks, each a bridge, in their own namespace; a namespace per machine, and cables between them. No cable
# ends in the host's namespace, so the host cannot reach the lab's networks.

readonly ADVERTS4=198.51.100 ADVERTS6=2001:db8:51:: # eth0: management and VRRP
readonly SERVICE4=203.0.113 SERVICE6=2001:db8:203:: # eth1: the virtual addresses and the backends
readonly SCALE_PREFIX=198.18.0.0/15

netns() { printf 'haops.%s.%s\n' "$lab" "$1"; }
in_netns() {
    local where
    where=/run/netns/$(netns "$1")
    shift
    nsenter --net="$where" -- "$@"
}
on_switch() { ip -n "$(netns switch)" "$@"; }

# The last part of a machine's addresses, the same digits in IPv4 and IPv6.
host_part() {
    case $1 in
        control) echo 2 ;;
        client) echo 5 ;;
        lb?) echo $((10 + ${1#lb})) ;;
        web?) echo $((20 + ${1#web})) ;;
        scale) echo 200 ;;
        *) return 1 ;;
    esac
}
address_on() { # adverts|service NODE
    case $1 in
        adverts) printf '%s.%s\n' "$ADVERTS4" "$(host_part "$2")" ;;
        service) printf '%s.%s\n' "$SERVICE4" "$(host_part "$2")" ;;
    esac
}
address6_on() {
    case $1 in
        adverts) printf '%s%s\n' "$ADVERTS6" "$(host_part "$2")" ;;
        service) printf '%s%s\n' "$SERVICE6" "$(host_part "$2")" ;;
    esac
}
networks_of() {
    case $1 in
        control | scale) echo adverts ;;
        *) echo adverts service ;;
    esac
}
interface_on() { if [[ $1 == adverts ]]; then echo eth0; else echo eth1; fi; }

# The name of the switch's end of a machine's cable. At most 15 characters: "control.0".
port() { if [[ $1 == adverts ]]; then echo "$2.0"; else echo "$2.1"; fi; }

# Creates a namespace with the settings of a freshly booted kernel, because some are inherited from the host.
netns_add() {
    local space
    space=$(netns "$1")
    ip netns add "$space"
    # shellcheck disable=SC2016 # the inner shell expands it
    ip netns exec "$space" sh -c '
        for scope in all default; do
            cd /proc/sys/net/ipv4/conf/$scope
            for key in forwarding rp_filter arp_ignore arp_announce arp_filter proxy_arp; do echo 0 >$key; done
            # No duplicate address detection, so that addresses are usable at once: they are unique in the lab.
            echo 0 >/proc/sys/net/ipv6/conf/$scope/accept_dad
            echo 0 >/proc/sys/net/ipv6/conf/$scope/accept_ra
            echo 0 >/proc/sys/net/ipv6/conf/$scope/disable_ipv6
        done'
    ip -n "$space" link set dev lo up
}

switch_up() {
    netns_add switch
    in_netns switch sysctl -qw net.ipv6.conf.default.disable_ipv6=1
    local network
    for network in adverts service; do
        # Snooping would block VRRP's multicast, because no machine reports membership of the group.
        on_switch link add name "$network" type bridge mcast_snooping 0 forward_delay 0 stp_state 0
        on_switch link set dev "$network" up
    done
}

# Gives a machine a new namespace and its cables, as a reboot gives a machine a new kernel.
plug_in() {
    local node=$1 network interface
    unplug "$node"
    netns_add "$node"
    for network in $(networks_of "$node"); do
        interface=$(interface_on "$network")
        ip -n "$(netns "$node")" link add name "$interface" \
            address "$(printf '02:00:00:00:%02x:%02x' "${interface#eth}" "$(host_part "$node")")" \
            type veth peer name "$(port "$network" "$node")" netns "$(netns switch)"
        on_switch link set dev "$(port "$network" "$node")" master "$network" up
    done
}

unplug() {
    local network
    for network in $(networks_of "$1"); do
        on_switch link del dev "$(port "$network" "$1")" 2>/dev/null || true
    done
    ip netns del "$(netns "$1")" 2>/dev/null || true
}

# The operator's namespace: an address on the management network, and no other route.
control_up() {
    local space
    space=$(netns control)
    plug_in control
    ip -n "$space" address add "$(address_on adverts control)/24" dev eth0
    ip -n "$space" address add "$(address6_on adverts control)/64" dev eth0 nodad
    ip -n "$space" link set dev eth0 up
}

# Writes a machine's network configuration into Debian's usual file.
interfaces_file() {
    local node=$1 network interface
    printf 'auto lo\niface lo inet loopback\n'
    for network in $(networks_of "$node"); do
        interface=$(interface_on "$network")
        printf '\nauto %s\niface %s inet static\n    address %s/24\n' \
            "$interface" "$interface" "$(address_on "$network" "$node")"
        printf 'iface %s inet6 static\n    address %s/64\n    accept_ra 0\n    dad-attempts 0\n' \
            "$interface" "$(address6_on "$network" "$node")"
    done
    [[ $node != scale ]] || printf '\n    up ip route add local %s dev lo\n' "$SCALE_PREFIX"
}

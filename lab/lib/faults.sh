# shellcheck shell=bash
# Faults for machines, each with its repair. A fault returns once it has taken effect.

readonly FAULTS=(
    keepalived-stopped keepalived-killed-parent keepalived-killed-child keepalived-killed
    haproxy-stopped haproxy-killed
    interface-down cut-off partitioned isolated multicast-lost vrrp-lost
    vrrp-input-dropped vrrp-output-dropped vrrp-xdp-dropped vrrp-tcx-dropped
    frozen powered-off disk-full sshd-stopped backend-down
)

about() {
    case $1 in
        keepalived-stopped) echo "stopped in good order: it says farewell with priority 0 and removes its addresses" ;;
        keepalived-killed-parent) echo "kill -9 of the main process; systemd then ends the child in good order" ;;
        keepalived-killed-child) echo "kill -9 of the VRRP process; the main process starts another one" ;;
        keepalived-killed) echo "kill -9 of both processes: no farewell, and its addresses stay behind" ;;
        haproxy-stopped) echo "stopped: nothing listens any more" ;;
        haproxy-killed) echo "kill -9 of all its processes; its unit starts it again at once" ;;
        interface-down) echo "eth1, or interface-down:eth0, set down inside the machine" ;;
        cut-off) echo "both cables pulled, or cut-off:adverts (eth0), cut-off:service (eth1): no carrier" ;;
        partitioned) echo "the switch forwards nothing to or from it, carrier stays; also :adverts, :service" ;;
        isolated) echo "the switch carries nothing on eth0 between it and other isolated machines; all else passes" ;;
        multicast-lost) echo "the switch gives it no multicast on eth0; unicast works" ;;
        vrrp-lost) echo "the switch gives it no VRRP on eth0, multicast or unicast; all else passes" ;;
        vrrp-input-dropped) echo "its own firewall drops incoming VRRP" ;;
        vrrp-output-dropped) echo "its own firewall drops outgoing VRRP" ;;
        vrrp-xdp-dropped) echo "a program of eBPF on eth0 drops incoming VRRP" ;;
        vrrp-tcx-dropped) echo "the same at the hook tcx, which a process holds; kernels from 6.6 on" ;;
        frozen) echo "no process of it runs, its kernel still answers ping and ARP" ;;
        powered-off) echo "its power is cut, and it stays off" ;;
        disk-full) echo "no byte left to write on its root file system" ;;
        sshd-stopped) echo "new connections are refused; whoever is logged in stays" ;;
        backend-down) echo "the web server of a backend is stopped" ;;
    esac
}

cmd_faults() {
    local name
    for name in "${FAULTS[@]}"; do printf '%-26s %s\n' "$name" "$(about "$name")"; done
}

faults_of() { ls -A "$(node_dir "$1")/faults"; }

# Splits NAME[:ARG] into `fault` and `arg`, and refuses invalid ones.
parse_fault() {
    fault=${1%%:*} arg=
    [[ -n $(about "$fault") ]] || die_usage "no fault \`$fault\`; lab/lab faults lists them"
    [[ $1 != *:* ]] || arg=${1#*:}
    case $fault:$arg in
        interface-down:) arg=eth1 ;;
        interface-down:eth[01] | cut-off: | partitioned: | *:) ;;
        cut-off:adverts | cut-off:service | partitioned:adverts | partitioned:service) ;;
        *) die_usage "\`$fault\` takes no \`:$arg\`" ;;
    esac
}

cmd_fault() {
    require_up
    (($# == 2)) || die_usage "fault NAME NODE"
    require_node "$2"
    local fault arg node=$2 record
    parse_fault "$1"
    lab_lock
    record=$(node_dir "$node")/faults/$fault${arg:+:$arg}
    [[ ! -e $record ]] || { say "\`$node\` has ${record##*/} already"; return 0; }
    # Recorded first, so that a partially made fault is healed as well.
    touch "$record"
    ("fault_${fault//-/_}" "$node" "$arg") || { rm "$record"; die "cannot make $fault on \`$node\`"; }
}

cmd_heal() {
    require_up
    [[ ${1-} != all ]] || { lab_lock; heal_all; return; }
    (($# == 2)) || die_usage "heal NAME NODE, or heal all"
    require_node "$2"
    local fault arg
    parse_fault "$1"
    lab_lock
    heal "$2" "$fault${arg:+:$arg}"
}

# First, because nothing else can be healed on a machine that is frozen or off.
thaw_all() {
    local node
    for node in $(nodes); do
        heal "$node" frozen
        heal "$node" powered-off
    done
}

heal_all() {
    local node name
    thaw_all
    for node in $(nodes); do
        for name in $(faults_of "$node"); do heal "$node" "$name"; done
    done
}

heal() {
    local node=$1 fault arg record
    record=$(node_dir "$node")/faults/$2
    [[ -e $record ]] || return 0
    parse_fault "$2"
    ("heal_${fault//-/_}" "$node" "$arg") || die "cannot heal $2 on \`$node\`"
    rm -f "$record" # a boot removes some itself
}

# A power cycle keeps faults of cables and of the disk; all others are gone.
faults_outlive_boot() {
    local name fault arg
    for name in $(faults_of "$1"); do
        parse_fault "$name"
        case $fault in
            cut-off | partitioned | isolated | multicast-lost | vrrp-lost) "fault_${fault//-/_}" "$1" "$arg" ;;
            disk-full) ;;
            *) rm "$(node_dir "$1")/faults/$name" ;;
        esac
    done
}

unit() { local node=$1; shift; on_node "$node" systemctl "$@"; }
runs() { unit "$1" is-active --quiet "$2"; }
rests() { [[ $(unit "$1" show --property ActiveState --value "$2") =~ ^(inactive|failed)$ ]]; }
require_running() { runs "$1" "$2" || die "$2 does not run on \`$1\`"; }
stop_running() { require_running "$1" "$2" && unit "$1" stop "$2"; }
start_again() {
    unit "$1" reset-failed "$2" 2>/dev/null || true # a unit that never failed has nothing to reset
    unit "$1" start "$2"
}
main_pid() { unit "$1" show --property MainPID --value "$2"; }

fault_keepalived_stopped() { stop_running "$1" keepalived; }
heal_keepalived_stopped() { start_again "$1" keepalived; }

fault_keepalived_killed_parent() {
    require_running "$1" keepalived
    unit "$1" kill --kill-whom=main --signal=KILL keepalived
    await 10 "keepalived to be gone from \`$1\`" rests "$1" keepalived
}
heal_keepalived_killed_parent() { start_again "$1" keepalived; }

fault_keepalived_killed_child() {
    require_running "$1" keepalived
    local child
    child=$(vrrp_child "$1") || die "keepalived has no VRRP process on \`$1\`"
    on_node "$1" kill -KILL "$child"
    await 10 "keepalived to start another child on \`$1\`" has_other_child "$1" "$child"
}
vrrp_child() { on_node "$1" pgrep --newest --parent "$(main_pid "$1" keepalived)"; }
has_other_child() { local child; child=$(vrrp_child "$1") && [[ $child != "$2" ]]; }
heal_keepalived_killed_child() { :; }

fault_keepalived_killed() {
    require_running "$1" keepalived
    # The main process is stopped while its child is killed. So it cannot start another child, and it does not die
    # first, after which the kernel would ask the child to stop regularly.
    local child
    child=$(vrrp_child "$1")
    unit "$1" kill --kill-whom=main --signal=STOP keepalived
    on_node "$1" kill -KILL "$child"
    unit "$1" kill --kill-whom=main --signal=KILL keepalived
    await 10 "keepalived to be gone from \`$1\`" rests "$1" keepalived
}
heal_keepalived_killed() { start_again "$1" keepalived; }

fault_haproxy_stopped() { stop_running "$1" haproxy; }
heal_haproxy_stopped() { start_again "$1" haproxy; }

fault_haproxy_killed() {
    require_running "$1" haproxy
    local before
    before=$(main_pid "$1" haproxy)
    unit "$1" kill --kill-whom=all --signal=KILL haproxy
    await 10 "the end of haproxy $before on \`$1\`" has_other_main "$1" haproxy "$before"
}
has_other_main() { [[ $(main_pid "$1" "$2") != "$3" ]]; }
heal_haproxy_killed() { await 10 "haproxy on \`$1\`" runs "$1" haproxy; }

fault_backend_down() { stop_running "$1" nginx; }
heal_backend_down() { start_again "$1" nginx; }

fault_sshd_stopped() { stop_running "$1" ssh; }
heal_sshd_stopped() { start_again "$1" ssh; }

fault_interface_down() { ip -n "$(netns "$1")" link set dev "$2" down; }
heal_interface_down() {
    local network=adverts
    [[ $2 == eth0 ]] || network=service
    ip -n "$(netns "$1")" link set dev "$2" up
    # The kernel removed the IPv6 address when the interface went down.
    ip -n "$(netns "$1")" address replace "$(address6_on "$network" "$1")/64" dev "$2" nodad
}

# each_port NODE adverts|service|'' ARGS...: `ip link set dev PORT ARGS` at the switch.
each_port() {
    local node=$1 network
    for network in ${2:-$(networks_of "$node")}; do
        on_switch link set dev "$(port "$network" "$node")" "${@:3}"
    done
}
fault_cut_off() { each_port "$1" "$2" down; }
heal_cut_off() { each_port "$1" "$2" up; }

fault_partitioned() { each_port "$1" "$2" nomaster; }
heal_partitioned() {
    local network
    for network in ${2:-$(networks_of "$1")}; do each_port "$1" "$network" master "$network"; done
}

fault_isolated() { on_switch_bridge link set dev "$(port adverts "$1")" isolated on; }
heal_isolated() { on_switch_bridge link set dev "$(port adverts "$1")" isolated off; }
on_switch_bridge() { bridge -n "$(netns switch)" "$@"; }

fault_multicast_lost() { on_switch link set dev "$(port adverts "$1")" type bridge_slave mcast_flood off; }
heal_multicast_lost() { on_switch link set dev "$(port adverts "$1")" type bridge_slave mcast_flood on; }

fault_vrrp_lost() {
    local port
    port=$(port adverts "$1")
    tc -n "$(netns switch)" qdisc replace dev "$port" clsact || return
    # Classic BPF: drops IPv4 and IPv6 of protocol 112. It needs no module of tc's actions.
    tc -n "$(netns switch)" filter add dev "$port" egress bpf da bytecode \
        '9,40 0 0 12,21 0 2 2048,48 0 0 23,21 3 4 112,21 0 3 34525,48 0 0 20,21 0 1 112,6 0 0 2,6 0 0 0'
}
heal_vrrp_lost() { tc -n "$(netns switch)" qdisc del dev "$(port adverts "$1")" clsact; }

# filter NODE -I|-D CHAIN NAME
filter() {
    local tool
    for tool in iptables ip6tables; do
        on_node "$1" "$tool" --wait 5 "$2" "$3" --protocol vrrp \
            --match comment --comment "lab: $4" --jump DROP || return
    done
}
fault_vrrp_input_dropped() { filter "$1" -I INPUT vrrp-input-dropped; }
heal_vrrp_input_dropped() { filter "$1" -D INPUT vrrp-input-dropped; }
fault_vrrp_output_dropped() { filter "$1" -I OUTPUT vrrp-output-dropped; }
heal_vrrp_output_dropped() { filter "$1" -D OUTPUT vrrp-output-dropped; }

# From outside: a container may not load programs of eBPF.
fault_vrrp_xdp_dropped() {
    local object status=0
    object=$(mktemp)
    base64 -d "$here/lib/drop-vrrp.o.gz.base64" | gunzip >"$object"
    ip netns exec "$(netns "$1")" ip link set dev eth0 xdp obj "$object" sec xdp || status=$?
    rm "$object"
    return "$status"
}
heal_vrrp_xdp_dropped() { ip -n "$(netns "$1")" link set dev eth0 xdp off; }

# A process of the machine holds the program, as an agent of a container network does.
fault_vrrp_tcx_dropped() {
    local index
    local -a way
    index=$(ip -n "$(netns "$1")" -o link show dev eth0 | cut -d: -f1)
    way_into "$1"
    "${way[@]}" setsid --fork perl - "$index" /run/drop-vrrp-tcx.pid <"$here/lib/drop-vrrp-tcx.pl" 9>&-
    await 10 "the program on eth0 of \`$1\`" on_node "$1" test -s /run/drop-vrrp-tcx.pid
}
heal_vrrp_tcx_dropped() {
    on_node "$1" sh -c 'kill "$(cat /run/drop-vrrp-tcx.pid)"; rm -f /run/drop-vrrp-tcx.pid'
}

fault_frozen() {
    echo 1 >"$(node_cgroup "$1")/payload/cgroup.freeze"
    await 10 "\`$1\` to freeze" is_frozen "$1"
}
heal_frozen() { echo 0 >"$(node_cgroup "$1")/payload/cgroup.freeze"; }
is_frozen() { grep -qx 'frozen 1' "$(node_cgroup "$1")/payload/cgroup.events"; }

fault_powered_off() { power_off "$1"; }
heal_powered_off() { has_power "$1" || boot_and_await "$1"; }

# Fills the layer below the machine's root file system, with a file that the machine does not see.
fault_disk_full() {
    local filler
    filler=$(node_dir "$1")/disk/filler
    dd if=/dev/zero of="$filler" bs=1M status=none 2>/dev/null || [[ -s $filler ]]
}
heal_disk_full() { rm -f "$(node_dir "$1")/disk/filler"; }

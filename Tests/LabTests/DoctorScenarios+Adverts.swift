import Checks
import HaopsTestSupport
import Testing

/// Two masters, each because adverts are lost in another way: on a node, in its kernel, before its daemon or at its sender.
extension DoctorScenario {
    static let advertCauses: [DoctorScenario] = [
        // cases/field 03
        blocked(.firewallInput, "raw table", "iptables -t raw -A PREROUTING -d 224.0.0.0/4 -j DROP"),
        blocked(.firewallInput, "mangle table", "iptables -t mangle -A INPUT -p vrrp -j DROP"),
        blocked(
            .firewallInput, "a condition that only its counter proves",
            "iptables -A INPUT -i eth0 -m length --length 0:60 -d 224.0.0.0/4 -j DROP"),
        blocked(
            .firewallInput, "nftables, prerouting",
            "nft add table ip a; nft 'add chain ip a pre { type filter hook prerouting priority -300; }'; nft add rule ip a pre ip daddr 224.0.0.0/8 counter drop"
        ),
        blocked(
            .firewallInput, "nftables, ingress",
            "nft add table netdev a; nft 'add chain netdev a in { type filter hook ingress device eth0 priority 0; }'; nft add rule netdev a in ip protocol 112 drop"
        ),
        blocked(
            .firewallOutput, "mangle table", "iptables -t mangle -A POSTROUTING -d 224.0.0.18/32 -j DROP",
            on: "lb1"),
        blocked(
            .firewallOutput, "nftables beside another table",
            "nft add table inet a; nft 'add chain inet a out { type filter hook output priority 10; }'; nft add rule inet a out ip protocol vrrp drop; iptables -P OUTPUT ACCEPT",
            on: "lb1"),
        blocked(
            .splitBrain, "a program that cannot be read",
            "tc qdisc replace dev eth0 clsact && tc filter add dev eth0 ingress bpf da bytecode '4,48 0 0 23,21 0 1 112,6 0 0 2,6 0 0 0'",
            mend: "tc qdisc del dev eth0 clsact"),
        blocked(
            .reversePath, "",
            "sysctl -w net.ipv4.conf.eth0.rp_filter=1; ip route replace 198.51.100.11/32 dev eth1",
            mend: "ip route del 198.51.100.11/32"),
        blocked(
            .sendFails, "a rule without a counter, whose condition is not evaluated",
            "nft add table inet a; nft 'add chain inet a out { type filter hook output priority 0; }'; nft add rule inet a out meta l4proto tcp accept; nft add rule inet a out meta length 0-60 drop",
            on: "lb1"),
        DoctorScenario(
            cause: .unicastPath, variant: "", write: { $0.useUnicast() },
            act: { lab in try await lab.fault("vrrp-lost", "lb2") }, seen: split),
        // cases/field 01
        DoctorScenario(
            cause: .listenAddress, variant: "IPv6 unicast without unicast_src_ip",
            write: { pair in
                pair.both {
                    $0.instance.addresses = ["2001:db8:203::50/64 dev eth1"]
                    $0.instance.interval = "1"
                }
                pair.lb1.instance.more = ["unicast_peer {\n2001:db8:51::12\n}"]
                pair.lb2.instance.more = ["unicast_peer {\n2001:db8:51::11\n}"]
            }, stands: [],
            seen: ["lb1", "lb2"].map { ($0, "ip -o addr show to 2001:db8:203::50 | grep -q .") }),
        DoctorScenario(
            cause: .listenAddress, variant: "two groups",
            write: { $0.lb2.preamble = "global_defs {\nvrrp_mcast_group4 224.0.0.99\n}\n" }, stands: [],
            seen: split),
        // cases/field 06
        DoctorScenario(
            cause: .sourceAbsent, variant: "",
            write: { pair in
                pair.both { $0.instance.interface = "eth1" }
                pair.lb1.instance.unicast = ("203.0.113.11", ["203.0.113.12"])
                pair.lb2.instance.unicast = ("203.0.113.12", ["203.0.113.11"])
            },
            act: { lab in
                try await lab.eventually("ip address del 203.0.113.12/24 dev eth1", on: "lb2")
            }, seen: split),
        DoctorScenario(
            cause: .sourceAbsent, variant: "copied from the other node",
            write: { pair in
                pair.useUnicast()
                pair.lb2.instance.unicast?.source = "198.51.100.11"
            }),
        // cases/field 07
        DoctorScenario(
            cause: .otherInterface, variant: "unicast between loopback addresses",
            write: { pair in
                pair.lb2.instance.interface = "eth1"
                pair.lb1.instance.unicast = ("192.0.2.1", ["192.0.2.2"])
                pair.lb2.instance.unicast = ("192.0.2.2", ["192.0.2.1"])
                pair.lb1.before =
                    "ip address replace 192.0.2.1/32 dev lo; ip route replace 192.0.2.2/32 via 198.51.100.12"
                pair.lb2.before =
                    "ip address replace 192.0.2.2/32 dev lo; ip route replace 192.0.2.1/32 via 203.0.113.11"
            }, stands: [], seen: split,
            mend: { lab in
                try await lab.eventually("ip route del 192.0.2.2/32", on: "lb1")
                try await lab.eventually("ip route del 192.0.2.1/32", on: "lb2")
            }),
        DoctorScenario(
            cause: .otherInterface, variant: "multicast on two networks",
            write: { $0.lb2.instance.interface = "eth1" }, stands: [], seen: split),
        DoctorScenario(
            cause: .advertLinkDown, variant: "dont_track_primary",
            write: { pair in
                pair.both {
                    $0.instance.interface = "eth1"
                    $0.instance.addresses = ["203.0.113.50/24 dev eth1 no_track"]
                    $0.instance.more.append("dont_track_primary")
                }
            },
            act: { lab in try await lab.fault("cut-off:service", "lb1") }, seen: split),
        // cases/field 09
        stalled("the owner's process is stopped", on: "lb1", by: stop, seen: split),
        stalled("the BACKUP's process is stopped", on: "lb2", by: stop, seen: []),
        stalled(
            "a frozen control group", on: "lb1", by: "systemctl freeze keepalived",
            mend: "systemctl thaw keepalived",
            seen: split),
        DoctorScenario(
            cause: .unaskedNode, variant: "a second MASTER",
            act: { lab in
                try await lab.eventually("iptables -A INPUT -p vrrp -j DROP", on: "lb3")
                try await third(priority: 50, on: lab)
            }, seen: [("lb3", DoctorPair.holds)], needsThree: true),
    ]

    static let advertsWell: [DoctorScenario] = [
        DoctorScenario(
            variant: "rp_filter, and rules about other packets in every table",
            write: { pair in
                pair.both {
                    $0.before = """
                        sysctl -w net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.eth0.rp_filter=1
                        iptables -t raw -A PREROUTING -d 224.0.0.251/32 -j DROP
                        iptables -t mangle -A PREROUTING -m rpfilter --invert -j DROP
                        nft add table netdev a
                        nft 'add chain netdev a in { type filter hook ingress device eth1 priority 0; }'
                        nft add rule netdev a in ip protocol 112 drop
                        """
                }
            }),
        DoctorScenario(
            variant: "unicast from a second address, on one node",
            write: { pair in
                pair.lb1.before = "ip address replace 198.51.100.111/24 dev eth0"
                pair.lb1.instance.unicast = ("198.51.100.111", ["198.51.100.12"])
                pair.lb2.instance.unicast = ("198.51.100.12", ["198.51.100.111"])
            }),
        DoctorScenario(
            variant: "a third node that is not asked",
            act: { lab in try await third(priority: 50, on: lab) },
            seen: [("lb3", "journalctl -u keepalived | grep -q 'Entering BACKUP'")], needsThree: true),
    ]

    /// The VRRP process and not its parent.
    private static let stop = "kill -STOP $(pgrep -P $(systemctl show -p MainPID --value keepalived))"

    /// Something that one node does with adverts.
    private static func blocked(
        _ cause: DoctorID, _ variant: String, _ command: String, on node: String = "lb2",
        mend: String = "true"
    ) -> DoctorScenario {
        DoctorScenario(
            cause: cause, variant: variant,
            act: { lab in try await lab.eventually(command, on: node) }, seen: split,
            mend: { lab in try await lab.eventually(mend, on: node) })
    }

    private static func stalled(
        _ variant: String, on node: String, by command: String, mend: String = "pkill -CONT keepalived",
        seen: [Sight]
    ) -> DoctorScenario {
        DoctorScenario(
            cause: .daemonStalled, variant: variant,
            act: { lab in try await lab.eventually(command, on: node) }, seen: seen,
            mend: { lab in try await lab.eventually(mend, on: node) })
    }

    /// Another node of the same virtual router, on lb3.
    private static func third(priority: Int, on lab: LabFixture) async throws {
        let third = DoctorPair.Instance(priority: priority)
        try await lab.put(third.text, at: "/etc/keepalived/keepalived.conf", on: "lb3")
        try await lab.eventually("systemctl start keepalived", on: "lb3")
    }
}

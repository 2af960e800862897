import Checks
import HaopsTestSupport
import Testing

/// Addresses that are held and claimed by one node, and what becomes of a request for them.
extension DoctorScenario {
    static let answerCauses: [DoctorScenario] = [
        answer(.vipQuietInterface, "dark", "on lo, arp_ignore") { pair in
            pair.both {
                $0.before = "sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2"
                $0.instance.addresses = ["203.0.113.50/32 dev lo"]
                // They know the web servers, and so can tell that they hear somebody.
                $0.haproxy = DoctorPair.proxy()
            }
        },
        answer(.vipQuietInterface, "dark", "on the other interface, arp_ignore") { pair in
            pair.both {
                $0.before = "sysctl -w net.ipv4.conf.all.arp_ignore=1"
                $0.instance.addresses = ["203.0.113.50/32 dev eth0"]
                $0.haproxy = DoctorPair.proxy()
            }
        },
        answer(.vipQuietInterface, "dark", "IPv6 on lo") { pair in
            pair.both { $0.instance.addresses = ["2001:db8:203::50/128 dev lo"] }
        } stands: {
            [("lb1", "ip -o addr show to 2001:db8:203::50 | grep -q .")]
        },
        // keepalived would notice by itself, but for `no_track`.
        DoctorScenario(
            cause: .vipLinkDown, variant: "cable pulled",
            write: { pair in
                pair.both {
                    $0.instance.addresses = ["203.0.113.50/24 dev eth1 no_track"]
                    $0.haproxy = DoctorPair.proxy()
                }
            },
            act: { lab in try await lab.fault("cut-off:service", "lb1") }, verdict: "dark"),
        answer(.serviceNetworkSplit, "dark", "the owner's switch port") { lab in
            try await lab.fault("partitioned:service", "lb1")
        },
        answer(.vipForeignHolder, "contested", "another machine has it") { lab in
            try await lab.eventually("ip address add 203.0.113.50/24 dev eth1", on: "web1")
        } mend: { lab in
            try await lab.eventually("ip address del 203.0.113.50/24 dev eth1", on: "web1")
            try await lab.eventually("ip neigh flush all", on: "client")
        },
        answer(.vipProxyARP, "contested", "the standby answers") { lab in
            try await lab.eventually(
                """
                ip route replace 203.0.113.50/32 dev eth0
                sysctl -w net.ipv4.conf.eth1.forwarding=1 net.ipv4.conf.eth1.proxy_arp=1 net.ipv4.neigh.eth1.proxy_delay=0
                """, on: "lb2")
        } mend: { lab in
            try await lab.eventually("ip route del 203.0.113.50/32 dev eth0", on: "lb2")
        } hasObserver: {
            true
        },
        answer(.clonedMAC, nil, "a copied machine") { lab in
            try await lab.eventually(
                "ip link set eth1 down; ip link set eth1 address 02:00:00:00:01:0b; ip link set eth1 up",
                on: "lb2")
        } mend: { lab in
            try await lab.reboot("lb2")
        },
        answer(.vipPortFiltered, "dark", "on one node") { lab in
            try await lab.eventually("iptables -A INPUT -p tcp --dport 80 ! -i lo -j DROP", on: "lb1")
        },
        answer(.haproxyMute, "dark", "its worker is stopped") { lab in
            try await lab.eventually(
                "kill -STOP $(pgrep -P $(systemctl show -p MainPID --value haproxy))", on: "lb1")
        } mend: { lab in
            try await lab.eventually("pkill -CONT haproxy", on: "lb1")
        },
    ]

    static let answeringWell: [DoctorScenario] = [
        DoctorScenario(
            variant: "the address on lo as well, arp_ignore",
            write: { pair in
                pair.both {
                    $0.before = """
                        sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
                        ip address add 203.0.113.50/32 dev lo label lo:0
                        """
                }
            },
            stands: [("lb1", "ip -o addr show dev eth1 to \(DoctorPair.vip)/32 | grep -q .")],
            verdict: "owned"),
        DoctorScenario(
            variant: "the standby is not in the address's network",
            write: { $0.lb2.before = "ip address flush dev eth1" }, verdict: "owned"),
        DoctorScenario(
            variant: "haproxy serves, and every port answers",
            write: { $0.both { $0.haproxy = DoctorPair.proxy(bind: ":80,:81") } }, verdict: "owned"),
    ]

    /// A pair with haproxy that is well until `act`.
    private static func answer(
        _ cause: DoctorID, _ verdict: String?, _ variant: String,
        act: @escaping @Sendable (LabFixture) async throws -> Void,
        mend: @escaping @Sendable (LabFixture) async throws -> Void = { _ in },
        hasObserver: () -> Bool = { false }
    ) -> DoctorScenario {
        DoctorScenario(
            cause: cause, variant: variant, write: { $0.both { $0.haproxy = DoctorPair.proxy() } },
            stands: [
                ("lb1", DoctorPair.holds), ("lb2", DoctorPair.holdsNot),
                ("client", HandMadePair.answers),
            ], act: act, hasObserver: hasObserver(), mend: mend, verdict: verdict)
    }

    /// A pair that is written so.
    private static func answer(
        _ cause: DoctorID, _ verdict: String, _ variant: String,
        write: @escaping @Sendable (inout DoctorPair) -> Void,
        stands: () -> [Sight] = { [("lb1", DoctorPair.holds), ("lb2", DoctorPair.holdsNot)] }
    ) -> DoctorScenario {
        DoctorScenario(cause: cause, variant: variant, write: write, stands: stands(), verdict: verdict)
    }

    /// Of an observed cluster of these nodes.
    static func inventory(_ nodes: [String]) -> String {
        let address = { (name: String) in "198.51.100.1\(name.dropFirst(2))" }
        return """
            haops: 1
            ssh: { user: root }
            clusters:
              web:
                nodes:
            \(nodes.map { "      \($0): { address: \(address($0)) }" }.joined(separator: "\n"))
                observers:
                  client: { address: 198.51.100.5 }

            """
    }
}
